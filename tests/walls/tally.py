"""What the walks did, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.walls.references import Whose
from tests.walls.vocabulary import Door

RARE = 12


@dataclass(kw_only=True)
class Tally:
    """Counts over all walks of a run."""

    walks: int = 0
    """Each ended with a comparison of every stored row."""
    asked: Counter[tuple[Door, str]] = field(default_factory=Counter[tuple[Door, str]])
    """By door and name."""
    answered: Counter[tuple[Door, str]] = field(default_factory=Counter[tuple[Door, str]])
    """Those of them that were not refused."""
    sent: Counter[tuple[str, Whose]] = field(default_factory=Counter[tuple[str, Whose]])
    """What was named, and whose it was."""
    beside: Counter[str] = field(default_factory=Counter[str])
    """What else happened."""

    def rarest(self) -> Sequence[tuple[Door, str]]:
        """Give the operations that were refused most of the time, the most refused one first."""
        return sorted(self.asked, key=lambda each: self.answered[each] / self.asked[each])[:RARE]

    def lines(self) -> Iterator[str]:
        """Tell it all in a few lines."""
        doors, answered = Counter[Door](), Counter[Door]()
        for (door, name), times in self.asked.items():
            doors[door] += times
            answered[door] += self.answered[door, name]
        shares = ", ".join(f"{door} {times:,} ({answered[door]:,} answered)" for door, times in doors.items())
        yield f"{self.walks:,} walks, {doors.total():,} operations of {len(self.asked)} kinds, each in two worlds"
        yield f"by door: {shares}"
        rare = [f"{name} {self.answered[door, name]:,} of {self.asked[door, name]:,}" for door, name in self.rarest()]
        yield f"most seldom answered: {', '.join(rare)}"
        for kind in dict.fromkeys(kind for kind, _ in self.sent):
            yield f"{kind}: " + ", ".join(f"{times:,} {of}" for (what, of), times in self.sent.items() if what == kind)
        if self.beside:
            yield "beside: " + ", ".join(f"{what} {times:,} times" for what, times in self.beside.items())
