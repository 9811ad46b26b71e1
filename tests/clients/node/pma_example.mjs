import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const PMA_API_TOKEN = process.env.PMA_API_TOKEN;
if (!PMA_API_TOKEN) {
throw new Error("PMA_API_TOKEN is not set in the environment.");
}

const transport = new StreamableHTTPClientTransport(
new URL("https://pma-mcp.web.app/mcp"),
{
requestInit: {
headers: {
Authorization: `Bearer ${PMA_API_TOKEN}`,
},
},
}
);

const client = new Client(
{ name: "my-pma-headless-service", version: "1.0.0" },
{ capabilities: {} }
);

await client.connect(transport);

// List tools (sanity check)
const { tools } = await client.listTools();
console.log("Available PMA MCP tools:", tools.map((t) => t.name));

// Call a tool
const sources = await client.callTool({
name: "pma_list_data_sources",
arguments: {},
});
console.log(sources);

await client.close();
