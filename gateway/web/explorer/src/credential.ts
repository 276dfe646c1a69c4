/** Which credential goes with a request; kept in memory only, never in the URL or in storage. */

export type Kind = "apiKey" | "jwt";

export interface Credential {
  kind: Kind;
  apiKey: string;
  jwt: string;
}

export type Headers = Record<string, string>;

const CREDENTIAL_HEADERS = new Set(["authorization", "x-api-key", "x-jwt-token"]);

/** The gateway refuses two credentials, so one in the headers editor replaces the field's. */
export function toHeaders(credential: Credential, typed: Headers): Headers {
  const isTyped = Object.keys(typed).some((name) => CREDENTIAL_HEADERS.has(name.toLowerCase()));
  return isTyped ? typed : { ...toHeader(credential), ...typed };
}

export function isEmpty({ kind, apiKey, jwt }: Credential): boolean {
  return (kind === "apiKey" ? apiKey : jwt).trim() === "";
}

function toHeader(credential: Credential): Headers {
  if (isEmpty(credential)) return {};
  return credential.kind === "apiKey"
    ? { "x-api-key": credential.apiKey.trim() }
    : { authorization: `Bearer ${credential.jwt.trim()}` };
}
