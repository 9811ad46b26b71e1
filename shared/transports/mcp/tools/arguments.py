"""What every tool's arguments share: unknown ones are refused, and a wrong one is named with what would be right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Any, Literal, LiteralString, TypeVar, cast

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from shared.domain.currencies import CURRENCIES
from shared.domain.text import clean_line, shortened
from shared.transports.mcp.tools.errors import ToolError

M = TypeVar("M", bound="Arguments")

SHARED = ("detail", "limit", "cursor", "offset")
"""Arguments that stand last in every schema: a tool's own come first."""

FEW_ROWS = 20
MOST_ROWS = 100
"""What one answer holds of a list: unless said with `detail=compact`, and at most."""

NAMING = frozenset({"title", "description"})
"""What a definition says of itself: in its place stands an argument, which has a description of its own."""

ECHOED = 60
"""So much of what a caller sent is repeated in an error."""


ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_date(value: object) -> date:
    """Take a date only as yyyy-mm-dd: a number would be read as seconds since 1970."""
    written = value.strip() if isinstance(value, str) else ""
    if not ISO_DATE.fullmatch(written):
        raise ValueError("write a date as yyyy-mm-dd")
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError("there is no such day") from None


def _number(value: object) -> object:
    """Take a whole number only as a number, as the schema says; 3.0 is one in JSON."""
    if isinstance(value, bool | str):
        raise ValueError("write a whole number, without quotes")  # noqa: TRY004 - pydantic makes its error from a ValueError
    return value


def _line(value: str) -> str:
    """Take what can be read of a line; of a text of control characters that is nothing, and no filter is meant."""
    line = clean_line(value)
    if value and not line:
        raise ValueError("nothing in it can be read")
    return line


def _currency(value: str) -> str:
    if value not in CURRENCIES:
        raise ValueError("there is no such currency in ISO 4217")
    return value


IsoDate = Annotated[date, BeforeValidator(_iso_date)]
WholeNumber = Annotated[int, BeforeValidator(_number)]
CurrencyCode = Annotated[str, StringConstraints(pattern="^[A-Za-z]{3}$", to_upper=True), AfterValidator(_currency)]
Line = Annotated[str, Field(max_length=200), AfterValidator(_line)]
"""Text of one line: a name, an id."""


def _rows_of(arguments: Mapping[str, Any]) -> int:
    """Fill the larger answer, too: it is asked for by those who want many rows in few calls."""
    return MOST_ROWS if arguments["detail"] == "full" else FEW_ROWS


class Arguments(BaseModel):
    """The arguments of every tool."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    detail: Literal["compact", "full"] = Field(
        default="compact", description="compact: up to 8 kB. full: up to 32 kB and more detail."
    )


class RowsArguments(Arguments):
    """The arguments of a tool whose answer is rows, which may not fit into one answer."""

    cursor: str | None = Field(
        default=None,
        max_length=300,
        description="meta.page.next_cursor of the previous answer, with the same other arguments; good for 15 minutes.",
    )

    @property
    def first_row(self) -> int:
        """The row that an answer without a cursor begins with."""
        return 0


class ListArguments(RowsArguments):
    """The arguments of a tool that lists."""

    limit: WholeNumber = Field(
        default_factory=_rows_of,
        ge=1,
        le=MOST_ROWS,
        description="Rows in one answer. Default 20; 100 with detail=full.",
    )


def read_arguments(model: type[M], raw: Mapping[str, Any] | None) -> M:
    """Check arguments.

    Raises:
        ToolError: `invalid_argument`, with the field, what is allowed, and no value of anybody.

    """
    given = {name: value for name, value in (raw or {}).items() if value is not None}  # null: not given
    try:
        return model.model_validate(given)
    except ValidationError as wrong:
        raise _told(model, wrong) from None


@lru_cache(maxsize=64)
def input_schema(model: type[Arguments]) -> dict[str, Any]:
    """Give the JSON Schema of a tool's arguments, in the plain form that every client understands."""
    schema = model.model_json_schema()
    named = cast("dict[str, Any]", schema.get("$defs", {}))
    properties = {name: _plain(one, named) for name, one in schema["properties"].items()}
    own = {name: one for name, one in properties.items() if name not in SHARED}
    shared = {name: properties[name] for name in SHARED if name in properties}
    needed = {"required": schema["required"]} if "required" in schema else {}
    return {"type": "object", "properties": {**own, **shared}, **needed, "additionalProperties": False}


def names_of(model: type[Arguments]) -> tuple[str, ...]:
    """Name the arguments of a tool, as documented (an alias is accepted and not advertised)."""
    return tuple(input_schema(model)["properties"])


def _plain(field: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Put a definition in its place, and drop titles and the `or null` of what may be left out."""
    schema = {key: value for key, value in field.items() if key != "title"}
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1 and schema.get("default", ...) is None:
        del schema["anyOf"], schema["default"]
        schema = {**choices[0], **schema}
    reference = schema.pop("$ref", None)
    if isinstance(reference, str):
        definition = named[reference.rpartition("/")[2]]
        schema = {**{key: value for key, value in definition.items() if key not in NAMING}, **schema}
        if "properties" in schema:
            schema["properties"] = {name: _plain(one, named) for name, one in schema["properties"].items()}
    if "items" in schema:
        schema["items"] = _plain(schema["items"], named)
    return schema


def _told(model: type[Arguments], wrong: ValidationError) -> ToolError:
    """Tell of the first thing that is wrong; the caller mends one at a time."""
    first = wrong.errors(include_url=False, include_input=False)[0]
    # Of a list, what stands at one place may be wrong: the argument is what has a description.
    name = shortened(str(first.get("ctx", {}).get("field") or first["loc"][0]), longest=ECHOED)
    known = names_of(model)
    if first["type"] == "extra_forbidden":
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"The arguments are: {', '.join(known)}."
        return ToolError("invalid_argument", "There is no such argument.", hint=hint, field=name, allowed=known)
    field = input_schema(model)["properties"].get(name, {})
    allowed = tuple(field.get("items", field).get("enum", ()))
    message = "give at least one" if first["type"] == "too_short" else first["msg"].removeprefix("Value error, ")
    return ToolError("invalid_argument", f"{name}: {message}.", hint=_hint(field), field=name, allowed=allowed)


def _hint(field: Mapping[str, Any]) -> str:
    return str(field.get("description", "See the tool's input schema."))


def clash(message: LiteralString, field: str) -> PydanticCustomError:
    """Say that two arguments exclude each other, and which one to mend."""
    return PydanticCustomError("clash", message, {"field": field})


def renamed(name: str, alias: str) -> AliasChoices:
    """Accept an argument under a second name that models send."""
    return AliasChoices(name, alias)
