import type { Action, AlarmState, Decision, ReleaseDraft, Standing, Why } from "./api/models.ts";
import { capital } from "./format.ts";

/** How `$LATEST` is written where versions are numbers. */
const LATEST = 0;

export const ALARMS: Readonly<Record<AlarmState, string>> = {
  OK: "Off",
  ALARM: "On",
  INSUFFICIENT_DATA: "Has not seen enough",
};

export const REASONS: Readonly<Record<Why, string>> = {
  asked: "As asked.",
  alarm: "The alarm was on.",
  alarm_ok: "The alarm was off.",
  alarm_silent: "The alarm had not seen enough.",
  alias_moved: "Somebody else had moved the alias.",
  alias_refused: "Lambda did not take the alias so.",
  malformed: "Nobody could read the press.",
  nothing_before: "There was no version to go back to.",
  nothing_newer: "There was no newer version.",
  stale: "The press came too late.",
  stranger: "It was not the button that was enrolled.",
  under_way: "A release was under way.",
};

const REFUSED: Readonly<Record<Action, string>> = {
  promote: "A promotion was refused",
  rollback: "A rollback was refused",
  report: "A report was refused",
  step: "A step was refused",
  unknown: "A press was refused",
};

export const version = (number: number | null) =>
  number === null || number === LATEST ? "the unpublished code" : `version ${number}`;

/** What was decided, as a sentence without its full stop. */
export function told({ outcome, action, from_version, to_version }: Decision): string {
  const [from, to] = [version(from_version), version(to_version)];
  switch (outcome) {
    case "refused":
      return REFUSED[action];
    case "canary":
      return `${capital(to)} began to be tried beside ${from}`;
    case "extended":
      return `${capital(to)} is tried for longer beside ${from}`;
    case "promoted":
      return `${capital(to)} took over from ${from}`;
    case "rolled_back":
      return `${capital(to)} came back in place of ${from}`;
    case "given_up":
      return `The release of ${from} was given up`;
    case "reported":
      return `${capital(from)} served, when somebody asked`;
  }
}

/** Who asked, and by what; `you` is the user id of the one who reads it. */
export function asker({ source, who }: Decision, you: string): string {
  switch (source) {
    case "press":
      return `Button ${who}, by press`;
    case "voice":
      return `${who}, by voice`;
    case "http":
      return `${who === you ? "You" : who}, by HTTP`;
    case "schedule":
      return "The controller, by schedule";
  }
}

/** Whether to insist could change a refusal: nothing helps where there is nothing to do. */
export function isForceable(action: ReleaseDraft["action"], standing: Standing): boolean {
  if (action === "rollback") return standing.alias_moved;
  return standing.phase === "steady" && standing.newest > standing.version;
}
