import { useEffect, useState } from "preact/hooks";

let show: (text: string) => void = () => {};

/** Tells of something that went well, in passing. */
export function notify(text: string): void {
  show(text);
}

const SECONDS = 5;

export function Toasts() {
  const [text, setText] = useState("");
  useEffect(() => {
    show = setText;
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => setText(""), SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [text]);
  // There from the start, since screen readers only tell of changes in what they know.
  return (
    <div class="toasts" role="status">
      {text && <p>{text}</p>}
    </div>
  );
}
