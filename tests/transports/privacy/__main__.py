"""Counts what the search for planted people goes through: `python -m tests.transports.privacy`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.transports.privacy.people import MARKS_A_PERSON, found_in
from tests.transports.privacy.planted_shop import PlantedShop


def main() -> int:
    """Print the counts; the exit code tells whether anybody was found."""
    shop = PlantedShop.opened()
    answers = [*shop.answers()]
    searched = {
        "rows": [*shop.rows()],
        "objects": [text for _, text in shop.kept_objects()],
        "answers": [text for _, text in answers],
        "log records": shop.logged.records,
    }
    found = {kind: sum(bool(found_in(text)) for text in texts) for kind, texts in searched.items()}
    sys.stdout.writelines(f"{line}\n" for line in (*_planted(shop), *_searched(searched, found)))
    told = Counter(asked.partition(" ")[0] for asked, _ in answers)
    refused = sum('"isError":true' in text for _, text in answers)
    sys.stdout.write(
        f"{refused} of the answers are refusals; of each tool: "
        + ", ".join(f"{tool} {count}" for tool, count in sorted(told.items()))
        + "\n"
    )
    return int(any(found.values()))


def _planted(shop: PlantedShop) -> Iterator[str]:
    people = sum(file.people for file in shop.files)
    yield f"{people} people of {MARKS_A_PERSON} marks each, in {len(shop.files)} files; each file is sent a second time"
    yield "with so much wrong that it is refused"
    for file in shop.files:
        marks = len(found_in(file.content.decode()))
        yield f"  {file.format:32}{file.people:4} people, {marks:4} marks found in the file"


def _searched(searched: Mapping[str, Sequence[str]], found: Mapping[str, int]) -> Iterator[str]:
    for kind, texts in searched.items():
        yield f"{len(texts):,} {kind} of {sum(map(len, texts)):,} characters: somebody in {found[kind]}"


if __name__ == "__main__":
    sys.exit(main())
