/** The values that the gateway renders into the page: credentials, and example values. */

export interface Account {
  name: string;
  apiKey: string;
  jwt: string;
}

export interface Defaults {
  accounts: Account[];
  jobIdentifier: string | null;
  modelIdentifier: string | null;
  /** Whether people can log in at an identity provider. */
  login: boolean;
}

const NOTHING: Defaults = {
  accounts: [],
  jobIdentifier: null,
  modelIdentifier: null,
  login: false,
};

export function readDefaults(document: Document): Defaults {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="graphiql-defaults"]');
  try {
    return { ...NOTHING, ...JSON.parse(meta?.content ?? "{}") };
  } catch {
    // `vite dev` serves the page without the gateway, with its placeholder in place.
    return NOTHING;
  }
}
