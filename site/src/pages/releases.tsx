import { useEffect, useState } from "preact/hooks";
import type { Asked, Decision, ReleaseList } from "../api/models.ts";
import { useSurroundings } from "../context.ts";
import { asRefusal } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { told } from "../releases.ts";
import { Devices } from "../ui/devices.tsx";
import { History } from "../ui/history.tsx";
import { RELEASERS, useIdentity } from "../ui/identity.ts";
import { Await } from "../ui/loading.tsx";
import { Page } from "../ui/page.tsx";
import { Problem } from "../ui/problem.tsx";
import { ReleaseDialog } from "../ui/release-dialog.tsx";
import { repeat } from "../ui/repeat.ts";
import { StandingCard } from "../ui/standing.tsx";
import { notify } from "../ui/toasts.tsx";

const EVERY_SECONDS = 5;

export function ReleasesPage() {
  const identity = useIdentity();
  return (
    <Page title="Releases">
      <Await of={identity}>
        {({ userId, groups }) => (groups.includes(RELEASERS) ? <Releases userId={userId} /> : <NotForYou />)}
      </Await>
    </Page>
  );
}

function NotForYou() {
  return (
    <div class="empty">
      <p>
        Only members of the group <strong>{RELEASERS}</strong> see devices, and release.
      </p>
      <p>Ask whoever runs this service to add you; then sign out, and in again.</p>
    </div>
  );
}

function Releases({ userId }: { userId: string }) {
  const { list, refusal, again, more } = useReleases();
  const [asking, setAsking] = useState<Asked | null>(null);

  function decided(decision: Decision) {
    setAsking(null);
    notify(`${told(decision)}.`);
    again();
  }

  return (
    <>
      {refusal && <Problem of={refusal} />}
      {!list && !refusal && <p class="loading">Loading…</p>}
      {list && <StandingCard standing={list.current} onAsk={setAsking} />}
      {list && asking && (
        <ReleaseDialog
          action={asking}
          standing={list.current}
          onDecided={decided}
          onRefused={again}
          onClose={() => setAsking(null)}
        />
      )}
      <Devices everySeconds={EVERY_SECONDS} />
      {list && <History decisions={list.decisions} userId={userId} onMore={list.next_cursor === null ? null : more} />}
    </>
  );
}

/** How things stand and what was decided, read every few seconds, with older decisions when they are asked for. */
function useReleases() {
  const { service } = useSurroundings();
  const [list, setList] = useState<ReleaseList | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [round, setRound] = useState(0);

  useEffect(() => repeat(EVERY_SECONDS, look), [round]);

  async function look(signal: AbortSignal) {
    try {
      const newest = await service.releases(null, signal);
      setList((old) => (old ? joined(newest, old) : newest));
      setRefusal(null);
    } catch (error) {
      if (!signal.aborted) setRefusal(asRefusal(error));
    }
  }

  async function more() {
    const cursor = list!.next_cursor;
    const page = await service.releases(cursor, new AbortController().signal);
    setList((old) => (old?.next_cursor === cursor ? { ...page, decisions: [...old.decisions, ...page.decisions] } : old));
  }

  return { list, refusal, again: () => setRound((old) => old + 1), more };
}

/** What is new before what is known; where something may be missing between them, what is new alone. */
function joined(newest: ReleaseList, known: ReleaseList): ReleaseList {
  const ids = new Set(newest.decisions.map((each) => each.decision_id));
  const older = known.decisions.filter((each) => !ids.has(each.decision_id));
  if (older.length === known.decisions.length) return newest;
  return { ...newest, decisions: [...newest.decisions, ...older], next_cursor: known.next_cursor };
}
