import { useId, useState } from "preact/hooks";
import type { Point, Series } from "../api/models.ts";
import { metricName, number, plural, time } from "../format.ts";

const WIDTH = 600;
const HEIGHT = 180;
const MINUTE = 60_000;
const TICKS = 4;

interface Props {
  series: Series;
  start: Date;
  minutes: number;
}

/** A metric by minute: bars for what adds up, a line for what does not; the same figures as a table below. */
export function Chart({ series, start, minutes }: Props) {
  const id = useId();
  const [pointed, setPointed] = useState<Point | null>(null);
  const points = series.points;
  const top = ceiling(Math.max(0, ...points.map((point) => Number(point.value))));
  const x = (point: Point) => (minuteOf(point, start) / minutes) * WIDTH;
  const y = (value: number) => HEIGHT - (value / top) * HEIGHT;
  // A minute is as wide in a line as it is in bars, so that one alone can be seen.
  const across = (point: Point) => [0, WIDTH / minutes].map((dx) => `${x(point) + dx},${y(Number(point.value))}`);
  const kind = points[0]?.kind ?? "count";
  const adds = kind === "count" || kind === "sum";

  function point(event: PointerEvent) {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const minute = Math.floor(((event.clientX - box.left) / box.width) * minutes);
    setPointed(points.find((each) => minuteOf(each, start) === minute) ?? null);
  }

  return (
    <figure class="chart" aria-labelledby={id}>
      <figcaption id={id}>
        <h2>{metricName(series.metric)}</h2>
        <p class="small">{pointed ? told(pointed) : summary(points, adds)}</p>
      </figcaption>
      <div class="plot">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          onPointerMove={point}
          onPointerLeave={() => setPointed(null)}
        >
          {ticks(top).map((value) => (
            <line key={value} class="grid" x1={0} x2={WIDTH} y1={y(value)} y2={y(value)} />
          ))}
          {adds
            ? points.map((each) => (
                <rect
                  key={each.start}
                  class={each === pointed ? "bar pointed" : "bar"}
                  x={x(each) + 1}
                  width={WIDTH / minutes - 2}
                  y={y(Number(each.value))}
                  height={HEIGHT - y(Number(each.value))}
                />
              ))
            : pieces(points).map((piece) => (
                <polyline key={piece[0]?.start} class="curve" points={piece.flatMap(across).join(" ")} />
              ))}
        </svg>
        <div class="scale" aria-hidden="true">
          {ticks(top).map((value) => (
            <span key={value} style={{ bottom: `${(value / top) * 100}%` }}>
              {number(value)}
            </span>
          ))}
        </div>
      </div>
      <div class="hours" aria-hidden="true">
        {[0, 0.5, 1].map((share) => (
          <span key={share}>{time(new Date(start.getTime() + share * minutes * MINUTE))}</span>
        ))}
      </div>
      <Figures points={points} />
    </figure>
  );
}

function Figures({ points }: { points: readonly Point[] }) {
  return (
    <details>
      <summary>As a table</summary>
      <div class="wide" tabIndex={0} role="group" aria-label="Figures">
        <table>
          <thead>
            <tr>
              <th scope="col">Minute</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {points.map((point) => (
              <tr key={point.start}>
                <th scope="row">{time(new Date(point.start))}</th>
                <td>{figures(point)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function summary(points: readonly Point[], adds: boolean): string {
  if (!points.length) return "No events in the last hour";
  if (!adds) return `${number(Number(points.at(-1)!.value))} in the latest minute`;
  return `${number(points.reduce((sum, point) => sum + Number(point.value), 0))} in ${plural(points.length, "minute")}`;
}

const told = (point: Point) => `${time(new Date(point.start))}: ${figures(point)}`;

function figures(point: Point): string {
  const more = [
    point.minimum != null && `from ${number(Number(point.minimum))}`,
    point.maximum != null && `to ${number(Number(point.maximum))}`,
    point.p95 != null && `95 % below ${number(Number(point.p95))}`,
    ...(point.top ?? []).map(({ name, count }) => `${name} ${number(count)}`),
  ].filter(Boolean);
  return more.length ? `${number(Number(point.value))} (${more.join(", ")})` : number(Number(point.value));
}

function minuteOf(point: Point, start: Date): number {
  return Math.round((Date.parse(point.start) - start.getTime()) / MINUTE);
}

/** Runs of minutes without a gap: a line across one would show what nobody measured. */
function pieces(points: readonly Point[]): Point[][] {
  const found: Point[][] = [];
  for (const point of points) {
    const last = found.at(-1);
    if (last && Date.parse(point.start) - Date.parse(last.at(-1)!.start) === MINUTE) last.push(point);
    else found.push([point]);
  }
  return found;
}

/** The next round number, which four ticks divide well. */
function ceiling(value: number): number {
  if (value === 0) return TICKS;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 8, 10].map((each) => each * power).find((each) => each >= value) ?? value;
}

function ticks(top: number): number[] {
  return Array.from({ length: TICKS + 1 }, (_, index) => (top * index) / TICKS);
}
