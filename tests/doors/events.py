"""The inputs of the doors: `events/invoke/*.json`, each as the service of AWS sends it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

INVOKE = Path(__file__).parents[2] / "events" / "invoke"
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def event(name: str, **values: str) -> dict[str, Any]:
    """Read an input, with values for its placeholders: a live token cannot be written in a file."""
    text = (INVOKE / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(PLACEHOLDER.sub(lambda found: values[found[1]], text))


def tool_call(tool: str, *, token: str, **arguments: object) -> dict[str, Any]:
    """Make the input that calls a tool out of the one that calls `get_pnl`."""
    call = event("mcp_tools_call_2026_07_28", token=token)
    message = json.loads(call["body"])
    message["params"] |= {"name": tool, "arguments": arguments}
    return {**call, "body": json.dumps(message), "headers": {**call["headers"], "mcp-name": tool}}
