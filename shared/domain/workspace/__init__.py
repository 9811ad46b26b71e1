"""The tenant: its plan, its access to MCP, its members and their roles."""
