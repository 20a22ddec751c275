/** Looks, and so many seconds after each look again, while somebody has the page in sight; returns what ends it. */
export function repeat(everySeconds: number, look: (signal: AbortSignal) => Promise<void>): () => void {
  const controller = new AbortController();
  let timer: number;
  async function round() {
    if (!document.hidden) await look(controller.signal);
    if (!controller.signal.aborted) timer = window.setTimeout(round, everySeconds * 1000);
  }
  round();
  return () => {
    controller.abort();
    clearTimeout(timer);
  };
}
