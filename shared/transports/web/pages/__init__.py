"""The pages of a workspace, under Settings > Developer > MCP."""
