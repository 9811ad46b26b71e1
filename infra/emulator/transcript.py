"""Says what is done while it is done, with the seconds that each step took."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic


class Transcript:
    """A line for each step, when it is over, and below it what was seen."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._began = monotonic()

    @contextmanager
    def step(self, title: str) -> Generator[Callable[[str], None]]:
        """Time the block; it is given a function that notes what it sees."""
        began = monotonic()
        seen: list[str] = []
        mark = "failed"
        try:
            yield seen.append
            mark = f"{monotonic() - began:4.1f} s"
        finally:
            self._say(f"{mark:>8}  {title}")
            for line in seen:
                self._say(f"{'':>8}    {line}")

    def close(self) -> None:
        """Say how long all of it took."""
        self._say(f"{monotonic() - self._began:6.1f} s  in all")
