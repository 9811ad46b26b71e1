"""The tables that tests and emulators make are those of template.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from cfnlint.decode import decode  # pyright: ignore[reportMissingTypeStubs]  # it has none

from shared.storage.dynamodb.tables import table_definition
from shared.storage.engine import Table

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


def resources() -> dict[str, Any]:
    template, mistakes = decode(str(TEMPLATE))
    assert not mistakes
    return cast("dict[str, Any]", template)["Resources"]


@pytest.mark.parametrize("table", Table)
def test_a_table_of_the_template_is_as_the_stores_expect_it(table: Table) -> None:
    properties = resources()[f"{table.title()}Table"]["Properties"]
    definition = table_definition(table)

    assert {name: properties[name] for name in definition} == definition
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert ("GlobalSecondaryIndexes" in properties) == (table is Table.CORE)
