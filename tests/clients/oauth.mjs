// oauth4webapi asks about a token and ends it, as a service does: prints what it got, as one line of JSON.
import * as oauth from "oauth4webapi";

const { BASE, SERVICE, SECRET, TOKEN } = process.env;
const server = {
  issuer: BASE,
  introspection_endpoint: `${BASE}/oauth/introspect`,
  revocation_endpoint: `${BASE}/oauth/revoke`,
};
const client = { client_id: SERVICE };
const options = { [oauth.allowInsecureRequests]: true };

async function ask(auth) {
  const response = await oauth.introspectionRequest(server, client, auth, TOKEN, options);
  return oauth.processIntrospectionResponse(server, client, response);
}

const basic = oauth.ClientSecretBasic(SECRET);
const before = await ask(basic);
const posted = await ask(oauth.ClientSecretPost(SECRET));
const stranger = await ask(oauth.ClientSecretBasic("nonsense")).then(
  () => "let in",
  (error) => `${error.status} ${error.error ?? error.cause?.[0]?.scheme}`,
);
const ended = await oauth.revocationRequest(server, client, basic, TOKEN, options);
await oauth.processRevocationResponse(ended);
console.log(JSON.stringify({ before, posted, stranger, after: await ask(basic) }));
