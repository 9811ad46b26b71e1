"""Writes docs/tools.md and docs/formulas.md: `python -m tests.transports.questions.document`, or `make tools-page`.

What is between the two marks of docs/tools.md comes from the tools as a client sees them, with answers of the sample
shop; what is around it is written by hand. docs/formulas.md is made whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from shared.domain.analytics.definitions import METRICS
from tests.transports.mcp.shop import Shop
from tests.transports.questions.questions import QUESTIONS, Question
from tests.transports.questions.sample import sample_shop
from tests.transports.questions.sources import SOURCES

DOCS = Path(__file__).parents[3] / "docs"
TOOLS_PAGE, FORMULAS_PAGE = DOCS / "tools.md", DOCS / "formulas.md"
BEGIN, END = "<!-- From here on by `make tools-page`. -->", "<!-- By hand again. -->"
SHOWN_ROWS = 4
SHOWN_ELEMENTS = 3
SHARED = frozenset({"detail", "cursor", "limit"})
"""Arguments that mean the same everywhere; the page says so once, by hand."""

Schema = Mapping[str, Any]


def tools_page(written: str) -> str:
    """Give the page of tools as it was written, with its middle part made anew."""
    before, rest = written.split(BEGIN)
    _, after = rest.split(END)
    shop = sample_shop()
    tools = shop.rpc("tools/list").result["tools"]
    parts = "\n".join(_tool(tool, shop) for tool in tools)
    return f"{before}{BEGIN}\n\n{parts}\n{END}{after}"


def formulas_page() -> str:
    """Give the page of formulas."""
    parts = ["# Formulas\n", INTRODUCTION]
    for version, metrics in groupby(METRICS, key=lambda metric: metric.version):
        rows = [(f"`{each.key}`", each.label, each.unit, each.formula) for each in metrics]
        parts += [f"## {version}\n", f"{SOURCES[version]}\n", _table(("key", "label", "unit", "formula"), rows)]
    return "\n".join(parts)


INTRODUCTION = (
    "Every number that a tool gives, under the version of its definition: a formula never changes under its version.\n"
    "Money is added up in millionths of the currency's major unit and rounded once, on its way out.\n"
    "This page is written by `make tools-page` from `shared/domain/analytics/definitions.py`.\n"
)


# --- a tool -----------------------------------------------------------------------------------------------------------


def _tool(tool: Mapping[str, Any], shop: Shop) -> str:
    question = next(each for each in QUESTIONS if each.tool == tool["name"])
    rows = [_argument(name, schema) for name, schema in tool["inputSchema"]["properties"].items() if name not in SHARED]
    parts = [f"### {tool['name']}\n", f"{tool['description']}\n"]
    if rows:
        parts.append(_table(("argument", "value", "default", "meaning"), rows))
    parts += [_output(tool["outputSchema"]), _example(question, shop)]
    return "\n".join(parts)


def _argument(name: str, schema: Schema) -> tuple[str, str, str, str]:
    default = schema.get("default")
    shown = "" if default is None else f"`{default if isinstance(default, str) else json.dumps(default)}`"
    return f"`{name}`", _value(schema), shown, schema["description"]


def _value(schema: Schema) -> str:
    """Say in words what an argument may be."""
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"] if each is not None)
    types = [schema["type"]] if isinstance(schema["type"], str) else cast("list[str]", schema["type"])
    kind = next(each for each in types if each != "null")
    if kind == "array":
        return f"list of {_value(schema['items'])}"
    if schema.get("format") == "date":
        return "date"
    bounds = [schema.get("minimum"), schema.get("maximum")]
    if None not in bounds:
        return f"{kind} {bounds[0]} to {bounds[1]}"
    return kind


def _output(schema: Schema) -> str:
    data = schema["properties"]["data"]
    alternatives = [each for each in data.get("anyOf", [data]) if "properties" in each]
    said = [line for each in alternatives for line in _data(each)]
    totals = schema["properties"]["totals"].get("properties", {})
    if totals:
        said.append(f"`totals`: {_names(totals)}.")
    return "\n".join(f"- {line}" for line in said) + "\n"


def _data(data: Schema) -> Iterator[str]:
    properties = dict(data["properties"])
    if "columns" in properties:
        columns = properties.pop("columns")
        properties.pop("rows")
        named = columns.get("const") or ()
        yield "Rows: " + (", ".join(f"`{name}`" for name in named) + "." if named else "see the answer's `columns`.")
    if properties:
        yield f"`data`: {_names(properties)}."


def _names(properties: Mapping[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in properties)


def _example(question: Question, shop: Shop) -> str:
    content = shop.call(question.tool, **question.arguments).content
    data: Any = content["data"]
    shown = {"summary": content["summary"], "data": _shortened(data)}
    if content["totals"]:
        shown["totals"] = _shortened(content["totals"])
    if warnings := content["meta"]["warnings"]:
        shown["warnings"] = _shortened(warnings)
    call = json.dumps({"name": question.tool, "arguments": question.arguments})
    return f"*{question.asked}*\n\n```json\n{call}\n```\n\n```json\n{_laid_out(shown)}\n```\n"


def _shortened(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Leave out what would fill pages: the page shows what an answer is like."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if "columns" in members:
            columns, rows = members.pop("columns"), members.pop("rows")
            return {"columns": columns, "rows": _first(rows, SHOWN_ROWS), **_shortened(members)}
        return {name: _shortened(each) for name, each in members.items()}
    if isinstance(value, list) and any(isinstance(each, dict) for each in cast("list[Any]", value)):
        return _first([_shortened(each) for each in cast("list[Any]", value)], SHOWN_ELEMENTS)
    return cast("Any", value)


def _first(values: list[Any], most: int) -> list[Any]:
    return values if len(values) <= most else [*values[:most], "…"]


def _laid_out(shown: Mapping[str, Any]) -> str:
    """Write JSON with a line for each member, and for each row of a table."""
    lines = [f' "{name}": {_member(value)}' for name, value in shown.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def _member(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    members = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if not members.get("columns") or not members["rows"]:
        return _compact(value)
    rows = ",\n".join(f"   {_compact(row)}" for row in members["rows"])
    rest = "".join(f', "{name}": {_compact(each)}' for name, each in members.items() if name not in {"columns", "rows"})
    return f'{{"columns": {_compact(members["columns"])}, "rows": [\n{rows}]{rest}}}'


def _compact(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    return json.dumps(value, ensure_ascii=False)


def _table(headers: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [" | ".join(headers), " | ".join("---" for _ in headers), *(" | ".join(row) for row in rows)]
    return "".join(f"| {line} |\n" for line in lines)


if __name__ == "__main__":
    TOOLS_PAGE.write_text(tools_page(TOOLS_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    FORMULAS_PAGE.write_text(formulas_page(), encoding="utf-8")
