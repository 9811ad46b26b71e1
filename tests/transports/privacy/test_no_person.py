"""People are planted in every format, wherever they could stand, and looked for in all that is kept and answered."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from shared.services.imports.formats.catalogue import FORMATS
from shared.transports.mcp.tools.catalogue import CATALOGUE
from tests.data.memory_objects import MemoryObjects
from tests.transports.cli.importing import Attended
from tests.transports.cli.program import Program
from tests.transports.http.api import Api
from tests.transports.http.issuer import LoopbackIssuer
from tests.transports.privacy.people import Person, found_in
from tests.transports.privacy.plain_rows import PLANTINGS
from tests.transports.privacy.planted_shop import PlantedShop
from tests.transports.privacy.planting import planted_files

SOMEBODY = Person(1234)
_FORMAT = {known.name: known for known in FORMATS}


def test_people_stand_in_a_file_of_every_format() -> None:
    files = [*planted_files()]

    assert PLANTINGS.keys() == {known.name for known in FORMATS}
    assert [file.format for file in files] == [*(known.name for known in FORMATS), "ndjson"]
    assert all(file.people > 10 for file in files)
    assert all(found_in(file.content.decode()) for file in files)
    for name, planting in PLANTINGS.items():
        assert planting.texts & {header.casefold() for header in planting.row(0)} <= _FORMAT[name].texts


# A first name alone is that of thousands, and not looked for.
TELLING = {name: text for name, text in SOMEBODY.fields.items() if name != "first_name"}


@pytest.mark.parametrize("text", [*TELLING.values(), SOMEBODY.contact, SOMEBODY.everything])
def test_the_search_finds_a_person_however_they_are_written(text: str) -> None:
    written = (
        text,
        text.upper(),
        json.dumps(text),
        json.dumps(json.dumps(text)),
        quote(text),
        text[::-1],
        repr({"a": [text]}),
    )
    assert all(map(found_in, written))


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", '{"name":"'])
def test_the_search_looks_into_base64(before: str) -> None:
    assert found_in(base64.b64encode(f"{before}{SOMEBODY.name} and others".encode()).decode())
    assert not found_in(base64.b64encode(f"{before}Quarterly report".encode()).decode())


def test_no_row_of_any_table_knows_anybody(planted: PlantedShop) -> None:
    rows = [*planted.rows()]

    assert {row.partition(" ")[0] for row in rows} == {"core", "audit", "facts"}
    assert {part for row in rows for part in found_in(row)} == set()


def test_no_object_but_the_files_themselves_knows_anybody(planted: PlantedShop) -> None:
    found = {key: parts for key, text in planted.kept_objects() if (parts := found_in(text))}

    assert found == {}
    assert sum(key.startswith("raw/") for key in planted.objects.contents) == 2 * len(planted.files)


def test_no_answer_of_any_tool_knows_anybody(planted: PlantedShop) -> None:
    answered: set[str] = set()
    for asked, text in planted.answers():
        assert found_in(text) == set(), asked
        answered.add(asked.partition(" ")[0])

    assert answered == {tool.name for tool in CATALOGUE}
    assert {part for line in planted.logged.records for part in found_in(line)} == set(), "in a log"


def test_no_answer_of_the_rest_api_knows_anybody(planted: PlantedShop) -> None:
    with LoopbackIssuer() as issuer:
        api = Api(issuer, stores=planted.shop.stores, objects=MemoryObjects())
        paths = ["/v1/imports", "/v1/activity", "/v1/audit/events", "/v1/imports/nobody"]
        for path in [*paths, *(f"/v1/imports/{record.import_id}" for record in planted.records)]:
            assert found_in(api.get(path).text) == set(), path


@pytest.mark.parametrize("format_", [*PLANTINGS, "ndjson"])
def test_no_command_prints_anybody(format_: str, tmp_path: Path) -> None:
    file = next(file for file in planted_files() if file.format == format_)
    path = tmp_path / file.file_name
    path.write_bytes(file.content)
    program = Program(tmp_path, kind=Attended)
    program.run("workspace", "create", "A shop", "--id", "wks_1")
    imported = program.run("import", str(path), "-w", "wks_1", "--json")
    ran = [
        imported,
        program.run("import", str(path), "-w", "wks_1"),
        program.run("imports", "list", "-w", "wks_1"),
        program.run("imports", "show", imported.json["import_id"], "-w", "wks_1"),
        program.run("audit", "list", "-w", "wks_1", "--json"),
    ]

    assert [each.code for each in ran] == [0] * len(ran), ran[-1].err
    assert {part for each in ran for part in found_in((each.out + each.err).replace(str(path), ""))} == set()
