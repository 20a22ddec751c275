import { useEffect, useState } from "preact/hooks";
import type { Series } from "../api/models.ts";
import { useSurroundings } from "../context.ts";
import { time } from "../format.ts";
import { asRefusal } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { Chart } from "../ui/chart.tsx";
import { Page } from "../ui/page.tsx";
import { Problem } from "../ui/problem.tsx";
import { Ranking } from "../ui/ranking.tsx";
import { repeat } from "../ui/repeat.ts";

const EVERY_SECONDS = 5;
const MINUTES = 60;
const MINUTE = 60_000;

interface Reading {
  start: Date;
  series: readonly Series[];
  at: Date;
}

export function LivePage() {
  const { reading, refusal, isPaused, setPaused } = useReadings();
  return (
    <Page
      title="Live"
      actions={
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          Pause
        </button>
      }
    >
      <p class="lead">
        The last hour{reading && `, as of ${time(reading.at)}`}
        {isPaused && ", paused"}.
      </p>
      {refusal && <Problem of={refusal} />}
      {reading ? (
        <div class="charts">
          {reading.series.map((each) =>
            each.points[0]?.kind === "top" ? (
              <Ranking key={each.metric} series={each} />
            ) : (
              <Chart key={each.metric} series={each} start={reading.start} minutes={MINUTES} />
            ),
          )}
        </div>
      ) : (
        !refusal && <p class="loading">Loading…</p>
      )}
    </Page>
  );
}

/** All featured metrics, read every few seconds while somebody looks. */
function useReadings() {
  const { service, config } = useSurroundings();
  const [reading, setReading] = useState<Reading | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isPaused, setPaused] = useState(false);

  useEffect(() => {
    async function look(signal: AbortSignal) {
      const end = new Date((Math.floor(Date.now() / MINUTE) + 1) * MINUTE);
      const start = new Date(end.getTime() - MINUTES * MINUTE);
      try {
        const asked = config.featuredMetrics.map((name) => service.series(name, start, end, signal));
        const series = await Promise.all(asked);
        setReading({ start, series, at: new Date() });
        setRefusal(null);
      } catch (error) {
        if (!signal.aborted) setRefusal(asRefusal(error));
      }
    }
    return isPaused ? undefined : repeat(EVERY_SECONDS, look);
  }, [isPaused]);

  return { reading, refusal, isPaused, setPaused };
}
