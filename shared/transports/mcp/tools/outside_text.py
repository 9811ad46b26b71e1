"""Which parts of an answer hold text of outsiders, so that no reader takes it for ours.

Whoever names a campaign, a product, a supplier or an account writes into what a model reads. Such text was cleaned when
it was imported, it stands in cells and members of its own, and an answer names these in `meta.outside_text`. In a
sentence of ours it stands between quotation marks, if at all; the name of a connector may do without, for it is one
word of lower-case letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

COLUMNS = frozenset(
    {
        "account_id",
        "account_name",
        "accounts",
        "attribution_window",
        "campaign",
        "campaign_id",
        "campaign_name",
        "category",
        "channel",
        "connector",
        "goal_id",
        "group",
        "name",
        "platform",
        "product",
        "product_id",
        "scope",
        "segment",
        "sku",
        "source",
        "title",
        "vendor",
        "window",
    }
)
"""Names of columns that hold such text in one tool or another."""
MEMBERS = frozenset(
    {
        "account_id",
        "attribution_window",
        "columns_dropped_for_privacy",
        "connector",
        "connectors",
        "field",
        "file",
        "product_title",
        "segment",
        "sku",
        "tenant_name",
        "title",
        "unmapped",
        "unmapped_columns",
        "windows",
    }
)
"""Those of members beside the rows."""
IN_SOURCES = frozenset({"account_id", "connector"})
"""Those of `meta.sources`."""


def outside_text(data: Mapping[str, Any]) -> Sequence[str]:
    """Name the columns of these data, and their members at whatever depth, that may hold text of outsiders."""
    columns = cast("Sequence[str]", data.get("columns", ()))
    beside = {name: value for name, value in data.items() if name != "rows"}
    return sorted(IN_SOURCES.union(COLUMNS.intersection(columns), _members(beside)))


def _members(value: object) -> Iterator[str]:
    match value:
        case Mapping():
            for name, each in cast("Mapping[str, object]", value).items():
                if name in MEMBERS:
                    yield name
                yield from _members(each)
        case list() | tuple():
            for each in cast("Sequence[object]", value):
                yield from _members(each)
        case _:
            pass
