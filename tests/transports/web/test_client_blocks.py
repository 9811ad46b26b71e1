"""The ready blocks for clients are those of the documentation, which were run."""

from __future__ import annotations

import json
import re
from pathlib import Path

from shared.transports.web.pages.client_blocks import client_blocks

ANOTHER_CALL = (
    ('name: "get_pnl", arguments: { period: "last_month" }', 'name: "get_workspace_context", arguments: {}'),
    ('"get_pnl", {"period": "last_month"}', '"get_workspace_context", {}'),
    ('"name":"get_pnl","arguments":{"period":"last_month"}', '"name":"get_workspace_context"'),
)
"""What the documentation asks for -> what every token may call."""
DOCS = Path(__file__).parents[3] / "docs" / "client-setups.md"


def test_the_blocks_are_those_of_the_documentation() -> None:
    """Which the suite of clients runs, or somebody ran by hand: see there."""
    documented = DOCS.read_text()
    endpoint = "http://127.0.0.1:8765/mcp"
    blocks = {block.label: block.code for block in client_blocks(endpoint=endpoint, secret="mfp_...")}

    for label in ("TypeScript", "Python", "curl"):
        (found,) = re.findall(rf"## {label}\n.*?```\w+\n(.*?)```", documented, re.DOTALL)
        wanted = found
        for asked, first in ANOTHER_CALL:
            wanted = wanted.replace(asked, first)
        assert blocks[label].endswith(wanted.strip())
    (claude,) = re.findall(r"## Claude Code\n\n```sh\n(.*?)```", documented, re.DOTALL)
    adding, _ = claude.splitlines()
    with_the_token_itself = adding.replace("'", '"').replace("${MERCHANT_MCP_TOKEN}", "$MERCHANT_MCP_TOKEN")
    assert blocks["Claude Code"].endswith(with_the_token_itself)
    for label, filled_in in (("Claude Desktop", "mfp_..."), ("Cursor", "${env:MERCHANT_MCP_TOKEN}"), ("VS Code", "")):
        (found,) = re.findall(rf"## {label}\n.*?```json\n(.*?)```", documented, re.DOTALL)
        assert json.loads(blocks[label]) == json.loads(found.replace(filled_in, "mfp_...") if filled_in else found)
