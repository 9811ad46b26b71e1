"""docs/clients.md, and the blocks of docs/client-setups.md: what they say is what the suite runs."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "clients.md").read_text(encoding="utf-8")
SETUPS = (DOCS / "client-setups.md").read_text(encoding="utf-8")
URL = "http://127.0.0.1:8765/mcp"
"""What stands in the blocks, and is replaced by the URL of the stack under test."""


def block_of(section: str, language: str) -> str:
    """Give the one block of a language under a heading."""
    text = SETUPS.split(f"\n## {section}\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return block
