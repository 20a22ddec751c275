import { reach, Refusal } from "../refusal.ts";
import type { Faults } from "../refusal.ts";

export interface Tokens {
  accessToken: string;
  /** Seconds that the access token lasts. */
  lifetime: number;
  /** Absent when a refresh token was used: it goes on being valid. */
  refreshToken: string | undefined;
}

/** Amazon Cognito wants one more thing before it lets somebody in. */
export interface Challenge {
  name: string;
  session: string;
}

interface AuthAnswer {
  AuthenticationResult?: { AccessToken: string; ExpiresIn: number; RefreshToken?: string };
  ChallengeName?: string;
  Session?: string;
}

/** Field of the form that an exception is about. */
const FIELD_OF: Readonly<Record<string, string>> = {
  InvalidPasswordException: "password",
  CodeMismatchException: "code",
  ExpiredCodeException: "code",
  UsernameExistsException: "email",
};

/** Amazon Cognito's user pools, called without a library: these operations need no signature. */
export class Cognito {
  constructor(
    private readonly url: string,
    private readonly clientId: string,
  ) {}

  signUp(email: string, password: string): Promise<unknown> {
    const attributes = [{ Name: "email", Value: email }];
    return this.call("SignUp", { Username: email, Password: password, UserAttributes: attributes });
  }

  confirmSignUp(email: string, code: string): Promise<unknown> {
    return this.call("ConfirmSignUp", { Username: email, ConfirmationCode: code });
  }

  resendCode(email: string): Promise<unknown> {
    return this.call("ResendConfirmationCode", { Username: email });
  }

  forgotPassword(email: string): Promise<unknown> {
    return this.call("ForgotPassword", { Username: email });
  }

  setPassword(email: string, code: string, password: string): Promise<unknown> {
    return this.call("ConfirmForgotPassword", { Username: email, ConfirmationCode: code, Password: password });
  }

  async signIn(email: string, password: string): Promise<Tokens | Challenge> {
    const parameters = { USERNAME: email, PASSWORD: password };
    return outcome(await this.call("InitiateAuth", { AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: parameters }));
  }

  async answerCode(challenge: Challenge, email: string, code: string): Promise<Tokens | Challenge> {
    const responses = { USERNAME: email, [`${challenge.name}_CODE`]: code };
    const { name: ChallengeName, session: Session } = challenge;
    return outcome(
      await this.call("RespondToAuthChallenge", { ChallengeName, Session, ChallengeResponses: responses }),
    );
  }

  async refresh(refreshToken: string): Promise<Tokens> {
    const parameters = { REFRESH_TOKEN: refreshToken };
    const body = { AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: parameters };
    return outcome(await this.call("InitiateAuth", body)) as Tokens;
  }

  revoke(refreshToken: string): Promise<unknown> {
    return this.call("RevokeToken", { Token: refreshToken });
  }

  private async call(operation: string, body: object): Promise<AuthAnswer> {
    const answer = await reach(this.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify({ ClientId: this.clientId, ...body }),
    });
    const text = await answer.text();
    if (answer.ok) return text ? JSON.parse(text) : {};
    throw refusal(answer, text);
  }
}

function outcome(answer: AuthAnswer): Tokens | Challenge {
  const result = answer.AuthenticationResult;
  if (!result) return { name: answer.ChallengeName ?? "", session: answer.Session ?? "" };
  return { accessToken: result.AccessToken, lifetime: result.ExpiresIn, refreshToken: result.RefreshToken };
}

function refusal(answer: Response, text: string): Refusal {
  let problem: { __type?: string; message?: string } = {};
  try {
    problem = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // whatever stands between may answer in HTML
  }
  const code = problem.__type?.split("#").at(-1) ?? "";
  const message = problem.message ?? `The sign-in service answers ${answer.status}.`;
  return new Refusal(message, {
    status: answer.status,
    code,
    faults: faults(code, message),
    requestId: answer.headers.get("x-amzn-requestid"),
  });
}

function faults(code: string, message: string): Faults {
  // A password that is not even shaped like one is refused before the policy is asked, in words for programmers.
  if (/at 'password'/.test(message)) return { password: "Please choose a password without spaces at its ends." };
  const field = FIELD_OF[code];
  return field ? { [field]: message } : {};
}
