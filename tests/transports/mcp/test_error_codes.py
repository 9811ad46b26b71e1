"""Every code with which a tool may refuse is named in docs/tools.md, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
OF_TOOLS = ("shared/domain/analytics", "shared/services/figures", "shared/transports/mcp/tools")
FROM_ELSEWHERE = {"cursor_invalid", "archive_incomplete", "internal"}
"""Of cursors, of the archive, and of a tool that breaks: made where others use them as well, or by no exception."""
KINDS = {"Conflict", "DomainError", "Invalid", "NotFound", "ToolError", "UnknownName"}


def codes_in_the_source() -> set[str]:
    found: set[str] = set()
    for path in (path for folder in OF_TOOLS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(code)), *_]) if kind in KINDS:
                    found.add(code)
                case _:
                    pass
    return found


def test_every_code_of_a_refusal_is_named_in_the_docs() -> None:
    (told,) = re.findall(
        r"\*\*Errors\*\* of a tool are .*?:\s(`.*?)\. `no_data` says", (ROOT / "docs/tools.md").read_text(), re.DOTALL
    )

    assert set(re.findall(r"`(\w+)`", told)) == codes_in_the_source() | FROM_ELSEWHERE
