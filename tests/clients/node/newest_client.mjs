// The newest npm client, as its documentation says: connect, list, call. Nothing is caught, so Node prints what went wrong.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const { MCP_URL, MCP_TOKEN, MCP_TOOL } = process.env;

const transport = new StreamableHTTPClientTransport(new URL(MCP_URL), {
  requestInit: { headers: { Authorization: `Bearer ${MCP_TOKEN}` } },
});
const client = new Client(
  { name: "newest-npm-client", version: "1.0.0" },
  { versionNegotiation: { mode: "auto" } },
);

await client.connect(transport);
console.log("Protocol:", client.getNegotiatedProtocolVersion());

const { tools } = await client.listTools();
console.log("Tools:", tools.map((tool) => tool.name).join(" "));

const result = await client.callTool({ name: MCP_TOOL, arguments: {} });
console.log(JSON.stringify(result.structuredContent));

await client.close();
