"""axe-core, run in the page that is open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Page

NODE_FOLDER = Path(__file__).parent / "node"
SCRIPT = NODE_FOLDER / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = frozenset({"serious", "critical"})


def violations(page: Page, *, rules: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Give what axe finds by some rules, or by all, in this window size and colour scheme."""
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return cast("list[dict[str, Any]]", found["violations"])


def grave(page: Page, *, colours_alone: bool = False) -> list[str]:
    """Give the serious and critical findings, each with the elements that it is about."""
    rules = ("color-contrast", "link-in-text-block") if colours_alone else ()
    return [
        f"{each['id']} ({each['impact']}): {', '.join(node['html'][:120] for node in each['nodes'][:3])}"
        for each in violations(page, rules=rules)
        if each["impact"] in GRAVE
    ]
