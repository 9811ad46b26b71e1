"""POST /mcp."""
