"""All tools, in the order in which clients list them."""

from __future__ import annotations

from shared.transports.mcp.tools import get_workspace_context
from shared.transports.mcp.tools.tool import Catalogue

CATALOGUE = Catalogue((get_workspace_context.TOOL,))
