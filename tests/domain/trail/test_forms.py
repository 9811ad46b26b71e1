"""Rows of the trail for other systems: as OCSF, held to its schema, and as CSV, which no spreadsheet works out."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.domain.trail.archival import archived, line_of
from shared.domain.trail.ocsf import KINDS, ocsf_line
from shared.domain.trail.tables import COLUMNS, csv_head, csv_line
from shared.storage.codec import EVENTS

STORED = sorted((Path(__file__).parents[3] / "events/stored").glob("*.json"))
SCHEMA = Path(__file__).with_name("ocsf_1_6_0.json")
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20A"]


@cache
def schema() -> Any:  # noqa: ANN401 - the types of the validator leave the document open
    written: Any = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(written)
    return Draft202012Validator(written)


def ocsf(line: str) -> dict[str, Any]:
    """Write a row as an event of OCSF, which it must be."""
    event: dict[str, Any] = json.loads(ocsf_line(line))
    schema().validate(event)
    return event


def sealed(stored: Path) -> str:
    """Write an event as it is exported."""
    row: dict[str, Any] = json.loads(stored.read_text(encoding="utf-8"))
    data = row.pop("data")
    return archived(row, data, pseudonym=lambda who: f"psn_{who[:4]}", salt="5a17" * 8)


def an_event(**fields: Any) -> str:  # noqa: ANN401 - whatever a row may say
    row: dict[str, Any] = json.loads(sealed(next(path for path in STORED if path.name == "mcp.call.v1.json")))
    data = {**row["data"], **fields.pop("data", {})}
    return line_of({**row, **fields, "data": data})


@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.stem)
def test_every_event_that_was_ever_written_is_one_of_ocsf(stored: Path) -> None:
    line = sealed(stored)

    event = ocsf(line)

    assert event["raw_data"] == line
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]


def test_every_event_that_we_write_has_its_place_in_ocsf() -> None:
    assert set(KINDS) == EVENTS.types()


def test_an_event_of_a_later_day_is_still_one_of_ocsf() -> None:
    event = ocsf(an_event(type="token.sung_to", v=3))

    assert (event["class_uid"], event["activity_id"], event["activity_name"]) == (6003, 99, "token.sung_to")


def test_a_call_says_which_tool_was_called_when_by_whom_and_from_where() -> None:
    event = ocsf(an_event(at="2026-11-21T12:00:00.987654Z", ip="203.0.113.0/24", actor="psn_1"))

    assert (event["class_uid"], event["api"]["operation"]) == (6003, "get_pnl")
    assert event["time"] == 1795262400987
    assert event["actor"] == {"user": {"uid": "psn_1"}}
    assert event["src_endpoint"] == {"name": "203.0.113.0/24"}
    assert event["resources"] == [{"type": "token", "uid": "Zq81mXw0PbT5cKd3"}]
    assert event["unmapped"]["milliseconds"] == 12


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"outcome": "ok"}, (1, None)),
        ({"outcome": "error", "error_code": "no_data"}, (2, "no_data")),
        ({"outcome": "denied_scope"}, (2, "denied_scope")),
    ],
)
def test_a_call_that_failed_says_so_and_why(data: dict[str, str], status: tuple[int, str | None]) -> None:
    event = ocsf(an_event(data=data))

    assert (event["status_id"], event.get("status_code")) == status


def test_a_refused_token_is_a_logon_that_failed() -> None:
    stored = next(path for path in STORED if path.stem.startswith("mcp.call_denied"))

    event = ocsf(sealed(stored))

    assert (event["class_uid"], event["activity_id"], event["status_id"]) == (3002, 1, 2)
    assert event["status_code"] == json.loads(stored.read_text(encoding="utf-8"))["data"]["reason"]


def test_what_the_system_does_is_nobodys_doing_and_comes_from_no_network() -> None:
    row = json.loads(an_event(actor="system:sweeper"))
    del row["ip"]

    event = ocsf(line_of(row))

    assert event["actor"] == {"app_uid": "system:sweeper"}
    assert "ip" not in event["src_endpoint"]


def cells(line: str) -> dict[str, str]:
    head, row = csv.reader(io.StringIO(f"{csv_head()}\n{line}\n", newline=""))
    return dict(zip(head, row, strict=True))


@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.stem)
def test_a_row_of_csv_says_what_the_event_says(stored: Path) -> None:
    event: dict[str, Any] = json.loads(sealed(stored))

    row = cells(csv_line(sealed(stored)))

    assert tuple(row) == COLUMNS
    assert json.loads(row.pop("data")) == event["data"]
    assert row == {column: str(event.get(column, "")) for column in COLUMNS if column != "data"}


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("column", ["user_agent", "request_id", "actor"])
def test_no_cell_begins_as_a_formula_does(column: str, text: str) -> None:
    row = cells(csv_line(an_event(**{column: text})))

    assert row[column] == f"'{text}"


@given(st.text())
def test_whatever_a_client_calls_itself_is_one_cell_and_no_formula(user_agent: str) -> None:
    row = cells(csv_line(an_event(user_agent=user_agent)))

    assert row["user_agent"].removeprefix("'") == user_agent.removeprefix("'")
    assert not row["user_agent"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert json.loads(row["data"])["tool"] == "get_pnl"
