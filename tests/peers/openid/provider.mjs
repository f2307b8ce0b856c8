// A certified OpenID provider with two accounts. Reads its settings from argv, prints its address, answers until it is killed.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const settings = JSON.parse(process.argv[2]);
const accounts = new Map(settings.accounts.map((one) => [one.sub, one]));
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: settings.client,
      client_secret: settings.secret,
      redirect_uris: settings.redirects,
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified", "groups"], profile: ["name"] },
  // Without this, claims of scopes are told at the userinfo endpoint only.
  conformIdTokenClaims: false,
  findAccount: async (_context, id) =>
    accounts.has(id) ? { accountId: id, claims: async () => accounts.get(id) } : undefined,
  pkce: { required: () => true },
  cookies: { keys: ["only for tests on this machine"] },
  features: { devInteractions: { enabled: true } },
});
server.on("request", provider.callback());
console.log(issuer);
