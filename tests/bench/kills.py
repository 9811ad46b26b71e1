"""The kill table: what came of killing each operation before each of its calls to the store and after the last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.table import say_table
from tests.services.killing import kill_everywhere
from tests.services.mortal_changes import OPERATIONS


def say_kills() -> None:
    """Print the table; a test demands that the last two columns are empty."""
    columns = ("", "places to die", f"{'finished by':>20}", "lost", "twice")
    say_table("Operations killed before each call to the store, and unheard after the last", columns, _rows())


def _rows() -> Iterator[tuple[str, ...]]:
    places = lost = twice = 0
    with TemporaryDirectory() as folder:
        for number, operation in enumerate(OPERATIONS):
            for deaths in kill_everywhere(operation, Path(folder, str(number))):
                places, lost, twice = places + deaths.places, lost + deaths.lost, twice + deaths.twice
                yield deaths.operation, str(deaths.places), deaths.finisher, str(deaths.lost), str(deaths.twice)
    yield "all", str(places), "", str(lost), str(twice)
