"""One side of a comparison, in a process of its own: `python -m tests.bench.warm_process MODULE`.

It imports the module and says so. Then each order takes three lines: what to call, at which it makes the events; when
to answer them, after which it says what that cost the processor; and when to look at the answers. Whoever counts
instructions does so between the second line and what is said to it. What it prints otherwise goes with its errors.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from importlib import import_module
from itertools import count
from time import process_time
from typing import Any

from tests.bench.events import call_event, is_answered


def main(module: str) -> None:
    """Answer until nobody asks."""
    told, sys.stdout = sys.stdout, sys.stderr
    side: Any = import_module(f"tests.bench.peers.{module}")
    bearer = getattr(side, "BEARER", None)
    numbers = count(1)
    say = partial(print, file=told, flush=True)
    say("ready")
    for line in sys.stdin:
        wanted = json.loads(line)
        events = [call_event(wanted["version"], bearer, next(numbers), wanted["call"]) for _ in range(wanted["calls"])]
        say("made")
        sys.stdin.readline()
        began = process_time()
        answers = [side.handler(event, None) for event in events]
        spent = process_time() - began
        say(spent)
        sys.stdin.readline()
        if unanswered := [answer for answer in answers if not is_answered(answer)]:
            raise RuntimeError(f"{module} answered {unanswered[0]}")
        say("looked at")


if __name__ == "__main__":
    main(sys.argv[1])
