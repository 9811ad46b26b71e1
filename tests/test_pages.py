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


# --- the first hour ---------------------------------------------------------------------------------------------------

INDEX = DOCS / "README.md"
FIRST_HOUR = [
    (INDEX.parent / link, int(minutes))
    for link, minutes in re.findall(r"^\| \d+ \| \[[^\]]+\]\(([^)]+)\) \| (\d+) \|", INDEX.read_text(), re.MULTILINE)
]
WORDS_A_MINUTE = 220
"""Of sentences, that somebody reads who wants to understand them. Tables and blocks are skimmed."""
WORDS_IN_ALL = 16_500


def words(text: str) -> int:
    """Count words, and no bars of tables, marks or targets of links."""
    return len(re.findall(r"\w[\w'.-]*", re.sub(r"\]\([^)]*\)", "]", text)))


def test_the_first_pages_take_an_hour() -> None:
    assert sum(minutes for _, minutes in FIRST_HOUR) == 60
    assert sum(words(prose(page)) for page, _ in FIRST_HOUR) <= WORDS_IN_ALL


@pytest.mark.parametrize(("page", "minutes"), FIRST_HOUR, ids=lambda each: getattr(each, "stem", ""))
def test_a_page_is_read_in_its_minutes(page: Path, minutes: int) -> None:
    sentences = "\n".join(line for line in prose(page).splitlines() if not line.startswith("|"))

    assert words(sentences) <= minutes * WORDS_A_MINUTE


def test_every_page_is_named_by_the_index_once() -> None:
    named = [(DOCS / link).resolve() for link in LINK.findall(prose(INDEX)) if ":" not in link]
    pages = {page for page in DOCS.glob("*.md") if page != INDEX} | {ROOT / "README.md", DOCS / "adr/README.md"}

    assert sorted(named) == sorted(page.resolve() for page in pages)
