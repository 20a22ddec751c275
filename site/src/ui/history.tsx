import { useState } from "preact/hooks";
import type { Decision } from "../api/models.ts";
import { moment } from "../format.ts";
import { asRefusal } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { asker, REASONS, told } from "../releases.ts";
import { Problem } from "./problem.tsx";

interface Props {
  decisions: readonly Decision[];
  userId: string;
  /** Loads older ones; null where there are none. */
  onMore: (() => Promise<void>) | null;
}

/** Decisions, newest first. */
export function History({ decisions, userId, onMore }: Props) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  function more() {
    setRefusal(null);
    onMore?.().catch((error) => setRefusal(asRefusal(error)));
  }

  return (
    <section class="part" aria-labelledby="history">
      <h2 id="history">History</h2>
      {decisions.length === 0 && <p class="empty">Nothing has been decided yet.</p>}
      <ol class="decisions" aria-labelledby="history">
        {decisions.map((each) => (
          <li key={each.decision_id}>
            <Entry decision={each} userId={userId} />
          </li>
        ))}
      </ol>
      {refusal && <Problem of={refusal} />}
      {onMore && (
        <div class="more">
          <button type="button" onClick={more}>
            Load older
          </button>
        </div>
      )}
    </section>
  );
}

function Entry({ decision, userId }: { decision: Decision; userId: string }) {
  const { at, forced, from_version: from, outcome, reason, to_version: to, why } = decision;
  return (
    <article class={outcome}>
      <p class="decision">
        <strong>{told(decision)}</strong>
        {from !== null && to !== null && (
          <span class="badge" aria-hidden="true">
            {from} → {to}
          </span>
        )}
        {forced && <span class="badge bad">Forced</span>}
      </p>
      <p class="small">
        {moment(at)}. {asker(decision, userId)}. {REASONS[why]}
      </p>
      {reason && <p class="reason">“{reason}”</p>}
    </article>
  );
}
