/** Parts of the service that a stage may leave out. */
export type Part = "metrics" | "pictures" | "releases" | "shop";

/** What the page has to know of the stage that serves it; the stack writes it. */
export interface Config {
  region: string;
  userPoolClientId: string;
  /** Least characters of a password. */
  passwordLength: number;
  cognitoUrl: string;
  apiUrl: string;
  uploadOrigin: string;
  wired: readonly Part[];
  /** Names of metrics, `<recipe>.<measure>`. */
  featuredMetrics: readonly string[];
}

export async function loadConfig(): Promise<Config> {
  const answer = await fetch("/config.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`/config.json: the server answers ${answer.status}`);
  return answer.json();
}
