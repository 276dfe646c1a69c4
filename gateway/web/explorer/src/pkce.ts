/** Random texts, and the code challenge made of one (RFC 7636, section 4). */

const RANDOM_BYTES = 32;

/** The length of the texts that `toRandom` makes. */
export const CHANNEL_LENGTH = 43;

export function toRandom(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
}

export async function toChallenge(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return toBase64Url(new Uint8Array(digest));
}

function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
