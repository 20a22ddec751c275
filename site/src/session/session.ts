import { Refusal } from "../refusal.ts";
import type { Challenge, Cognito, Tokens } from "./cognito.ts";
import { identityOf } from "./identity.ts";
import type { Identity } from "./identity.ts";

interface Kept {
  email: string;
  refreshToken: string;
}

const KEPT = "session";
const EARLY_SECONDS = 60;

/**
 * Who is signed in. The access token stays in memory; the refresh token lasts as long as the browser's tab, so that a
 * reload does not sign out.
 */
export class Session {
  private kept: Kept | null = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  private access: { token: string; until: number } | null = null;
  private refreshing: Promise<string> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly cognito: Cognito,
    private readonly onExpired: () => void,
  ) {}

  get email(): string | null {
    return this.kept?.email ?? null;
  }

  /** Calls whenever somebody has signed in or out; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async signIn(email: string, password: string): Promise<Challenge | null> {
    return this.begin(email, await this.cognito.signIn(email, password));
  }

  async answerCode(challenge: Challenge, email: string, code: string): Promise<Challenge | null> {
    return this.begin(email, await this.cognito.answerCode(challenge, email, code));
  }

  /** The access token, renewed where it is about to expire. */
  async token(): Promise<string> {
    if (this.access && this.access.until > Date.now()) return this.access.token;
    return this.renew();
  }

  /** Who is signed in, as the access token has it. */
  async identity(): Promise<Identity> {
    return identityOf(await this.token());
  }

  /** A new access token; those who ask meanwhile get the same one. */
  renew(): Promise<string> {
    this.refreshing ??= this.refresh().finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  /** Ends the session here at once; rejects where Amazon Cognito could not be told. */
  async signOut(): Promise<void> {
    const refreshToken = this.kept?.refreshToken;
    this.keep(null);
    if (refreshToken) await this.cognito.revoke(refreshToken);
  }

  private begin(email: string, outcome: Tokens | Challenge): Challenge | null {
    if ("name" in outcome) return outcome;
    this.take(outcome);
    this.keep({ email, refreshToken: outcome.refreshToken ?? "" });
    return null;
  }

  private async refresh(): Promise<string> {
    if (!this.kept) throw new Refusal("You are signed out.", { status: 401 });
    try {
      return this.take(await this.cognito.refresh(this.kept.refreshToken));
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "NotAuthorizedException") throw error;
      this.keep(null);
      this.onExpired();
      throw new Refusal("Your session has ended.", { status: 401, cause: error });
    }
  }

  private take(tokens: Tokens): string {
    const seconds = Math.max(0, tokens.lifetime - EARLY_SECONDS);
    this.access = { token: tokens.accessToken, until: Date.now() + seconds * 1000 };
    return tokens.accessToken;
  }

  private keep(kept: Kept | null): void {
    this.kept = kept;
    if (kept) {
      sessionStorage.setItem(KEPT, JSON.stringify(kept));
    } else {
      this.access = null;
      sessionStorage.removeItem(KEPT);
    }
    for (const listener of this.listeners) listener();
  }
}
