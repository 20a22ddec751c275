import { capital } from "../format.ts";
import { reach, Refusal } from "../refusal.ts";
import type { Faults } from "../refusal.ts";
import type { Session } from "../session/session.ts";

export interface Call {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  /** ETag of the version that a change is based on. */
  etag?: string;
  /** Makes it safe to send a POST again. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** A value, and the ETag of this version of it. */
export interface Version<T> {
  value: T;
  etag: string;
}

const ATTEMPTS = 4;
const LONGEST_WAIT_SECONDS = 20;

/** The service's API: signs each request, sends it again where that is asked for, and explains what is refused. */
export class Client {
  constructor(
    private readonly base: string,
    private readonly session: Session,
  ) {}

  async call<T>(path: string, call: Call = {}): Promise<Version<T>> {
    const answer = await this.persist(path, call);
    const text = await answer.text();
    if (!answer.ok) throw refusal(answer, text);
    if (text && !isJson(answer)) throw new Refusal(`${path}: the answer is no JSON`, { status: answer.status });
    return { value: text ? JSON.parse(text) : undefined, etag: answer.headers.get("etag") ?? "" };
  }

  private async persist(path: string, call: Call): Promise<Response> {
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.send(path, call);
      if (answer.status === 401 && !renewed) {
        renewed = true;
        await this.session.renew();
        continue;
      }
      const seconds = waitBefore(answer, attempt);
      if (seconds === null || !mayRepeat(call)) return answer;
      await pause(seconds, call.signal);
    }
  }

  private async send(path: string, call: Call): Promise<Response> {
    const headers = new Headers({ authorization: `Bearer ${await this.session.token()}` });
    if (call.body !== undefined) headers.set("content-type", "application/json");
    if (call.etag) headers.set("if-match", call.etag);
    if (call.idempotencyKey) headers.set("idempotency-key", call.idempotencyKey);
    const query = call.query ? `?${new URLSearchParams(call.query)}` : "";
    return reach(`${this.base}${path}${query}`, {
      method: call.method ?? "GET",
      headers,
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: call.signal ?? null,
    });
  }
}

function mayRepeat(call: Call): boolean {
  return call.method !== "POST" || call.idempotencyKey !== undefined;
}

/** Seconds after which to ask again, or null where the answer stands. */
function waitBefore(answer: Response, attempt: number): number | null {
  if ((answer.status !== 429 && answer.status !== 503) || attempt === ATTEMPTS) return null;
  const asked = answer.headers.get("retry-after");
  if (asked === null) return 2 ** attempt * (0.25 + Math.random() / 4); // spread, so that clients do not come together
  const seconds = Number.isNaN(Number(asked)) ? (Date.parse(asked) - Date.now()) / 1000 : Number(asked);
  return seconds <= LONGEST_WAIT_SECONDS ? Math.max(0, seconds) : null;
}

export function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

const isJson = (answer: Response) => /[/+]json/.test(answer.headers.get("content-type") ?? "");

/** Problem details of the service (RFC 9457), or `{"message"}` of the gateway before it. */
interface Problem {
  detail?: string;
  message?: string;
  errors?: readonly { pointer: string; detail: string }[];
}

function refusal(answer: Response, text: string): Refusal {
  const problem: Problem = text && isJson(answer) ? JSON.parse(text) : {};
  const said = problem.detail ?? problem.message;
  return new Refusal(said ? sentence(said) : `The server answers ${answer.status}.`, {
    status: answer.status,
    faults: faults(problem),
    requestId: answer.headers.get("x-request-id") ?? answer.headers.get("apigw-requestid"),
  });
}

/** `#/tags/0` becomes `tags/0`. */
function faults(problem: Problem): Faults {
  return Object.fromEntries(
    (problem.errors ?? []).map(({ pointer, detail }) => [pointer.replace(/^#\/?/, ""), plainly(detail)]),
  );
}

/** What the server's checks say most, for people who do not write programs. */
const PLAINLY: readonly [RegExp, string][] = [
  [/^Expected `str` of length >= 1$/, "Please fill this in."],
  [/^Expected `str` of length <= (\d+)$/, "Please use at most $1 characters."],
  [/^Expected `array` of length <= (\d+)$/, "Please name at most $1."],
  [/^Expected `str` matching regex .*$/, "Please write it as described above."],
];

function plainly(detail: string): string {
  return sentence(PLAINLY.reduce((text, [pattern, words]) => text.replace(pattern, words), detail));
}

/** The service's problems are parts of sentences. */
function sentence(text: string): string {
  return capital(/[.!?]$/.test(text) ? text : `${text}.`);
}
