/** An OpenID provider on loopback: port, keys and redirect address come as JSON. */

import Provider from "oidc-provider";

const { port, keys, redirectUri } = JSON.parse(process.argv[2]);

const clients = [
  {
    client_id: "service",
    client_secret: "s3cr3t-of-the-service",
    grant_types: ["client_credentials"],
    id_token_signed_response_alg: keys[0].alg,
    redirect_uris: [],
    response_types: [],
  },
  {
    client_id: "graphiql",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code"],
    id_token_signed_response_alg: keys[0].alg,
    redirect_uris: [redirectUri],
    response_types: ["code"],
  },
];

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks: { keys },
  scopes: ["openid", "jobs:read", "usage:read"],
  pkce: { required: () => true },
  clientBasedCORS: () => true,
  extraTokenClaims: () => ({ account: "acme" }),
  features: {
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        audience: resource,
        scope: "jobs:read usage:read",
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: keys[0].alg } },
      }),
    },
  },
});

provider.listen(port, "127.0.0.1", () => console.log("listening"));
