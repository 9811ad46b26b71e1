"""Which customers a question is about: all, or those of one segment."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.analytics.names import UnknownName, nearest
from shared.domain.facts.segments import EVERYBODY, Dimension, Segments, segment_of
from shared.domain.text import quoted
from shared.storage.contracts.facts import Figures

FEW = 3
"""So many segments of each dimension are named to those who ask for none that there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSegment:
    """A segment that there is, among the others."""

    name: str
    dimension: Dimension
    among: Segments

    @property
    def title(self) -> str | None:
        """What its product is called, where a source tells; text of outsiders."""
        return self.among.titles.get(self.name)


def find_segment(asked: str, *, workspace_id: str, figures: Figures) -> FoundSegment | None:
    """Find a segment by its name, `dimension=value`; None: all customers.

    Raises:
        UnknownName: there is none of this name; `allowed` are the segments of its dimension, or some of each.

    """
    if asked == EVERYBODY:
        return None
    head = next(iter(figures.rollups(workspace_id, Segments)), None)
    if head is None:
        hint = "Leave it out: segments are of orders that name a customer."
        raise UnknownName(
            "invalid_argument", "There are no segments.", hint=hint, field="segment", allowed=(EVERYBODY,)
        )
    dimension, _, value = (part.strip() for part in asked.partition("="))
    if dimension in tuple(Dimension):
        name, known = segment_of(Dimension(dimension), value), tuple(head.of(Dimension(dimension)))
        if name in known:
            return FoundSegment(name=name, dimension=Dimension(dimension), among=head)
        values = [each.partition("=")[2] for each in known]
        near = value and nearest(value, values, shown=quoted)
        hint = near or "Use one of allowed; what brought the most customers comes first."
    else:
        known = (EVERYBODY, *(name for each in Dimension for name in tuple(head.of(each))[:FEW]))
        hint = f"Write dimension=value; of a dimension alone, such as {Dimension.CHANNEL}, you are told all values."
    raise UnknownName(
        "invalid_argument",
        "There is no such segment.",
        hint=hint,
        field="segment",
        allowed=known,
        by_outsiders=True,
    )
