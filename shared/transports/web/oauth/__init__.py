"""OAuth 2.1 for MCP clients: discovery, registration, consent, tokens and their end."""
