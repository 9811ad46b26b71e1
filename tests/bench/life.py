"""One token's life as a transcript of its trail."""

from __future__ import annotations

from tests.bench.table import say_table
from tests.services.life_story import live_a_life, told
from tests.services.lived import Lived


def say_life() -> None:
    """Print the transcript: the day, which of the two tokens, what happened, by whom, and how."""
    lived = Lived()
    lines = told(lived, live_a_life(lived))
    say_table(
        "A token and its successor, as the trail tells it",
        ("day", "whom", "what", "by", "how"),
        (
            (
                f"{line.days:.2f}",
                line.whom,
                line.what if line.times == 1 else f"{line.what} x {line.times}",
                line.by,
                line.how,
            )
            for line in lines
        ),
    )
