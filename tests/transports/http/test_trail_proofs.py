"""What an owner takes out of the trail over REST, and how a stranger checks it."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.trail.export import Proof
from shared.domain.trail.note import read_checkpoint, read_note
from shared.domain.trail.reading import read_proof
from shared.domain.trail.verify import Verdict, verify_export
from shared.services.trail.check_signature import TrustedKeys
from tests.data.tenants import NOON
from tests.services.trail.minutes import a_minute_passes
from tests.services.trail.sealing import A_MINUTE, KeyInMemory
from tests.transports.http.api import Answer, Api
from tests.transports.http.test_trail import call

TOKEN = "t" * 16
SEALED = 3
"""Seals there are when a test begins: of the day before, on which the workspace began, and of two minutes of today."""


@dataclass
class Trail:
    """The trail of `wks_1`, sealed when a test says so."""

    api: Api
    signer: KeyInMemory = field(default_factory=KeyInMemory)
    calls: int = 0

    def works(self, *, calls: int = 1) -> None:
        """Let a minute pass in which tools are called."""
        for _ in range(calls):
            self.calls += 1
            call(self.api, TOKEN, self.calls, at=self.api.now + timedelta(milliseconds=self.calls))
        self.api.now += A_MINUTE
        a_minute_passes(self.api.stores.trail, now=self.api.now, signer=self.signer)

    def export(self, **query: Any) -> Answer:  # noqa: ANN401 - whatever is asked for
        answer = self.api.get("/v1/audit/export", **query)
        assert answer.status == 200, answer.text
        return answer

    def checked(self, answer: Answer, earlier: Proof | None = None) -> Verdict:
        """Check an answer with the keys that the API names."""
        keys = TrustedKeys.of_lines(self.api.get("/v1/audit/keys").text.splitlines())
        return verify_export(answer.text.splitlines(keepends=True), check_signature=keys.check, earlier=earlier)


@pytest.fixture
def trail(api: Api) -> Trail:
    trail = Trail(api)
    trail.works(calls=3)
    trail.works(calls=2)
    return trail


def test_an_export_proves_itself_and_so_does_the_next_against_it(trail: Trail) -> None:
    first = trail.export()
    kept = read_proof(first.text.splitlines()[-1])
    trail.works()
    then = trail.export(first=kept.seal + 1, earlier_size=read_checkpoint(read_note(kept.note).text).size)

    assert first.headers["content-type"] == "application/x-ndjson"
    assert trail.checked(first).holds
    found = trail.checked(then, earlier=kept)
    assert found.holds, found.findings
    assert found.first is not None
    assert found.first.number == SEALED + 1


def test_one_event_is_proved_without_its_neighbours(trail: Trail) -> None:
    *others, event = [line["id"] for line in map(json.loads, trail.export().text.splitlines()) if "salt" in line]

    answer = trail.api.get(f"/v1/audit/proof/{event}")

    assert (answer.status, len(answer.text.splitlines())) == (200, 5)
    assert trail.checked(answer).holds
    assert not any(other in answer.text for other in others)


def test_one_event_is_proved_against_the_export_that_was_kept(trail: Trail) -> None:
    first = trail.export()
    kept = read_proof(first.text.splitlines()[-1])
    old = next(line["id"] for line in map(json.loads, first.text.splitlines()) if "salt" in line)
    trail.works()
    new = [line["id"] for line in map(json.loads, trail.export().text.splitlines()) if "salt" in line][-1]

    for event in (old, new):
        answer = trail.api.get(f"/v1/audit/proof/{event}", earlier_size=SEALED)
        assert answer.status == 200, answer.text
        assert trail.checked(answer, earlier=kept).holds
        without = trail.checked(trail.api.get(f"/v1/audit/proof/{event}"), earlier=kept)
        assert [finding.fault for finding in without.findings] == ["growth_missing"]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"earlier_size": 9}, "earlier_size", "checkpoint_invalid"),
        ({"earlier_size": 0}, "earlier_size", "request_invalid"),
        ({"earlier": 1}, "earlier", "request_invalid"),
    ],
)
def test_a_proof_that_cannot_be_given_is_refused_with_the_field(
    trail: Trail, query: dict[str, Any], field: str, code: str
) -> None:
    event = next(line["id"] for line in map(json.loads, trail.export().text.splitlines()) if "salt" in line)

    answer = trail.api.get(f"/v1/audit/proof/{event}", **query)

    assert (answer.status, answer.code, answer.json["field"]) == (422, code, field)


def test_an_event_that_has_no_seal_yet_is_told_from_one_that_is_none(trail: Trail) -> None:
    call(trail.api, TOKEN, 99, at=trail.api.now)
    (new,) = [
        event["id"] for event in trail.api.get("/v1/audit/events").json["data"] if event["data"].get("number") == 99
    ]

    waiting = trail.api.get(f"/v1/audit/proof/{new}")
    missing = trail.api.get("/v1/audit/proof/019a0000-0000-7000-8000-000000000000")

    assert (waiting.status, waiting.code) == (404, "not_sealed_yet")
    assert waiting.json["hint"] == "Rows are sealed within two minutes."
    assert (missing.status, missing.code) == (404, "event_not_found")


def test_a_checkpoint_is_the_newest_or_the_newest_up_to_a_size(trail: Trail) -> None:
    trail.works()
    newest, before = trail.api.get("/v1/audit/checkpoints"), trail.api.get("/v1/audit/checkpoints", size=SEALED)

    assert newest.headers["content-type"].startswith("text/plain")
    assert read_checkpoint(read_note(newest.text).text).size == SEALED + 1
    assert read_checkpoint(read_note(before.text).text).size == SEALED
    assert read_proof(trail.export().text.splitlines()[-1]).note == newest.text


@pytest.mark.parametrize("path", ["export", "checkpoints", "keys"])
def test_a_workspace_of_which_nothing_is_sealed_is_told_so(api: Api, path: str) -> None:
    answer = api.get(f"/v1/audit/{path}")

    assert (answer.status, answer.code) == (404, "nothing_sealed")


def test_the_readings_have_a_row_for_each_event(trail: Trail) -> None:
    ids = [line["id"] for line in map(json.loads, trail.export().text.splitlines()) if "salt" in line]

    as_ocsf, as_csv = trail.export(format="ocsf"), trail.export(format="csv")

    assert [json.loads(line)["metadata"]["uid"] for line in as_ocsf.text.splitlines()] == ids
    assert as_csv.headers["content-type"].startswith("text/csv")
    assert [row["id"] for row in csv.DictReader(as_csv.text.splitlines())] == ids


def test_who_took_which_seals_is_in_the_trail(trail: Trail) -> None:
    trail.api.get("/v1/audit/export", by="adam", first=2, last=3)

    (event,) = trail.api.get("/v1/audit/events", type="audit.exported").json["data"]
    assert (event["actor"], event["data"]) == ("mem_adam", {"first_seal": 2, "last_seal": 3, "form": "ndjson"})


def test_more_rows_than_one_answer_holds_are_refused_with_how_many_it_holds(trail: Trail) -> None:
    for _ in range(3):
        trail.works(calls=900)

    refused = trail.api.get("/v1/audit/export", first=SEALED)
    taken = trail.export(first=SEALED, last=5)

    assert (refused.status, refused.code, refused.json["field"]) == (422, "export_too_large", "last")
    assert refused.json["hint"] == "Ask for last=5, then go on with first=6."
    assert trail.checked(taken).holds


def test_rows_that_are_too_long_for_lambda_are_refused(trail: Trail) -> None:
    """A row of a call takes some hundred bytes; a client that gives itself long names can make it thousands."""
    long = "\x01" * 200
    for number in range(1000, 2900):
        call(trail.api, TOKEN, number, at=NOON + timedelta(milliseconds=number), tool=long)
    trail.works()

    refused = trail.api.get("/v1/audit/export", first=SEALED + 1, format="ocsf")

    assert (refused.status, refused.code) == (422, "export_too_large")


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"first": 0}, "first", "request_invalid"),
        ({"first": 2**53}, "first", "request_invalid"),
        ({"first": "one"}, "first", "request_invalid"),
        ({"format": "xml"}, "format", "request_invalid"),
        ({"from": 1}, "from", "request_invalid"),
        ({"first": 9}, "first", "seal_invalid"),
        ({"last": 9}, "last", "seal_invalid"),
        ({"first": 2, "last": 1}, "first", "seal_invalid"),
        ({"earlier_size": 9}, "earlier_size", "checkpoint_invalid"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_field(
    trail: Trail, query: dict[str, Any], field: str, code: str
) -> None:
    answer = trail.api.get("/v1/audit/export", **query)

    assert (answer.status, answer.code, answer.json["field"]) == (422, code, field)
