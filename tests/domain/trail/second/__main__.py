"""Print what was done to exports, and what each verifier finds: `python -m tests.domain.trail.second`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from tests.domain.trail.second.scene import found_by_ours, found_by_second, scene
from tests.domain.trail.second.tamperings import all_tamperings

Row = tuple[str, str, str]


def said(found: Sequence[str]) -> str:
    """Name each finding once, in its order, and how often it is there."""
    return ", ".join(name if often == 1 else f"{name} x{often}" for name, often in Counter(found).items()) or "holds"


def table() -> list[Row]:
    """Give a row for each tampering, or for those that have a name before the colon and all findings in common."""
    rows: list[Row] = []
    for each in all_tamperings(scene()):
        keys = each.keys or [scene().key.line]
        ours, seconds = (find(each.file, keys, each.earlier) for find in (found_by_ours, found_by_second))
        rows.append((each.name.partition(": ")[0], said(ours), said(seconds)))
    return [
        (f"{what} ({often} files)" if often > 1 else what, ours, "the same" if seconds == ours else seconds)
        for (what, ours, seconds), often in Counter(rows).items()
    ]


if __name__ == "__main__":
    lines = [("What was done", "The product finds", "The second verifier finds"), *table()]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    for line in lines:
        sys.stdout.write(
            "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        )
