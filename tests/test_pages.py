"""Every link of the documentation leads somewhere, and the pages of the first hour stay pages of an hour."""

from __future__ import annotations

import re
from pathlib import Path
from unicodedata import category

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
BLOCK = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """Give a page without its blocks of code."""
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Give what a link into a page may name, as GitHub makes it of a heading."""
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    written = re.findall(r'<a (?:id|name)="([^"]+)"', prose(page))
    return {_slug(head) for head in heads} | {*written}


def _slug(head: str) -> str:
    kept = [letter for letter in head.lower() if letter in " -_" or category(letter)[0] in "LN"]
    return "".join(kept).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    astray: list[str] = []
    for link in LINK.findall(re.sub(r"`[^`\n]*`", "", prose(page))):
        place, _, anchor = link.partition("#")
        if ":" in place:
            continue  # another site's
        target = (page.parent / place) if place else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            astray.append(link)

    assert astray == []
