"""Every text that an answer may hold by its schema is a word of ours, or named as text of outsiders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from shared.domain.analytics.query_fields import REPORTS, Report
from shared.transports.mcp.tools.catalogue import CATALOGUE
from shared.transports.mcp.tools.outside_text import COLUMNS, MEMBERS, outside_text
from shared.transports.mcp.tools.tool import Tool

SENTENCES = frozenset(
    {
        "summary",
        "message",
        "fix",
        "reason",
        "label",
        "formula",
        "formulas",
        "refusal",
        "runway_note",
        "net_profit_label",
    }
)
"""Ours, with what others wrote between quotation marks: `test_outside_text` looks into them."""
WORDS = (
    "actor alert_id band behaviour code col_driver currency customer_ref definition_version direction driver factor "
    "format gate import_id key line link margin method metric missing_terms model own_currency plan "
    "reasons ref report_type report_types rfm role row_driver scopes status timezone type unit"
)
"""Ours, each one of a list or drawn by us."""
DAYS = (
    "as_of as_of_month at cohort data_from data_through date date_max date_min effective_from expires_at "
    "first_order_month fitted_on from last_order_month last_sync month moved_at observed_through opened_at sent_at "
    "since start through to today week_end"
)
OURS = SENTENCES.union(WORDS.split(), DAYS.split())
OURS_THERE = {
    ("fields", "name"),
    ("inputs", "name"),
    ("methods", "source"),
    ("platform_claims", "platform"),
    ("tools", "name"),
    ("tools", "scope"),
}
"""Ours as members of these, though elsewhere others give a thing of this name."""


def texts(schema: Mapping[str, Any], *path: str) -> Iterator[tuple[str, ...]]:
    """Give the way to every place where any text may stand: names of members and of those columns that it names."""
    columns = schema.get("properties", {}).get("columns", {}).get("const", ())
    for name, each in schema.get("properties", {}).items():
        if name == "rows" and columns:
            for column, cell in zip(columns, each["items"]["prefixItems"], strict=False):
                yield from texts(cell, *path, column)
        elif name not in {"columns", "rows"}:
            yield from texts(each, *path, name)
    for part in (schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ())):
        if part:
            yield from texts(part, *path)
    if "string" in schema.get("type", "") and not schema.keys() & {"enum", "const"}:
        yield path


def example(schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what JSON holds
    """Give the least that has each of its members."""
    if "anyOf" in schema:
        return example(schema["anyOf"][0])
    if "properties" in schema:
        return {name: example(each) for name, each in schema["properties"].items()}
    return [example(schema["items"])] if "items" in schema else schema.get("const")


@pytest.mark.parametrize("tool", [*CATALOGUE], ids=lambda tool: tool.name)
def test_a_text_of_an_answer_is_ours_or_said_to_be_of_outsiders(tool: Tool[Any]) -> None:
    data = tool.output["properties"]["data"]
    for schema in data.get("anyOf", [data]):
        marked = outside_text(example(schema))
        of_outsiders = [path for path in texts(schema) if path[-1] not in OURS and path[-2:] not in OURS_THERE]

        assert [path for path in of_outsiders if not {*path}.intersection(marked)] == []


@pytest.mark.parametrize("report", [*REPORTS.values()], ids=REPORTS)
def test_a_dimension_of_a_query_is_a_word_of_ours_or_said_to_be_of_outsiders(report: Report) -> None:
    assert {field.name for field in report.dimensions} <= COLUMNS | {"date", "week", "month", "line", "behaviour"}


def test_what_stands_in_any_of_several_is_said() -> None:
    imports: list[dict[str, Any]] = [{"errors": []}, {"errors": [{"field": "ignore_all"}]}]

    assert "field" in outside_text({"last_imports": imports})


def test_no_text_is_both() -> None:
    assert OURS.isdisjoint(COLUMNS | MEMBERS)
