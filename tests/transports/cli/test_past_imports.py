"""merchant-mcp import with what is said of a file, and merchant-mcp imports."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from shared.services.imports.formats.catalogue import FORMATS
from tests.data.merchants import as_file, header, order
from tests.transports.cli.importing import Attended
from tests.transports.cli.program import Program

GOOD = 30


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path, kind=Attended)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.ndjson"
    path.write_bytes(as_file([header(), *(order(number) for number in range(GOOD)), {**order("bad"), "date": "soon"}]))
    return path


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    path = tmp_path / "torn.ndjson"
    path.write_text("{")
    return path


def test_what_is_said_of_a_file_is_kept_with_its_import(tmp_path: Path) -> None:
    alone, rows = Program(tmp_path), tmp_path / "costs.csv"
    alone.run("workspace", "create", "A shop", "--id", "wks_1")
    rows.write_text("sku,unit_cost\nKNF-20,30.50\n")
    said = ("--exported-at", "2026-11-01T08:00:00+01:00", "--account", "main street", "--currency", "EUR")

    alone.run("import", str(rows), "-w", "wks_1", *said, "--costs-from", "2026-01-01", "--partial", "--patience", "0")

    (sent,) = alone.run("imports", "list", "-w", "wks_1", "--json").json
    assert sent["declared"] == {
        "exported_at": "2026-11-01T07:00:00Z",
        "account": "main street",
        "currency": "EUR",
        "costs_from": "2026-01-01",
        "is_complete": False,
    }
    shown = alone.run("imports", "show", sent["import_id"], "-w", "wks_1")
    assert "account main street, currency EUR, costs_from 2026-01-01, partial" in shown.out


def test_the_same_file_of_which_something_else_is_said_is_another_import(tmp_path: Path, file: Path) -> None:
    alone = Program(tmp_path)
    alone.run("workspace", "create", "A shop", "--id", "wks_1")

    for said in ((), ("--account", "a"), ("--account", "b")):
        alone.run("import", str(file), "-w", "wks_1", *said, "--patience", "0")

    assert len(alone.run("imports", "list", "-w", "wks_1", "--json").json) == 3


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        (("--exported-at", "2030-01-01T00:00:00Z"), 1, "exported_at lies in the future"),
        (("--exported-at", "soon"), 2, "write it with its offset"),
        (("--exported-at", "2026-11-20"), 2, "write it with its offset"),
        (("--exported-at", "2026-11-20T12:00:00"), 2, "write it with its offset"),
        (("--currency", "eur"), 1, "currency must be a currency of ISO 4217 in three capital letters"),
        (("--currency", "XXY"), 1, "currency must be a currency of ISO 4217"),
        (("--account", " "), 1, "account must be 1 to 128 printable characters"),
        (("--account", "jane@example.com"), 1, "account looks like an e-mail address or a telephone number"),
        (("--costs-from", "soon"), 2, "write a day like"),
        (("--costs-from", "2400-01-01"), 1, "costs_from must be from"),
    ],
)
def test_what_cannot_be_said_of_a_file_is_refused_before_it_is_sent(
    shop: Program, file: Path, said: tuple[str, ...], code: int, message: str
) -> None:
    ran = shop.run("import", str(file), "-w", "wks_1", *said)

    assert ran.code == code
    assert message in ran.err
    assert shop.run("imports", "list", "-w", "wks_1", "--json").json == []


def test_imports_are_listed_latest_first_with_what_became_of_them(shop: Program, file: Path, refused: Path) -> None:
    shop.run("import", str(file), "-w", "wks_1")
    shop.now = shop.now.replace(minute=30)
    shop.run("import", str(refused), "-w", "wks_1")

    listed = shop.run("imports", "list", "-w", "wks_1").out.splitlines()[1:]
    (latest,) = shop.run("imports", "list", "-w", "wks_1", "--limit", "1", "--json").json

    assert {"torn.ndjson", "refused"} <= {*listed[0].split()}
    assert {"orders.ndjson", "finished", "31", "1", "30"} <= {*listed[1].split()}
    assert latest["file_name"] == "torn.ndjson"


def test_an_import_is_shown_with_its_counts_and_its_bad_lines(shop: Program, file: Path) -> None:
    sent = shop.run("import", str(file), "-w", "wks_1", "--json").json

    ran = shop.run("imports", "show", sent["import_id"], "-w", "wks_1")

    assert ran.code == 0
    assert f"{GOOD + 1} lines read, 1 rejected." in ran.out
    assert any(line.startswith(f"{GOOD + 2} ") and "date" in line for line in ran.out.splitlines())


def test_an_import_that_stands_still_says_so_with_what_to_do(tmp_path: Path, file: Path) -> None:
    alone = Program(tmp_path)
    alone.run("workspace", "create", "A shop", "--id", "wks_1")
    alone.run("import", str(file), "-w", "wks_1", "--patience", "0")
    (sent,) = alone.run("imports", "list", "-w", "wks_1", "--json").json
    before = alone.run("imports", "show", sent["import_id"], "-w", "wks_1").out
    alone.now += timedelta(minutes=21)

    after = alone.run("imports", "show", sent["import_id"], "-w", "wks_1")
    listed = alone.run("imports", "list", "-w", "wks_1")

    assert not sent["stands_still"]
    assert "still" not in before
    moved = f"{sent['requested_at']:.19}".replace("T", " ")
    for shown in (after.out, listed.out):
        assert "waiting, stands still" in shown
        assert moved in shown
        assert "Send the same file again" in shown
    assert alone.run("imports", "show", sent["import_id"], "-w", "wks_1", "--json").json["stands_still"]


def test_columns_that_became_nothing_are_named(shop: Program, tmp_path: Path) -> None:
    costs = tmp_path / "costs.csv"
    costs.write_text("sku,unit_cost,Colour,Buyer Name\nM-1,4.00,planted,Planted Person\n")
    sent = shop.run("import", str(costs), "-w", "wks_1", "--json").json

    shown = shop.run("imports", "show", sent["import_id"], "-w", "wks_1").out

    assert "Columns that nobody here knows, so that they became nothing: Colour." in shown
    assert "Columns that were not read because persons stand there: Buyer Name." in shown
    assert "lanted" not in shown


def test_why_a_file_was_refused_can_be_read_later(shop: Program, refused: Path) -> None:
    shop.run("import", str(refused), "-w", "wks_1")
    (sent,) = shop.run("imports", "list", "-w", "wks_1", "--json").json

    ran = shop.run("imports", "show", sent["import_id"], "-w", "wks_1")

    assert ran.code == 0
    assert sent["report"]["refusal"]["message"] in ran.out


def test_an_import_of_another_workspace_is_not_found(shop: Program, file: Path) -> None:
    shop.run("workspace", "create", "Another shop", "--id", "wks_2")
    sent = shop.run("import", str(file), "-w", "wks_1", "--json").json

    ran = shop.run("imports", "show", sent["import_id"], "-w", "wks_2")

    assert (ran.code, ran.out) == (1, "")
    assert "There is no such import." in ran.err
    assert shop.run("imports", "list", "-w", "wks_2", "--json").json == []


def test_the_help_names_every_format(shop: Program) -> None:
    told = " ".join(shop.run("import", "--help").out.split())

    assert all(each.title in told for each in FORMATS)
