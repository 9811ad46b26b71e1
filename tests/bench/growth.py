"""How the cost of an operation grows with the tokens of a workspace and with the rows of its trail; with a picture."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.growth_points import Point
from tests.bench.growth_tokens import TOKENS, by_tokens
from tests.bench.growth_trail import PERIOD, ROWS, by_rows
from tests.bench.table import say, say_table, show

HERE = Path(__file__).parent
DRAWING_PYTHON = HERE.parents[1] / ".venv-bench" / "bin" / "python"
Measured = Mapping[str, Sequence[Point]]
"""Operation -> what it costs at each size."""


def say_growth() -> None:
    """Print a table for each axis, and draw both."""
    of_tokens = _measured(by_tokens, TOKENS)
    of_rows = _measured(by_rows, ROWS)
    panels = [*_panels("tokens", TOKENS, of_tokens), *_panels("rows of the trail", ROWS, of_rows)]
    words = "Cost of calls, lists, sweeps, seals, exports and questions by tokens and by rows of the trail"
    show("growth.png", words, lambda: _drawn(panels))
    _say("tokens in one workspace", TOKENS, of_tokens)
    _say(f"rows in one workspace's trail, of {PERIOD.days} days, a seal each hour", ROWS, of_rows)
    say("Each cell: requests, read units, write units; milliseconds of the processor on SQLite in memory.")


def _measured(measure: Callable[[int], Mapping[str, Point]], sizes: Sequence[int]) -> Measured:
    at_each = [measure(size) for size in sizes]
    return {name: [points[name] for points in at_each] for name in at_each[0]}


def _say(of_what: str, sizes: Sequence[int], measured: Measured) -> None:
    def rows() -> Iterator[tuple[str, ...]]:
        for name, points in measured.items():
            yield name, *(_told(point) for point in points), f"{points[-1].milliseconds / points[0].milliseconds:.1f}"

    say_table(f"By {of_what}", ("", *(f"{size:,}" for size in sizes), "ms, last / first"), rows())


def _told(point: Point) -> str:
    counted = (point.requests, point.read_units, point.write_units)
    return (
        f"{', '.join(f'{each:,.3g}' if each < 100 else f'{each:,.0f}' for each in counted)}; {point.milliseconds:.3g}"
    )


def _panels(of: str, sizes: Sequence[int], measured: Measured) -> Iterator[dict[str, Any]]:
    for name, points in measured.items():
        yield {
            "title": name,
            "of": of,
            "sizes": sizes,
            "requests": [point.requests for point in points],
            "read units": [point.read_units for point in points],
            "write units": [point.write_units for point in points],
            "ms of the processor": [point.milliseconds for point in points],
        }


def _drawn(panels: Sequence[Mapping[str, Any]]) -> bytes:
    """Have the picture drawn; the library for it lies in a venv of its own."""
    command = [DRAWING_PYTHON, HERE / "draw_growth.py"]
    return subprocess.run(command, input=json.dumps(panels).encode(), stdout=subprocess.PIPE, check=True).stdout
