/**
 * The login window: authorization code flow with PKCE (RFC 6749, 7636).
 *
 * It is opened by GraphiQL, and again by the provider's redirect, with a code. In between
 * only the channel's name, the state and the code verifier are stored, and then removed;
 * the token is passed to GraphiQL alone.
 */

import { CHANNEL_LENGTH, toChallenge, toRandom } from "./pkce";

interface Provider {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  clientId: string;
  scope: string;
  resource: string | null;
}

interface Attempt {
  channel: string;
  state: string;
  verifier: string;
}

const ATTEMPT = "gateway-login";
const redirectUri = window.location.origin + window.location.pathname;

async function logIn(): Promise<string> {
  const provider = readProvider();
  const answer = new URLSearchParams(window.location.search);
  if (answer.has("state")) {
    // The code can be used once; it must not stay visible in the address.
    window.history.replaceState(null, "", redirectUri);
    return await finish(provider, answer);
  }
  window.location.replace(await begin(provider));
  return "Logging in";
}

function readProvider(): Provider {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="login"]');
  return JSON.parse(meta?.content ?? "");
}

async function begin(provider: Provider): Promise<string> {
  const channel = window.location.hash.slice(1);
  if (channel.length !== CHANNEL_LENGTH) throw new Error("open this from GraphiQL");
  const attempt: Attempt = { channel, state: toRandom(), verifier: toRandom() };
  window.sessionStorage.setItem(ATTEMPT, JSON.stringify(attempt));
  const url = new URL(provider.authorizationEndpoint);
  const parameters = {
    response_type: "code",
    client_id: provider.clientId,
    redirect_uri: redirectUri,
    scope: provider.scope,
    state: attempt.state,
    code_challenge: await toChallenge(attempt.verifier),
    code_challenge_method: "S256",
    ...toResource(provider),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

async function finish(provider: Provider, answer: URLSearchParams): Promise<string> {
  const attempt = takeAttempt();
  if (attempt === null || answer.get("state") !== attempt.state) {
    throw new Error("this login was not begun here; begin again from GraphiQL");
  }
  // RFC 9207: a provider that names itself must be the one that was asked.
  if ((answer.get("iss") ?? provider.issuer) !== provider.issuer) {
    throw new Error("another provider answered");
  }
  const code = answer.get("code");
  if (code === null) {
    throw new Error(answer.get("error_description") ?? answer.get("error") ?? "no code came");
  }
  const token = await fetchToken(provider, code, attempt.verifier);
  const channel = new BroadcastChannel(attempt.channel);
  channel.postMessage(token);
  channel.close();
  window.close();
  return "You are logged in and can close this window.";
}

function takeAttempt(): Attempt | null {
  const stored = window.sessionStorage.getItem(ATTEMPT);
  window.sessionStorage.removeItem(ATTEMPT);
  return stored === null ? null : JSON.parse(stored);
}

async function fetchToken(provider: Provider, code: string, verifier: string): Promise<string> {
  const response = await fetch(provider.tokenEndpoint, {
    method: "POST",
    credentials: "omit",
    redirect: "error",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: provider.clientId,
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
      ...toResource(provider),
    }),
  });
  const answer = await response.json();
  if (!response.ok || typeof answer.access_token !== "string") {
    throw new Error(answer.error_description ?? answer.error ?? "no token came");
  }
  return answer.access_token;
}

function toResource({ resource }: Provider): Record<string, string> {
  return resource === null ? {} : { resource };
}

function show(text: string): void {
  const line = document.querySelector('[role="status"]');
  if (line) line.textContent = text;
}

logIn().then(show, (error: unknown) => {
  show(`The login failed: ${error instanceof Error ? error.message : error}`);
});
