"""Unchanged MCP clients against the served stack."""
