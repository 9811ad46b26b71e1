"""The pages of docs with figures: what is between `<!-- bench: NAME -->` and `<!-- end -->` is for a part to write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.bench.table import IMAGES, Kept

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"(?P<begin><!-- bench: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)
PICTURE_BYTES = 120_000


def blocks(docs: Path = DOCS) -> Iterator[tuple[str, Path]]:
    """Give the name of each block, and the page that it stands on."""
    for page in sorted(docs.rglob("*.md")):
        for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
            yield block["name"], page


def write_down(name: str, kept: Kept, circumstances: str, docs: Path = DOCS) -> Path:
    """Put what a part said into its block, and its pictures beside the page.

    Raises:
        ValueError: no page has such a block, or several have.

    """
    pages = [page for block, page in blocks(docs) if block == name]
    if len(pages) != 1:
        raise ValueError(f"`<!-- bench: {name} -->` has to stand in one page of docs once, not {len(pages)} times")
    (page,) = pages
    page.write_text(
        filled(page.read_text(encoding="utf-8"), {name: f"{kept.markdown}\n\n*{circumstances}*"}), encoding="utf-8"
    )
    for file_name, picture in kept.pictures.items():
        if len(picture) > PICTURE_BYTES:
            raise ValueError(f"{file_name} has {len(picture):,} bytes; pages load {PICTURE_BYTES:,} at most")
        (docs / IMAGES).mkdir(exist_ok=True)
        (docs / IMAGES / file_name).write_bytes(picture)
    return page


def filled(text: str, figures: Mapping[str, str]) -> str:
    """Give a page with some of its blocks made anew; what is around them is written by hand."""

    def block(found: re.Match[str]) -> str:
        if found["name"] not in figures:
            return found[0]
        return f"{found['begin']}\n{figures[found['name']]}\n\n{found['end']}"

    return BLOCK.sub(block, text)
