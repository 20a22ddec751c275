import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { asRefusal } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { Dialog } from "./dialog.tsx";
import { Problem } from "./problem.tsx";

/** One thing that was edited. */
export interface Difference {
  name: string;
  mine: string;
  theirs: string;
  /** Shows what words do not tell. */
  show?: (value: string) => ComponentChildren;
}

interface Props {
  differences: readonly Difference[];
  onMine: () => Promise<void>;
  onTheirs: () => void;
  onClose: () => void;
}

/** Somebody else was faster: shows both versions, and lets the user take either. */
export function Conflict({ differences, onMine, onTheirs, onClose }: Props) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const takeMine = () => onMine().catch((error) => setRefusal(asRefusal(error)));
  return (
    <Dialog title="Changed meanwhile" onClose={onClose}>
      <p>Somebody saved another version while you were editing. Which one do you want to keep?</p>
      <div class="wide" tabIndex={0} role="group" aria-label="Both versions">
        <table>
          <thead>
            <tr>
              <td />
              <th scope="col">Yours</th>
              <th scope="col">Theirs</th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ name, mine, theirs, show = String }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{mine ? show(mine) : "–"}</td>
                <td>{theirs ? show(theirs) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {refusal && <Problem of={refusal} />}
      <div class="actions">
        <button type="button" class="primary" onClick={takeMine}>
          Keep mine
        </button>
        <button type="button" onClick={onTheirs}>
          Take theirs
        </button>
        <button type="button" class="quiet" onClick={onClose}>
          Back to editing
        </button>
      </div>
    </Dialog>
  );
}
