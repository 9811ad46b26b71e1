// Either npm client with an OAuth provider of its own, as their documentation says: no credential, a browser, a call.
// It prints the address that a person is to open, and listens on loopback for the way back.
import { createServer } from "node:http";

const { MCP_URL, MCP_TOOL, MCP_PACKAGE, MCP_BAD_TOKEN, MCP_CALL_AGAIN } = process.env;
const newest = MCP_PACKAGE === "client";
const { Client, StreamableHTTPClientTransport } = newest
  ? await import("@modelcontextprotocol/client")
  : {
      ...(await import("@modelcontextprotocol/sdk/client/index.js")),
      ...(await import("@modelcontextprotocol/sdk/client/streamableHttp.js")),
    };

const answers = [];
const waiting = [];
const server = createServer((request, response) => {
  response.end("You can close this window.");
  const parameters = new URL(request.url, "http://127.0.0.1").searchParams;
  if (!parameters.has("state")) return; // a browser also asks for a picture of the site
  waiting.length ? waiting.shift()(parameters) : answers.push(parameters);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const redirectUrl = `http://127.0.0.1:${server.address().port}/callback`;
const wayBack = () => new Promise((come) => (answers.length ? come(answers.shift()) : waiting.push(come)));

const kept = {};
const authProvider = {
  redirectUrl,
  clientMetadata: {
    client_name: `npm ${MCP_PACKAGE} with OAuth`,
    redirect_uris: [redirectUrl],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  },
  state: () => (kept.state = crypto.randomUUID()),
  clientInformation: () => kept.client,
  saveClientInformation: (client) => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => void (kept.tokens = tokens),
  saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
  codeVerifier: () => kept.verifier,
  redirectToAuthorization: (url) => console.log("OPEN", String(url)),
};
const requestInit = MCP_BAD_TOKEN ? { headers: { Authorization: `Bearer ${MCP_BAD_TOKEN}` } } : {};
const connect = async () => {
  const transport = new StreamableHTTPClientTransport(new URL(MCP_URL), { authProvider, requestInit });
  const options = newest ? { versionNegotiation: { mode: "auto" } } : {};
  const client = new Client({ name: `npm-${MCP_PACKAGE}-oauth`, version: "1.0.0" }, options);
  return { transport, client, connected: client.connect(transport) };
};

const first = await connect();
try {
  await first.connected;
  console.log("NO SIGN-IN WAS NEEDED");
} catch (refused) {
  console.log("REFUSED", refused.constructor.name);
  const parameters = await wayBack();
  if (parameters.get("state") !== kept.state) throw new Error("the state is another one");
  if (parameters.has("error")) throw new Error(`the person said ${parameters.get("error")}`);
  await first.transport.finishAuth(newest ? parameters : parameters.get("code"));
}
const { client, connected } = await connect();
await connected;
console.log("SCOPE", kept.tokens.scope);
const { tools } = await client.listTools();
console.log("TOOLS", tools.map((tool) => tool.name).join(" "));
const result = await client.callTool({ name: MCP_TOOL, arguments: {} });
console.log("RESULT", JSON.stringify(result.structuredContent));
if (kept.tokens.refresh_token) {
  kept.tokens = { ...kept.tokens, access_token: kept.tokens.access_token.slice(0, -1) + "!" };
  const again = await connect();
  await again.connected;
  await again.client.callTool({ name: MCP_TOOL, arguments: {} });
  console.log("REFRESHED");
  await again.client.close();
}
if (MCP_CALL_AGAIN) {
  await new Promise((told) => process.stdin.once("data", told));
  delete kept.tokens.refresh_token; // else the client would first try to renew what has ended
  await client.callTool({ name: MCP_TOOL, arguments: {} }).then(
    () => console.log("AGAIN answered"),
    (refused) => console.log("AGAIN", refused.constructor.name),
  );
}
await client.close();
server.close();
process.exit(0);
