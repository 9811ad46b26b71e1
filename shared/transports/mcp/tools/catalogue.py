"""All tools, in the order in which clients list them; each is imported when it is first asked for.

With what they compute, the tools are half of our own modules, and a cold start needs one of them. A tool lies in the
module of its name: `tools/get_pnl.py` has `TOOL`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from shared.services.tool_catalogue import TOOLS, ToolEntry
from shared.transports.mcp.tools.tool import Catalogue, Tool


def _imported(entry: ToolEntry) -> Tool[Any]:
    return import_module(f"shared.transports.mcp.tools.{entry.name}").TOOL


CATALOGUE = Catalogue(TOOLS, _imported)
