"""One token's life as a transcript of its trail."""

from __future__ import annotations

from tests.bench.table import say
from tests.services.life_story import live_a_life, told
from tests.services.lived import Lived


def say_life() -> None:
    """Print the transcript: the day, which of the two tokens, what happened, by whom, and how."""
    lived = Lived()
    lines = told(lived, live_a_life(lived))
    say()
    say("A token and its successor, as the trail tells it")
    for line in lines:
        what = line.what if line.times == 1 else f"{line.what} x {line.times}"
        say(f"day {line.days:5.2f}  {line.whom:<6}  {what:<25}  {line.by:<18}  {line.how}".rstrip())
