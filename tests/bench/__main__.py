"""Print what calls, starts, sweeps and changes cost: `make bench`, or parts of it: `make bench PARTS="sweep races"`.

`make bench WRITE=1` also writes them into their blocks of docs/, a part when it is done. On a shared machine the clock
on the wall measures the neighbours too, so the processor's time is counted wherever it says enough. What is compared
takes turns: what slows the machine down slows both. Ratios hold on other machines, too.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from os import getloadavg
from platform import python_version
from time import perf_counter

from functions.wiring import now
from tests.bench.pages import DOCS, write_down
from tests.bench.parts import PARTS, chosen
from tests.bench.table import keeping, say

WRITE = "--write"


def main(names: list[str], *, write: bool) -> None:
    """Say some parts, each with what surrounded it, and write them down if that is wished."""
    for name in names:
        began = perf_counter()
        with keeping() if write else nullcontext() as kept:
            PARTS[name]()
        circumstances = (
            f"{now().date()}, Python {python_version()}, load average {getloadavg()[0]:.1f}; "
            f"`make bench PARTS={name}` took {_lasted(perf_counter() - began)}"
        )
        say(circumstances)
        if kept is not None:
            say(f"written into {write_down(name, kept, circumstances).relative_to(DOCS.parent)}")


def _lasted(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    try:
        parts = chosen([word for word in sys.argv[1:] if word != WRITE])
    except ValueError as unknown:
        sys.exit(str(unknown))
    main(parts, write=WRITE in sys.argv)
