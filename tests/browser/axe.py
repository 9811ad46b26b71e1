"""axe-core, run in the page that is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Page

NODE_FOLDER = Path(__file__).parent / "node"
SCRIPT = NODE_FOLDER / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = frozenset({"serious", "critical"})


def violations(page: Page) -> list[dict[str, Any]]:
    """Give what axe finds, in this window size and colour scheme."""
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return cast("list[dict[str, Any]]", found["violations"])


def grave(page: Page) -> list[str]:
    """Give the serious and critical findings, each with the elements that it is about."""
    return [
        f"{each['id']} ({each['impact']}): {', '.join(node['html'][:120] for node in each['nodes'][:3])}"
        for each in violations(page)
        if each["impact"] in GRAVE
    ]
