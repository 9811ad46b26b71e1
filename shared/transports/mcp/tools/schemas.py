"""JSON Schema of what tools answer, put together from a few parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

NUMBER: Schema = {"type": ["number", "null"]}
"""null: unknown, never zero."""
INTEGER: Schema = {"type": "integer"}
COUNT_OR_NULL: Schema = {"type": ["integer", "null"]}
"""null: nobody has counted."""
TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
FLAG: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}


def record(properties: Mapping[str, Schema]) -> Schema:
    """Describe an object that has these members."""
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def mapping(values: Schema) -> Schema:
    """Describe an object whose members are all alike."""
    return {"type": "object", "additionalProperties": values}


def or_null(schema: Schema) -> Schema:
    """Let null stand in its place."""
    return {**schema, "type": [schema["type"], "null"]}


def listing(items: Schema) -> Schema:
    """Describe an array."""
    return {"type": "array", "items": items}


def table(
    columns: Mapping[str, Schema], more: Mapping[str, Schema] | None = None, *, rest: Mapping[str, Schema] | None = None
) -> Schema:
    """Describe rows: the names of the columns once, then arrays of cells in that order; `rest` are like numbers."""
    names = [*columns, *(rest or ())]
    row: Schema = {
        "type": "array",
        "prefixItems": list(columns.values()),
        "minItems": len(names),
        "maxItems": len(names),
    }
    if rest:
        row["items"] = NUMBER
    return record({"columns": {"const": names}, "rows": listing(row), **(more or {})})


META: Schema = record(
    {
        "period": or_null(record({"from": TEXT, "to": TEXT, "partial": FLAG})),
        "comparison_period": {"type": ["object", "null"]},
        "timezone": TEXT,
        "currency": TEXT,
        "today": TEXT,
        "data_through": TEXT_OR_NULL,
        "definition_version": TEXT_OR_NULL,
        "sources": listing(record({"connector": TEXT, "account_id": TEXT, "last_sync": TEXT_OR_NULL, "status": TEXT})),
        "coverage": mapping(NUMBER),
        "warnings": listing(record({"code": TEXT, "message": TEXT, "share": NUMBER})),
        "outside_text": TEXTS,
        "page": or_null(
            record({"returned": INTEGER, "total": COUNT_OR_NULL, "has_more": FLAG, "next_cursor": TEXT_OR_NULL})
        ),
        "truncated": FLAG,
        "request_id": TEXT,
    }
)


def output_schema(data: Schema, *, totals: Schema | None = None, comparison: Schema | None = None) -> Schema:
    """Describe the envelope around a tool's own data."""
    return record(
        {
            "summary": TEXT,
            "data": data,
            "totals": {"type": "null"} if totals is None else or_null(totals),
            "comparison": {"type": "null"} if comparison is None else or_null(comparison),
            "meta": META,
        }
    )
