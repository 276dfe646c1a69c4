/** Mounts GraphiQL below the bar of credentials. */

import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./style.css";

import { DOC_EXPLORER_PLUGIN } from "@graphiql/plugin-doc-explorer";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { StrictMode, useEffect, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

import { CredentialBar } from "./credential-bar";
import type { Credential } from "./credential";
import { readDefaults } from "./defaults";
import { toTabs } from "./examples";
import { createFetcher } from "./fetcher";
import { seed, withoutHeaders } from "./storage";

const TYPING_PAUSE_MS = 400;

const defaults = readDefaults(document);
const tabs = toTabs(defaults, new Date());
const plugins = [HISTORY_PLUGIN];
const storage = withoutHeaders(window.localStorage);
const isFirstVisit = seed(window.localStorage, tabs[0]);
const docs = isFirstVisit ? { visiblePlugin: DOC_EXPLORER_PLUGIN } : {};

function Explorer() {
  const [credential, setCredential] = useState<Credential>({
    kind: "apiKey",
    apiKey: defaults.accounts[0]?.apiKey ?? "",
    jwt: defaults.accounts[0]?.jwt ?? "",
  });
  const [status, setStatus] = useState<number | null>(null);
  const current = useRef(credential);
  const settled = useSettled(credential);
  // A new fetcher makes GraphiQL read the schema again, once typing has paused.
  const fetcher = useMemo(
    () => createFetcher({ readCredential: () => current.current, onStatus: setStatus }),
    [settled],
  );
  const change = (changed: Credential) => {
    current.current = changed;
    setCredential(changed);
  };
  return (
    <>
      <CredentialBar
        accounts={defaults.accounts}
        hasLogin={defaults.login}
        credential={credential}
        status={status}
        onChange={change}
      />
      <main>
        <GraphiQL
          fetcher={fetcher}
          defaultTabs={tabs}
          plugins={plugins}
          storage={storage}
          shouldPersistHeaders={false}
          defaultEditorToolsVisibility="variables"
          {...docs}
        >
          <GraphiQL.Logo>
            <span className="gateway-logo">GraphiQL</span>
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

function useSettled(credential: Credential): Credential {
  const [settled, setSettled] = useState(credential);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(credential), TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [credential]);
  return settled;
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Explorer />
    </StrictMode>,
  );
}
