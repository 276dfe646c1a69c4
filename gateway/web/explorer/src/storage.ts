/** What GraphiQL keeps in local storage between visits. */

import type { Storage } from "@graphiql/toolkit";

import type { Tab } from "./examples";

const HISTORY = new Set(["graphiql:queries", "graphiql:favorites"]);

/** Leaves headers out of the history, which would keep a key typed into their editor. */
export function withoutHeaders(storage: globalThis.Storage): Storage {
  return {
    get length() {
      return storage.length;
    },
    getItem: (name) => storage.getItem(name),
    setItem: (name, value) =>
      storage.setItem(name, HISTORY.has(name) ? dropHeaders(value) : value),
    removeItem: (name) => storage.removeItem(name),
    clear: () => storage.clear(),
  };
}

/**
 * Tells whether this is the first visit. If so it stores the first tab's editors, since
 * GraphiQL takes the variables of the tab that is open from there and not from the tab.
 */
export function seed(storage: globalThis.Storage, first: Tab | undefined): boolean {
  const isFirstVisit = storage.getItem("graphiql:tabState") === null;
  if (isFirstVisit && first) {
    storage.setItem("graphiql:query", first.query);
    storage.setItem("graphiql:variables", first.variables);
  }
  return isFirstVisit;
}

function dropHeaders(value: string): string {
  return JSON.stringify(JSON.parse(value), (name, part) => (name === "headers" ? null : part));
}
