"""The shapes of MCP, HTTP and the command line."""
