/** What an access token tells of its user: the page chooses by it what to show, the service checks it. */
export interface Identity {
  userId: string;
  groups: readonly string[];
}

interface Claims {
  sub: string;
  "cognito:groups"?: readonly string[];
}

/** Reads the middle part of a JSON Web Token, which is base64url of UTF-8. */
export function identityOf(token: string): Identity {
  const [, payload = ""] = token.split(".");
  const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  const claims: Claims = JSON.parse(new TextDecoder().decode(bytes));
  return { userId: claims.sub, groups: claims["cognito:groups"] ?? [] };
}
