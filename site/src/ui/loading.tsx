import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { asRefusal } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { Problem } from "./problem.tsx";

export interface Loaded<T> {
  value: T | undefined;
  refusal: Refusal | undefined;
  /** Loads anew, while the old value stays in sight. */
  again: () => void;
  /** Puts in place what is known better than by loading. */
  set: (value: T) => void;
}

/** Loads when what it depends on changes, and forgets what comes too late. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, dependencies: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ value?: T; refusal?: Refusal }>({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal).then(
      (value) => controller.signal.aborted || setState({ value }),
      (error) => controller.signal.aborted || setState((old) => ({ ...old, refusal: asRefusal(error) })),
    );
    return () => controller.abort();
  }, [...dependencies, round]);
  const again = useCallback(() => setRound((old) => old + 1), []);
  const set = useCallback((value: T) => setState({ value }), []);
  return { value: state.value, refusal: state.refusal, again, set };
}

/** Its children once there is a value; until then, that it is on its way, or why not. */
export function Await<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ComponentChildren }) {
  return (
    <>
      {of.refusal && <Problem of={of.refusal} onRetry={of.again} />}
      {of.value !== undefined ? children(of.value) : !of.refusal && <p class="loading">Loading…</p>}
    </>
  );
}
