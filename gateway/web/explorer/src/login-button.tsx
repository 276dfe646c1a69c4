/** Opens the login window, and receives the token from it. */

import { useEffect, useRef } from "react";

import { toRandom } from "./pkce";

interface Props {
  onToken: (token: string) => void;
}

export function LoginButton({ onToken }: Props) {
  const channel = useRef<BroadcastChannel | null>(null);
  useEffect(() => () => channel.current?.close(), []);
  const open = () => {
    // The name is secret. `window.opener` would be lost at providers that isolate their pages.
    const name = toRandom();
    channel.current?.close();
    channel.current = new BroadcastChannel(name);
    channel.current.onmessage = ({ data }) => onToken(String(data));
    window.open(`graphql/login#${name}`, "_blank", "popup,width=520,height=720");
  };
  return (
    <button type="button" onClick={open}>
      Log in
    </button>
  );
}
