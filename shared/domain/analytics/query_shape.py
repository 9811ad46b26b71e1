"""What a query asks for, by the names of its report: who asks for anything else learns what there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.analytics.names import UnknownName, nearest
from shared.domain.analytics.periods import Asked
from shared.domain.analytics.personal_fields import asks_for_a_person
from shared.domain.analytics.query_fields import CLAIMS, WINDOW, QueryField, Report, Unit
from shared.domain.analytics.query_rows import Filter, Op, Order, Shape, is_of_time
from shared.domain.errors import Invalid
from shared.domain.facts.fields import Role

OF_TEXT = frozenset({Op.EQ, Op.IN, Op.CONTAINS})
OF_NUMBERS = frozenset({Op.EQ, Op.IN, Op.GT, Op.LT})
OF_DATES = OF_TEXT | OF_NUMBERS
TIMES = {"date": "days as yyyy-mm-dd", "week": "Mondays as yyyy-mm-dd", "month": "months as yyyy-mm"}
"""What dimensions of time are compared with, but by `contains`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A filter as it was asked for."""

    field: str
    op: Op
    value: str | float | tuple[str | float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomQuestion:
    """What is asked."""

    connector: str
    report_type: str
    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    period: Asked
    filters: tuple[Condition, ...] = ()
    order_by: str | None = None
    """A column, and `asc` or `desc` behind it."""


def shape_of(question: CustomQuestion, report: Report, *, currency: str) -> Shape:
    """Give the rows that a question is about.

    Raises:
        Invalid: `unknown_metric`, `pii_not_permitted`, or `invalid_argument`.

    """
    dimensions = [_field(name, report, "dimensions", Role.DIMENSION) for name in dict.fromkeys(question.dimensions)]
    metrics = [_field(name, report, "metrics", Role.METRIC) for name in dict.fromkeys(question.metrics)]
    filters = [_filter(asked, report) for asked in question.filters]
    by_window = [each.name for each in (*dimensions, *(each.field for each in filters)) if each.name == WINDOW]
    of_all = sorted({each.name for each in (*metrics, *(each.field for each in filters))} - CLAIMS - _names(report))
    if by_window and of_all:
        raise Invalid(
            "invalid_argument",
            f"{', '.join(of_all)} are not told by attribution window.",
            hint="With window ask for conversions and revenue only, and for the others in a query of their own.",
            field="metrics",
        )
    order = None if question.order_by is None else _order(question.order_by, [*dimensions, *metrics])
    return Shape(dimensions=dimensions, metrics=metrics, filters=filters, order=order, currency=currency)


def _names(report: Report) -> frozenset[str]:
    return frozenset(each.name for each in report.dimensions)


def _field(name: str, report: Report, argument: str, *roles: Role) -> QueryField:
    """Find a field by its name.

    Raises:
        Invalid: `pii_not_permitted` or `unknown_metric`.

    """
    field = report.find(name)
    if field is not None and field.role in roles:
        return field
    if field is None and asks_for_a_person(name):
        raise Invalid(
            "pii_not_permitted",
            "Fields about people are not given out, and are not kept: they are dropped as a file is read.",
            hint="Ask for the dimensions of the report type; get_cohort_retention has customers in groups.",
            field=argument,
        )
    allowed = tuple(each.name for each in report.fields if each.role in roles)
    if field is not None:
        hint = f"It is one of the {field.role}s: put it there."
    else:
        hint = nearest(name, allowed) or f"There are: {', '.join(allowed)}."
    raise UnknownName(
        "unknown_metric",
        f"{report.family} has no such field among its {argument}.",
        hint=hint,
        field=argument,
        allowed=allowed,
    )


def _filter(asked: Condition, report: Report) -> Filter:
    field = _field(asked.field, report, "filters", Role.DIMENSION, Role.METRIC)
    values = asked.value if isinstance(asked.value, tuple) else (asked.value,)
    is_text = field.role is Role.DIMENSION
    ops = OF_DATES if field.unit is Unit.DATE else OF_TEXT if is_text else OF_NUMBERS
    wrong: str | None = None
    if asked.op not in ops:
        wrong = f"{field.name} is compared by {', '.join(op for op in Op if op in ops)}"
    elif (asked.op is Op.IN) != isinstance(asked.value, tuple) or not values:
        wrong = "in takes a list of values, every other op one value"
    elif any(isinstance(value, str) is not is_text for value in values):
        wrong = f"{field.name} is compared with {'a text' if is_text else 'a number'}"
    elif field.unit is Unit.DATE and asked.op is not Op.CONTAINS and not _are_of_time(field, values):
        wrong = f"{field.name} is compared with {TIMES[field.name]}"
    if wrong is not None:
        hint = 'Such as {"field":"campaign","op":"contains","value":"spring"}; dates as yyyy-mm-dd, months as yyyy-mm.'
        raise Invalid("invalid_argument", f"filters: {wrong}.", hint=hint, field="filters")
    return Filter(field=field, op=asked.op, values=values)


def _are_of_time(field: QueryField, values: Sequence[str | float]) -> bool:
    return all(is_of_time(field.name, str(value)) for value in values)


def _order(order_by: str, columns: Sequence[QueryField]) -> Order:
    name, _, direction = order_by.partition(" ")
    field = next((each for each in columns if each.name == name), None)
    if field is None or direction not in {"", "asc", "desc"}:
        names = tuple(each.name for each in columns)
        raise UnknownName(
            "invalid_argument",
            "order_by: it is a column of the answer, and asc or desc behind it.",
            hint=f'Such as "{columns[-1].name} desc".',
            field="order_by",
            allowed=names,
        )
    return Order(field=field, is_descending=direction == "desc" or (not direction and field.role is Role.METRIC))
