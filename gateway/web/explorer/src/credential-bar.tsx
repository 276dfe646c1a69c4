/** The bar above GraphiQL: which credential goes with each request, and if it is valid. */

import { useId, useState } from "react";

import { isEmpty, type Credential, type Kind } from "./credential";
import type { Account } from "./defaults";
import { LoginButton } from "./login-button";

interface Props {
  accounts: Account[];
  hasLogin: boolean;
  credential: Credential;
  status: number | null;
  onChange: (credential: Credential) => void;
}

export function CredentialBar({ accounts, hasLogin, credential, status, onChange }: Props) {
  const [isShown, setIsShown] = useState(false);
  const change = (part: Partial<Credential>) => onChange({ ...credential, ...part });
  const field = { credential, isShown, onChange: change };
  return (
    <header className="graphiql-container gateway-bar">
      <h1>Job Gateway</h1>
      {accounts.length > 0 && <AccountSelect accounts={accounts} onChange={change} />}
      <CredentialField {...field} kind="apiKey" label="x-api-key" hint="API key" />
      <CredentialField {...field} kind="jwt" label="JWT" hint="token, sent as a bearer" />
      <button type="button" aria-pressed={isShown} onClick={() => setIsShown(!isShown)}>
        {isShown ? "Hide" : "Show"}
      </button>
      {hasLogin && <LoginButton onToken={(jwt) => change({ kind: "jwt", jwt })} />}
      <Status credential={credential} status={status} />
    </header>
  );
}

interface AccountSelectProps {
  accounts: Account[];
  onChange: (part: Partial<Credential>) => void;
}

function AccountSelect({ accounts, onChange }: AccountSelectProps) {
  const pick = (name: string) => {
    const account = accounts.find((each) => each.name === name);
    if (account) onChange({ apiKey: account.apiKey, jwt: account.jwt });
  };
  return (
    <label className="gateway-field">
      <span>Account</span>
      <select onChange={(event) => pick(event.target.value)}>
        {accounts.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

interface FieldProps {
  kind: Kind;
  label: string;
  hint: string;
  credential: Credential;
  isShown: boolean;
  onChange: (part: Partial<Credential>) => void;
}

function CredentialField({ kind, label, hint, credential, isShown, onChange }: FieldProps) {
  const id = useId();
  const isSent = credential.kind === kind;
  return (
    <div className="gateway-field gateway-credential" data-sent={isSent}>
      <input
        type="radio"
        name="kind"
        aria-label={`Send ${label}`}
        checked={isSent}
        onChange={() => onChange({ kind })}
      />
      <label htmlFor={id}>{label}</label>
      {/* Not type="password": browsers offer to save those. */}
      <input
        id={id}
        type="text"
        className={isShown ? "" : "gateway-secret"}
        value={credential[kind]}
        placeholder={hint}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={(event) => onChange({ kind, [kind]: event.target.value })}
      />
    </div>
  );
}

function Status({ credential, status }: Pick<Props, "credential" | "status">) {
  const [state, text] = describe(isEmpty(credential), status);
  return (
    <output className="gateway-status" data-state={state}>
      {text}
    </output>
  );
}

function describe(isWithout: boolean, status: number | null): [string, string] {
  if (status === null) return ["waiting", "Connecting"];
  if (status === 401 && isWithout) return ["refused", "Enter a key or a JWT"];
  if (status === 401) return ["refused", "Credential refused"];
  if (status === 0) return ["refused", "No answer"];
  if (status >= 500) return ["refused", `Server answers ${status}`];
  return ["good", "Connected"];
}
