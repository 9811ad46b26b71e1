"""Writes pages about tools and formulas: `python -m tests.transports.questions.document`, or `make tools-page`.

What is between the two marks of docs/tools.md is a line for each tool; of docs/tools-reference.md, the tools as a
client sees them, with answers of the sample shop. What is around it is written by hand. docs/formulas.md is made whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from shared.domain.analytics.definitions import METRICS
from shared.services.tool_catalogue import TOOLS, ToolEntry
from tests.transports.mcp.shop import Shop
from tests.transports.questions.questions import QUESTIONS, Question
from tests.transports.questions.sample import sample_shop
from tests.transports.questions.sources import SOURCES

DOCS = Path(__file__).parents[3] / "docs"
TOOLS_PAGE, REFERENCE_PAGE, FORMULAS_PAGE = DOCS / "tools.md", DOCS / "tools-reference.md", DOCS / "formulas.md"
BEGIN, END = "<!-- From here on by `make tools-page`. -->", "<!-- By hand again. -->"
SHOWN_ROWS = 4
SHOWN_ELEMENTS = 3
SHARED = frozenset({"detail", "cursor", "limit"})
"""Arguments that mean the same everywhere; the page says so once, by hand."""

Schema = Mapping[str, Any]


def tools_page(written: str) -> str:
    """Give the page of tools as it was written, with its table made anew."""
    rows = [
        (
            f"[`{tool.name}`]({REFERENCE_PAGE.name}#{tool.name})",
            tool.summary,
            _scopes(tool),
            _question_of(tool.name).asked,
        )
        for tool in TOOLS
    ]
    return _between_the_marks(written, _table(("tool", "what it answers", "scope", "a question"), rows))


def reference_page(written: str) -> str:
    """Give the reference of the tools as it was written, with its middle part made anew."""
    shop = sample_shop()
    tools = shop.rpc("tools/list").result["tools"]
    return _between_the_marks(written, "\n".join(_tool(tool, shop) for tool in tools))


def formulas_page() -> str:
    """Give the page of formulas."""
    parts = ["# Formulas\n", INTRODUCTION]
    for version, metrics in groupby(METRICS, key=lambda metric: metric.version):
        rows = [(f"`{each.key}`", each.label, each.unit, each.formula) for each in metrics]
        parts += [f"## {version}\n", f"{SOURCES[version]}\n", _table(("key", "label", "unit", "formula"), rows)]
    return "\n".join(parts)


def _between_the_marks(written: str, made: str) -> str:
    before, rest = written.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{made}\n{END}{after}"


INTRODUCTION = (
    "Every number that a tool gives, under the version of its definition: a formula never changes under its version.\n"
    "Money is added up in millionths of the currency's major unit and rounded once, on its way out.\n"
    "This page is written by `make tools-page` from `shared/domain/analytics/definitions.py`.\n"
)


# --- a tool -----------------------------------------------------------------------------------------------------------


def _scopes(tool: ToolEntry) -> str:
    """Name the scopes of which one opens a tool, as short as tokens are talked of."""
    return ", ".join(sorted(scope.removeprefix("mcp:").removesuffix(":read") for scope in tool.opened_by)) or "any"


def _question_of(tool: str) -> Question:
    return next(each for each in QUESTIONS if each.tool == tool)


def _tool(tool: Mapping[str, Any], shop: Shop) -> str:
    question = _question_of(tool["name"])
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
    shop.clock.advance(seconds=2)  # under the limit
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
    for path, page in ((TOOLS_PAGE, tools_page), (REFERENCE_PAGE, reference_page)):
        path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")
    FORMULAS_PAGE.write_text(formulas_page(), encoding="utf-8")
