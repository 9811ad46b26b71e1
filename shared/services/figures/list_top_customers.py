"""Who the best customers of a shop are, who orders the most, who is expected to, and who stays away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.analytics.lifetimes import Gate, gates
from shared.domain.analytics.periods import DateRange
from shared.domain.analytics.rfm import Rfm
from shared.domain.analytics.suppression import hidden_parts_of_all
from shared.domain.analytics.top_windows import days_of
from shared.domain.errors import Invalid
from shared.domain.facts.lifetimes import Lifetimes
from shared.domain.facts.segments import EVERYBODY
from shared.domain.facts.top_customers import SortBy, TopCustomer, TopCustomers, Window, place_of
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class TopQuestion:
    """What is asked."""

    window: Window = Window.ALL
    sort_by: SortBy = SortBy.NET_REVENUE
    of_kind: Rfm | None = None
    """None: customers of every kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopReport:
    """The answer, not rounded."""

    frame: Frame
    window: DateRange | None
    """None: no day is known."""
    found: TopCustomers | None
    """The list; None: nobody is of the kind, or it is hidden."""
    kinds: Mapping[str, int]
    """Kind -> customers who ordered in the window."""
    hidden: Collection[str]
    """The kinds of which nothing is told: of too few customers, or needed to hide those."""
    orders: tuple[int, int]
    """Of the window: those that name a customer, and all."""
    rows: Sequence[TopCustomer]
    failed: Sequence[Gate]
    """Why nothing is expected of anybody, where it is not."""


def list_top_customers(question: TopQuestion, *, workspace_id: str, now: datetime, figures: Figures) -> TopReport:
    """List the customers of a window, the first by some measure.

    What is hidden hangs on nothing that is asked: a kind that one window hides would else be read off another, by the
    customers who are in both.

    Raises:
        NotFound: `no_data`.
        Invalid: `insufficient_data`, to sort by what nobody knows.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)

    def read(of_kind: str) -> TopCustomers | None:
        place = place_of(question.window, question.sort_by, of_kind)
        return next(iter(figures.rollups(workspace_id, TopCustomers, place, place)), None)

    found = read(question.of_kind or EVERYBODY)
    head = found or read(EVERYBODY)
    kinds: Mapping[str, int] = {} if head is None else head.kinds.get(question.window, {})
    hidden = frozenset[str]() if head is None else hidden_parts_of_all(head.kinds.values(), frame.settings.k_min)
    if question.of_kind in hidden:
        found = None
    rows = () if found is None else found.listed()
    failed: Sequence[Gate] = ()
    if head is not None and not head.has_expectations:
        failed = _failed(head.through, workspace_id, figures)
        if question.sort_by is SortBy.PREDICTED_VALUE:
            raise Invalid(
                "insufficient_data",
                f"Nothing is expected of any customer: {why_not(failed)}",
                hint="Sort by net_revenue or orders; get_customer_ltv tells more of the model.",
                field="sort_by",
            )
    return TopReport(
        frame=frame,
        window=_window(question.window, frame),
        found=found,
        kinds=kinds,
        hidden=hidden,
        orders=(0, 0) if head is None else (head.orders_named, head.orders_in_all),
        rows=rows,
        failed=failed,
    )


def why_not(failed: Sequence[Gate]) -> str:
    """Say what the models lack."""
    each = (
        f"{gate.name} {'unknown' if gate.have is None else f'{gate.have:,g}'} (need {gate.need:,g})" for gate in failed
    )
    return ", ".join(each) + "."


def _failed(through: str, workspace_id: str, figures: Figures) -> Sequence[Gate]:
    place = f"{EVERYBODY}#{through}"
    found = figures.rollups(workspace_id, Lifetimes, place, place)
    return [gate for lifetimes in found for gate in gates(lifetimes) if not gate.passes]


def _window(window: Window, frame: Frame) -> DateRange | None:
    begins, ends = frame.overview.data_from, frame.overview.data_through
    if begins is None or ends is None:
        return None
    return days_of(window, DateRange(first=begins, last=ends))
