import { createContext } from "preact";
import type { ComponentChildren } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { asRefusal } from "../refusal.ts";
import type { Faults, Refusal } from "../refusal.ts";
import { Problem } from "./problem.tsx";

const FaultsContext = createContext<Faults>({});

interface FormProps {
  /** A refusal that it throws is shown, its faults at their fields. */
  onSubmit: (data: FormData) => Promise<void>;
  submit: string;
  /** Beside the button. */
  aside?: ComponentChildren;
  children: ComponentChildren;
}

export function Form({ onSubmit, submit, aside, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState<Faults>({});
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  // What is wrong comes into focus, where screen readers tell of it.
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [faults]);

  async function send(event: SubmitEvent) {
    event.preventDefault();
    if (busy) return;
    setRefusal(null);
    const missing = unmet(form.current!);
    setFaults(missing);
    if (Object.keys(missing).length) return;
    setBusy(true);
    try {
      await onSubmit(new FormData(form.current!));
    } catch (error) {
      const found = asRefusal(error);
      setFaults(found.faults);
      setRefusal(isToldByFields(found, form.current!) ? null : found);
    }
    setBusy(false);
  }

  return (
    <form ref={form} noValidate onSubmit={send} aria-busy={busy}>
      <FaultsContext.Provider value={faults}>{children}</FaultsContext.Provider>
      {refusal && <Problem of={refusal} />}
      <div class="actions">
        <button class="primary" aria-disabled={busy}>
          {submit}
        </button>
        {aside}
      </div>
    </form>
  );
}

/** What the browser can tell without asking the server, in its user's language. */
function unmet(form: HTMLFormElement): Faults {
  const inputs = [...form.elements].filter(
    (each) => each instanceof HTMLInputElement || each instanceof HTMLTextAreaElement,
  );
  return Object.fromEntries(
    inputs.filter((each) => !each.validity.valid).map((each) => [each.name, each.validationMessage]),
  );
}

function isToldByFields(refusal: Refusal, form: HTMLFormElement): boolean {
  const names = [...form.elements].map((each) => each.getAttribute("name") ?? "");
  const paths = Object.keys(refusal.faults);
  return paths.length > 0 && paths.every((path) => names.some((name) => name && isAbout(path, name)));
}

/** A fault at `tags/0` is shown at the field `tags`. */
function isAbout(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}/`);
}

/** Of `tags/1` that it is about the second one. */
function position(path: string): string {
  const index = /\/(\d+)$/.exec(path)?.[1];
  return index ? `Number ${Number(index) + 1}: ` : "";
}

/** What an input needs of its field. */
export interface Wiring {
  id: string;
  name: string;
  "aria-invalid": "true" | undefined;
  "aria-describedby": string | undefined;
}

interface FieldProps {
  name: string;
  label: string;
  hint?: string;
  children: (wiring: Wiring) => ComponentChildren;
}

/** A labelled input, with a hint and with what is wrong with it. */
export function Field({ name, label, hint, children }: FieldProps) {
  const id = useId();
  const faults = Object.entries(useContext(FaultsContext)).filter(([path]) => isAbout(path, name));
  const fault = faults.map(([path, text]) => `${position(path)}${text}`).join(" ");
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({ id, name, "aria-invalid": fault ? "true" : undefined, "aria-describedby": described || undefined })}
      {fault && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}
