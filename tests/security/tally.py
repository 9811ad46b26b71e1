"""What was tried against the product and how it ended, counted over a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Tally:
    """By attack: how often it was tried, by how it ended."""

    attacks: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])

    def note(self, attack: str, outcome: object, times: int = 1) -> None:
        """Count one try, or some; an outcome is a status, a reason, or what else tells how it ended."""
        self.attacks.setdefault(attack, Counter())[str(outcome)] += times

    def rows(self) -> Iterator[Sequence[str]]:
        """Give a row for each attack: its name, the number of tries, the outcomes from the most frequent on."""
        for attack, outcomes in sorted(self.attacks.items()):
            told = ", ".join(f"{outcome} {times:,}" for outcome, times in outcomes.most_common())
            yield attack, f"{outcomes.total():,}", told

    def lines(self) -> Iterator[str]:
        """Give the rows as text."""
        rows = [*self.rows()]
        width = max(len(attack) for attack, *_ in rows)
        for attack, tries, told in rows:
            yield f"{attack:<{width}}  {tries:>9}  {told}"


TALLY = Tally()
"""Of this run."""
