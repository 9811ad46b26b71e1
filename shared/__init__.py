"""The product: every rule, store, service and transport of Merchant MCP."""
