"""The one shape in which every tool answers, and how a too large answer is cut: by whole rows, from the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar, overload

from shared.domain.analytics.periods import DateRange
from shared.domain.facts.rollups import Account
from shared.services.figures.frame import Caveat, Frame
from shared.services.refusals import instant
from shared.transports.mcp.answers import to_json
from shared.transports.mcp.tools.outside_text import outside_text

CAPS = {"compact": 8 * 1024, "full": 32 * 1024}
"""The most bytes of structured content."""

SHOWN_SOURCES = 20

Cell = Any
"""Whatever JSON can say; the tool's schema says what."""


T = TypeVar("T")


class Written(Sequence[Sequence[Cell]], Generic[T]):
    """Rows that are written where they are shown: of thousands, a page has twenty."""

    def __init__(self, things: Sequence[T], write: Callable[[T], Sequence[Cell]]) -> None:
        self._things = things
        self._write = write

    def __len__(self) -> int:
        """Count the things: each is a row."""
        return len(self._things)

    @overload
    def __getitem__(self, place: int) -> Sequence[Cell]: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Sequence[Cell]]: ...

    def __getitem__(self, place: int | slice) -> Sequence[Cell] | Sequence[Sequence[Cell]]:
        """Write a row, or a stretch of them."""
        if isinstance(place, slice):
            return [self._write(thing) for thing in self._things[place]]
        return self._write(self._things[place])


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of like things; `more` stands beside them and is never cut."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The rows of one page, read as such: how many there are in all nobody knows. The tool sees to it that they fit."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    next_cursor: str | None
    is_cut: bool
    """Whether it would be longer if more fitted into one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a tool found out."""

    summary: str
    """One or two sentences; numbers with their units and the period."""
    frame: Frame
    data: Mapping[str, Any] | Table | Stretch
    totals: Mapping[str, Any] | None = None
    """Over all rows, whichever of them are on this page."""
    comparison: Mapping[str, Any] | None = None
    period: DateRange | None = None
    comparison_period: DateRange | None = None
    currency: str | None = None
    """None: the workspace's."""
    definition_version: str | None = None
    sources: Sequence[Account] = ()
    coverage: Mapping[str, float | None] = field(default_factory=dict[str, float | None])
    caveats: Sequence[Caveat] = ()
    version: str = ""
    """Where more than data and day decide what the rows are: changes with them, so that no page is of other rows."""
    counts_rows: bool = False
    """Whether the summary ends with which rows of how many these are."""


def envelope(
    answer: Answer,
    *,
    detail: Literal["compact", "full"],
    request_id: str,
    offset: int = 0,
    limit: int | None = None,
    cursor_at: Callable[[int], str] = str,
) -> dict[str, Any]:
    """Give the structured content: the page that was asked for, or as many of its rows as fit, and at least one.

    `cursor_at` makes the cursor of a position in the rows.
    """
    table = answer.data
    if isinstance(table, Stretch):
        page = _page(len(table.rows), None, table.next_cursor)
        data = {"columns": table.columns, "rows": table.rows}
        return _content(answer, data, page=page, truncated=table.is_cut, request_id=request_id)
    if not isinstance(table, Table):
        return _content(answer, table, page=None, truncated=False, request_id=request_id)
    wanted = len(range(len(table.rows))[offset:][:limit])

    def cut_to(count: int) -> dict[str, Any]:
        end = offset + count
        page = _page(count, len(table.rows), cursor_at(end) if end < len(table.rows) else None)
        data = {"columns": table.columns, "rows": table.rows[offset:end], **table.more}
        rows = _rows_told(offset, count, len(table.rows)) if answer.counts_rows else None
        return _content(answer, data, page=page, truncated=count < wanted, request_id=request_id, rows=rows)

    content = cut_to(wanted)
    if wanted <= 1 or len(to_json(content)) <= CAPS[detail]:
        return content
    fitting, too_many = 1, wanted
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if len(to_json(cut_to(middle))) <= CAPS[detail]:
            fitting = middle
        else:
            too_many = middle
    return cut_to(fitting)


def _page(returned: int, total: int | None, next_cursor: str | None) -> dict[str, Any]:
    return {"returned": returned, "total": total, "has_more": next_cursor is not None, "next_cursor": next_cursor}


def _rows_told(offset: int, count: int, total: int) -> str:
    if count == 0:
        return f"None of {total:,} rows: they end before these." if total else "No rows."
    if count == total:
        return f"All {total:,} rows." if total > 1 else "1 row."
    return f"Rows {offset + 1:,}-{offset + count:,} of {total:,}."


def _content(
    answer: Answer,
    data: Mapping[str, Any],
    *,
    page: Mapping[str, Any] | None,
    truncated: bool,
    request_id: str,
    rows: str | None = None,
) -> dict[str, Any]:
    frame = answer.frame
    through = frame.overview.data_through
    return {
        "summary": answer.summary if rows is None else f"{answer.summary} {rows}",
        "data": data,
        "totals": answer.totals,
        "comparison": answer.comparison,
        "meta": {
            "period": _period(answer.period, frame),
            "comparison_period": _period(answer.comparison_period, frame),
            "timezone": frame.settings.timezone,
            "currency": answer.currency or frame.settings.currency,
            "today": frame.today.isoformat(),
            "data_through": None if through is None else through.isoformat(),
            "definition_version": answer.definition_version,
            "sources": [_source(account) for account in answer.sources[:SHOWN_SOURCES]],
            "coverage": answer.coverage,
            "warnings": [
                {"code": caveat.code, "message": caveat.message, "share": caveat.share} for caveat in answer.caveats
            ],
            "outside_text": outside_text(data),
            "page": page,
            "truncated": truncated,
            "request_id": request_id,
        },
    }


def _period(span: DateRange | None, frame: Frame) -> dict[str, Any] | None:
    if span is None:
        return None
    return {"from": span.first.isoformat(), "to": span.last.isoformat(), "partial": span.last >= frame.today}


def _source(account: Account) -> dict[str, Any]:
    return {
        "connector": account.source,
        "account_id": account.account,
        "last_sync": None if account.last_export is None else instant(account.last_export),
        "status": account.status,
    }
