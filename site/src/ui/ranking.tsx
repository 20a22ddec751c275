import { useId } from "preact/hooks";
import type { Series } from "../api/models.ts";
import { metricName, number } from "../format.ts";

const PLACES = 8;

/** The most frequent names of all minutes together. */
export function Ranking({ series }: { series: Series }) {
  const id = useId();
  const counts = new Map<string, number>();
  for (const { name, count } of series.points.flatMap((point) => point.top ?? [])) {
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const ranking = [...counts].sort(([, one], [, other]) => other - one).slice(0, PLACES);
  const most = ranking[0]?.[1] ?? 0;
  return (
    <figure class="chart" aria-labelledby={id}>
      <figcaption id={id}>
        <h2>{metricName(series.metric)}</h2>
        <p class="small">{most ? "The most frequent ones; counts may be a little too high" : "No events in the last hour"}</p>
      </figcaption>
      <ol class="ranking">
        {ranking.map(([name, count]) => (
          <li key={name}>
            <span>{name}</span>
            <span class="number">{number(count)}</span>
            <div class="share" style={{ width: `${(count / most) * 100}%` }} />
          </li>
        ))}
      </ol>
    </figure>
  );
}
