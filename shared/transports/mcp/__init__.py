"""The MCP door's inside: the SDK's server and its tools."""
