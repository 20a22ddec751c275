import { useId, useState } from "preact/hooks";
import { useIdempotencyKey } from "../api/idempotency.ts";
import type { Asked, Decision, ReleaseDraft, Standing } from "../api/models.ts";
import { useSurroundings } from "../context.ts";
import { capital } from "../format.ts";
import { Refusal } from "../refusal.ts";
import { isForceable, version } from "../releases.ts";
import { Dialog } from "./dialog.tsx";
import { Field, Form } from "./form.tsx";

interface Props {
  action: Asked;
  standing: Standing;
  onDecided: (decision: Decision) => void;
  onRefused: () => void;
  onClose: () => void;
}

/** Asks once more before anything is released; where that is refused, it can be forced. */
export function ReleaseDialog({ action, standing, onDecided, onRefused, onClose }: Props) {
  const { service } = useSurroundings();
  const keyOf = useIdempotencyKey();
  const [refusals, setRefusals] = useState(0);
  const { title, effect } = words(action, standing);

  async function release(data: FormData) {
    const body: ReleaseDraft = { action, force: data.has("force"), reason: String(data.get("reason")).trim() };
    try {
      // A refusal is an answer, which its key would bring again: what is sent after it is another request.
      onDecided(await service.startRelease(body, keyOf({ body, refusals })));
    } catch (error) {
      if (error instanceof Refusal && error.status === 409) {
        setRefusals(refusals + 1);
        onRefused();
      }
      throw error;
    }
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <p>{effect}</p>
      <Form
        submit={action === "promote" ? "Promote" : "Roll back"}
        onSubmit={release}
        aside={
          <button type="button" class="quiet" onClick={onClose}>
            Not now
          </button>
        }
      >
        <Field name="reason" label="Reason" hint="If you like: for those who read the history.">
          {(wiring) => <textarea {...wiring} rows={2} maxLength={500} />}
        </Field>
        {refusals > 0 && isForceable(action, standing) && <Force action={action} />}
      </Form>
    </Dialog>
  );
}

function Force({ action }: { action: Asked }) {
  const id = useId();
  return (
    <div class="field">
      <label class="check">
        <input type="checkbox" name="force" aria-describedby={id} />
        Force it
      </label>
      <p class="hint" id={id}>
        {action === "promote"
          ? "Over an alarm that is on, an alias that somebody else moved, or the lack of a version to go back to. " +
            "Where a canary could tell nothing, the new version takes everything at once. "
          : "Over an alias that somebody else moved. "}
        The history keeps that it was forced.
      </p>
    </div>
  );
}

function words(action: Asked, { phase, version: serving, candidate, newest, previous }: Standing) {
  if (action === "rollback") {
    const back = previous === null ? "" : ` to ${version(previous)}`;
    const left = version(phase === "canary" ? candidate : serving);
    return { title: `Roll back${back}?`, effect: `${capital(left)} is left at once, without a canary.` };
  }
  return {
    title: newest > serving ? `Promote ${version(newest)}?` : "Promote the newest version?",
    effect: "A small part of all invocations tries it first. It takes over if the alarm is off then.",
  };
}
