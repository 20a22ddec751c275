import type { Asked, Standing } from "../api/models.ts";
import { capital, clock } from "../format.ts";
import { ALARMS, version } from "../releases.ts";

interface Props {
  standing: Standing;
  onAsk: (action: Asked) => void;
}

/** How things stand, with the buttons that change it. */
export function StandingCard({ standing, onAsk }: Props) {
  const { alarm, alias_moved, newest, phase, previous } = standing;
  const waits = phase === "steady" && newest > standing.version;
  return (
    <section class="standing" aria-labelledby="standing">
      <div>
        <h2 id="standing">Push to prod</h2>
        <p class="serving" aria-live="polite">
          {headline(standing)}
        </p>
        {phase === "canary" && <Canary standing={standing} />}
        {alias_moved && (
          <p class="note">
            Somebody else has moved the alias, so another version may serve than the controller decided. Whatever is
            decided now has to be forced.
          </p>
        )}
        <dl>
          <div>
            <dt>Newest</dt>
            <dd>{capital(version(newest))}</dd>
          </div>
          <div>
            <dt>Goes back to</dt>
            <dd>{previous === null ? "Nothing yet" : capital(version(previous))}</dd>
          </div>
          <div class={alarm === "ALARM" ? "bad" : undefined}>
            <dt>Alarm</dt>
            <dd>{ALARMS[alarm]}</dd>
          </div>
        </dl>
      </div>
      <div class="pushes">
        <button type="button" class="push primary" onClick={() => onAsk("promote")}>
          {waits ? `Promote ${version(newest)}` : "Promote"}
        </button>
        <button type="button" class="push danger" onClick={() => onAsk("rollback")}>
          {previous === null ? "Roll back" : `Roll back to ${version(previous)}`}
        </button>
      </div>
    </section>
  );
}

function headline({ phase, alias_moved, candidate, version: decided }: Standing): string {
  if (phase === "canary") return `${capital(version(candidate))} is being tried beside ${version(decided)}`;
  return `${capital(version(decided))} ${alias_moved ? "was decided last" : "serves"}`;
}

function Canary({ standing: { candidate, percent, due_at, version: serving } }: { standing: Standing }) {
  const shares = `${capital(version(serving))} takes ${100 - percent} %, ${version(candidate)} takes ${percent} %`;
  return (
    <div class="trial">
      <div class="shares" role="img" aria-label={shares}>
        <span style={{ width: `${percent}%` }} />
      </div>
      <p>
        {shares} of all invocations.
        {due_at && ` The alarm decides at ${clock(due_at)}.`}
      </p>
    </div>
  );
}
