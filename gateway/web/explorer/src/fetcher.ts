/** GraphQL over POST to the page's own address. */

import type { Fetcher, FetcherParams } from "@graphiql/toolkit";
import { Kind, parse } from "graphql";

import { toHeaders, type Credential } from "./credential";

const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

interface Options {
  readCredential: () => Credential;
  /** Receives the HTTP status of each answer; 0 if there was none. */
  onStatus: (status: number) => void;
}

export function createFetcher({ readCredential, onStatus }: Options): Fetcher {
  return async (request, options) => {
    const response = await fetch(window.location.pathname, {
      method: "POST",
      headers: {
        accept: ACCEPT,
        "content-type": "application/json",
        ...toHeaders(readCredential(), options?.headers ?? {}),
      },
      body: JSON.stringify(withoutStaleName(request)),
    }).catch((error: unknown) => {
      onStatus(0);
      throw error;
    });
    onStatus(response.status);
    return readResult(response);
  };
}

/**
 * GraphiQL reads the operation's name only when typing has paused, and until then sends
 * the old one. A document with one operation needs no name.
 */
function withoutStaleName(request: FetcherParams): FetcherParams {
  return countOperations(request.query) === 1 ? { ...request, operationName: null } : request;
}

function countOperations(query: string): number {
  try {
    const { definitions } = parse(query, { noLocation: true });
    return definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length;
  } catch {
    // The gateway reports syntax errors.
    return 0;
  }
}

async function readResult(response: Response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`the server answered ${response.status} without JSON: ${text.slice(0, 200)}`);
  }
}
