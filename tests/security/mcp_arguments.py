"""Arguments of tools by the JSON Schema that `tools/list` shows: such as it allows, and such as it forbids.

hypothesis-jsonschema does not run with today's Hypothesis; our schemas are flat, and need no more than this.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import ceil, floor
from typing import Any

from hypothesis import strategies as st

from shared.transports.mcp.tools.arguments import input_schema
from shared.transports.mcp.tools.tool import Tool
from tests.security.mcp_bodies import ODD_TEXTS

Schema = Mapping[str, Any]
Json = Any
KNOWN = {
    *("type", "description", "default", "enum", "format", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "items", "minItems", "maxItems"),
    *("properties", "additionalProperties", "required"),
}
"""The keywords that are understood here."""
MANY = 10
FAR = 10**9

odd_texts = st.sampled_from([text for text in ODD_TEXTS if len(text) < 1_000])
anything: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 10**30, -(10**400), 10**4_000, 1.5, -0.0, 1e308, 5e-324])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | odd_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | odd_texts, inner, max_size=3),
    max_leaves=6,
)
"""Any JSON, for a place where something else belongs."""


def allowed_by(schema: Schema) -> st.SearchStrategy[Json]:
    """Give what a schema allows."""
    unknown = schema.keys() - KNOWN
    assert not unknown, f"{unknown}: no keyword that a client would understand"
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "string":
            return _texts(schema)
        case "integer":
            return st.integers(schema.get("minimum", -FAR), schema.get("maximum", FAR))
        case "number":
            return _numbers(schema)
        case "boolean":
            return st.booleans()
        case "array":
            items = allowed_by(schema["items"])
            return st.lists(items, min_size=schema.get("minItems", 0), max_size=schema.get("maxItems", MANY))
        case "object":
            return _objects(schema)
        case _:
            return anything


def _numbers(schema: Schema) -> st.SearchStrategy[float]:
    above: float = schema.get("exclusiveMinimum", schema.get("minimum", -FAR))
    most: float = schema.get("maximum", FAR)
    numbers: st.SearchStrategy[float] = st.floats(above, most)
    if ceil(above) <= floor(most):
        numbers |= st.integers(ceil(above), floor(most))
    return numbers.filter(lambda number: number > above) if "exclusiveMinimum" in schema else numbers


def _texts(schema: Schema) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates(date(2025, 1, 1), date(2026, 11, 21)).map(str) | st.dates().map(str)
    if "pattern" in schema:
        pattern: str = schema["pattern"]
        return st.from_regex(pattern, fullmatch=True)
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 100)
    fitting = odd_texts.filter(lambda text: shortest <= len(text) <= longest)
    return st.text(min_size=shortest, max_size=longest) | fitting


def _objects(schema: Schema) -> st.SearchStrategy[Json]:
    properties: Schema = schema.get("properties", {})
    needed = set(schema.get("required", ()))
    fixed = st.fixed_dictionaries(
        {name: allowed_by(each) for name, each in properties.items() if name in needed},
        optional={name: allowed_by(each) for name, each in properties.items() if name not in needed},
    )
    others: bool | Schema = schema.get("additionalProperties", True)
    if others is False:
        return fixed
    names = st.text(max_size=12) | st.sampled_from(["sde", "ebitda", "low", "mid", "high", "growth", "years"])
    return st.dictionaries(names, anything if others is True else allowed_by(others), max_size=3)


def fitting(tool: Tool[Any]) -> st.SearchStrategy[Mapping[str, Json]]:
    """Give arguments that the schema of a tool allows, few at a time: many of them exclude each other."""
    schema = input_schema(tool.arguments)

    @st.composite
    def some(draw: st.DrawFn) -> Mapping[str, Json]:
        properties = schema["properties"]
        needed = list(schema.get("required", ()))
        wanted = draw(st.lists(st.sampled_from(sorted(properties)), max_size=4, unique=True))
        return {name: draw(allowed_by(properties[name])) for name in dict.fromkeys((*needed, *wanted))}

    return some()


def mutated(tool: Tool[Any]) -> st.SearchStrategy[Mapping[str, Json]]:
    """Give arguments of which one or two are what the schema forbids, or that it does not know."""
    names = st.sampled_from(sorted(input_schema(tool.arguments)["properties"])) | odd_texts | st.text(max_size=10)
    wrong = st.dictionaries(names, anything, min_size=1, max_size=2)
    return st.tuples(fitting(tool), wrong).map(lambda both: {**both[0], **both[1]})
