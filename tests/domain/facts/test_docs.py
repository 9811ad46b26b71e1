"""docs/data.md says what the product reads: its tables are the table of fields, and its examples are files."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest

from shared.domain.analytics.steering import STEERABLE
from shared.domain.facts.families import Family
from shared.domain.facts.fields import FIELDS, Field, Role
from shared.domain.facts.settings import Settings
from shared.services.imports.read_file import Beside, FactsFile
from tests.data.merchants import NOW

DOCS = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)


def table(fields: tuple[Field, ...]) -> str:
    rows = ["| field | value | if missing | meaning |", "| --- | --- | --- | --- |"]
    for field in fields:
        missing = "**required**" if field.required else _if_missing(field)
        rows.append(f"| `{field.name}` | {field.kind.name} | {missing} | {field.about} |")
    return "\n".join(rows) + "\n"


def _if_missing(field: Field) -> str:
    match field.default:
        case None if field.name == "currency":
            return "the file's"
        case None:
            return "unknown" if field.kind.role is Role.METRIC else "none"
        case bool(default):
            return str(default).lower()
        case str(default):
            return f"`{default}`"
        case default:
            return str(default)


@pytest.mark.parametrize("family", Family)
def test_the_table_of_each_type_is_what_is_read(family: Family) -> None:
    (section,) = re.findall(rf"^### `{family}`.*?(?=^##)", DOCS, re.MULTILINE | re.DOTALL)

    assert table(FIELDS[family]) in section
    for field in FIELDS[family]:
        if field.items:
            assert table(field.items) in section


def _unheard(*, lines_read: int, bytes_read: int) -> None:
    """Let the progress of a few lines pass."""


def test_every_type_has_an_example_and_every_example_is_read() -> None:
    seen: set[str] = set()
    for example in EXAMPLES:
        file = FactsFile(
            BytesIO(example.encode()),
            size=len(example),
            beside=Beside(
                announced_at=NOW, now=NOW, settings=Settings(timezone="America/New_York"), customer_key=b"k" * 32
            ),
            progress=_unheard,
        )
        seen |= {fact.family.value for fact in file}
        assert file.errors == []
        file.check()

    assert seen == set(Family)


@pytest.mark.parametrize("adds_up", [True, False], ids=["sums", "ratios"])
def test_every_metric_that_a_goal_may_name_is_listed_with_those_that_are_told_like_it(adds_up: bool) -> None:  # noqa: FBT001 - a column of the table
    _, sums, ratios = DOCS.partition("### `goal`")[2].partition("### ")[0].split("\n- ")
    words = (sums if adds_up else ratios.partition("\n\n")[0]).partition(":")[2]

    assert set(re.findall(r"`(\w+)`", words)) == {
        key for key, each in STEERABLE.items() if (each.over is None) is adds_up
    }
