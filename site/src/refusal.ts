/** What was wrong, by its path in what was sent: `title`, `tags/0`. Fields of forms are named after these paths. */
export type Faults = Readonly<Record<string, string>>;

interface Details {
  status?: number | undefined;
  code?: string | undefined;
  faults?: Faults | undefined;
  requestId?: string | null | undefined;
  cause?: unknown;
}

/** A server said no, or nothing at all; `message` is for people. */
export class Refusal extends Error {
  /** Of HTTP; 0 where nobody answered. */
  readonly status: number;
  /** Name of Amazon Cognito's exception; empty for others. */
  readonly code: string;
  readonly faults: Faults;
  readonly requestId: string | null;

  constructor(message: string, { status = 0, code = "", faults = {}, requestId = null, cause }: Details = {}) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.faults = faults;
    this.requestId = requestId;
  }
}

/** `fetch`, whose failures say something that people understand. */
export async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Refusal("The server cannot be reached. Check your connection, then try again.", { cause: error });
  }
}

/** Any error as a refusal, so that it can be shown; one that nobody foresaw goes to the console as well. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  console.error(error);
  return new Refusal(`Something went wrong on this page: ${error instanceof Error ? error.message : error}`);
}
