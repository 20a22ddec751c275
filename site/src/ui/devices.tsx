import { useEffect, useState } from "preact/hooks";
import type { Device, DevicePage } from "../api/models.ts";
import { useSurroundings } from "../context.ts";
import { capital, moment, precisely } from "../format.ts";
import { asRefusal } from "../refusal.ts";
import type { Refusal } from "../refusal.ts";
import { Problem } from "./problem.tsx";
import { repeat } from "./repeat.ts";

/** All that have been enrolled, and what they told last. */
export function Devices({ everySeconds }: { everySeconds: number }) {
  const { devices, hasMore, refusal, more } = useDevices(everySeconds);
  return (
    <section class="part" aria-labelledby="devices">
      <h2 id="devices">Devices</h2>
      {refusal && <Problem of={refusal} />}
      {devices ? <Listed devices={devices} /> : !refusal && <p class="loading">Loading…</p>}
      {hasMore && (
        <div class="more">
          <button type="button" onClick={more}>
            Load more
          </button>
        </div>
      )}
    </section>
  );
}

function Listed({ devices }: { devices: readonly Device[] }) {
  if (!devices.length) {
    return (
      <div class="empty">
        <p>No device is enrolled yet.</p>
        <p>
          <code>python -m tools enrol DEVICE --kind sensor</code> enrols one.
        </p>
      </div>
    );
  }
  return (
    <div class="wide" tabIndex={0} role="group" aria-label="Devices, and what they told last">
      <table class="devices">
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">Kind</th>
            <th scope="col">Alarms</th>
            <th scope="col">Readings</th>
            <th scope="col">Measured</th>
          </tr>
        </thead>
        <tbody>
          {devices.map((each) => (
            <Row key={each.device_id} device={each} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ device: { device_id, kind, alarms, readings, measured_at } }: { device: Device }) {
  return (
    <tr>
      <th scope="row">{device_id}</th>
      <td>{capital(kind)}</td>
      <td>
        {alarms.length
          ? alarms.map((each) => (
              <span key={each} class="badge bad">
                {plain(each)}
              </span>
            ))
          : "–"}
      </td>
      <td>
        {Object.entries(readings)
          .map(([name, value]) => `${plain(name)} ${precisely(value)}`)
          .join(", ") || "–"}
      </td>
      <td>{measured_at ? moment(measured_at) : "Nothing yet"}</td>
    </tr>
  );
}

const plain = (reading: string) => reading.replaceAll("_", " ");

/** The first devices and as many more as were asked for, read anew every few seconds. */
function useDevices(everySeconds: number) {
  const { service } = useSurroundings();
  const [pages, setPages] = useState(1);
  const [found, setFound] = useState<{ devices: readonly Device[]; hasMore: boolean } | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  useEffect(() => repeat(everySeconds, look), [pages]);

  async function look(signal: AbortSignal) {
    try {
      setFound(await read(signal));
      setRefusal(null);
    } catch (error) {
      if (!signal.aborted) setRefusal(asRefusal(error));
    }
  }

  /** Pages that have no devices are not counted, since nobody sees them. */
  async function read(signal: AbortSignal) {
    const devices: Device[] = [];
    let cursor: string | null = null;
    for (let count = 0; count < pages; ) {
      const page: DevicePage = await service.devices(cursor, signal);
      devices.push(...page.devices);
      cursor = page.next_cursor;
      if (cursor === null) break;
      if (page.devices.length) count += 1;
    }
    devices.sort((one, other) => (one.device_id < other.device_id ? -1 : 1));
    return { devices, hasMore: cursor !== null };
  }

  return { devices: found?.devices, hasMore: found?.hasMore, refusal, more: () => setPages(pages + 1) };
}
