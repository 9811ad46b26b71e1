"""One event, where it lies under the seals, and files that prove it: checked here as a stranger would check them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.activity import Outcome
from shared.domain.trail.note import read_key
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.seal_trail import SealingIncomplete
from shared.storage.contracts.audit import AuditFilter
from shared.storage.engine import Delete, Key, Table
from tests.data.tenants import A_DAY, NOON, rotation, token, workspace
from tests.services.grants.connecting import approve, redeem
from tests.services.trail.sealing import A_MINUTE, LOG_NAME
from tests.services.trail.test_export_trail import DeadKey, verdict
from tests.transports.web.trails import ACTIVITY, called, events_on, sealed
from tests.transports.web.web import SETTINGS, Page, Web

EXPORT = f"{ACTIVITY}/export"


@pytest.fixture
def token_id(web: Web) -> str:
    """A token, made yesterday; an admin is signed in."""
    web.sign_in("adam")
    return token(web.stores, at=NOON - A_DAY).token.token_id


def first_event(web: Web) -> str:
    return events_on(web.get(ACTIVITY))[0]


def holds(answer: Page, keys: Page) -> bool:
    """Check a file with the keys of the log alone."""
    return verdict(answer.text.splitlines(), TrustedKeys.of_lines(keys.text.splitlines())).holds


def test_a_call_is_told_with_everything_that_is_recorded_of_it(web: Web, token_id: str) -> None:
    called(web, token_id, 17, user_agent="claude-code/2.1 (linux)", outcome=Outcome.ERROR, error_code="no_data")

    words = web.get(f"{ACTIVITY}/{first_event(web)}").words

    for told in (
        "Called Profit and loss Error 21 Nov 2026, 12:00 UTC",
        "Token Weekly P&L sync mfp_",
        "By mem_olivia (owner)",
        "Scope mcp:pnl:read",
        "Error no_data",
        "Took 1.2 s",
        "Answer 35 kB",
        "Client claude-code 2.1",
        "MCP version 2026-07-28",
        "Number 17",
        f"Arguments {'ab' * 32} A keyed hash: equal arguments have equal hashes",
        "Address 203.0.113.9",
        "User agent claude-code/2.1 (linux)",
        "Request call-17",
        "Not sealed yet",
    ):
        assert told in words


def test_an_event_tells_its_seal_and_its_entry_of_the_log(web: Web, token_id: str) -> None:
    called(web, token_id)
    (of_today,) = (kept for kept in sealed(web).kept("wks_1") if kept.seal.count == 1)
    event_id = first_event(web)

    words = web.get(f"{ACTIVITY}/{event_id}").words

    assert "Sealed 21 Nov 2026, 12:0" in words
    assert f"Seal {of_today.seal.number} of this workspace; the event is row 1 of 1" in words
    assert f"In the log entry {of_today.index + 1}" in words
    assert "Can be proved" in words
    assert f"audit verify event-{event_id}.ndjson --key log.keys --workspace wks_1" in words


def test_the_proof_of_an_event_holds_and_says_no_more_than_the_event(web: Web, token_id: str) -> None:
    called(web, token_id, 1, at=NOON - timedelta(seconds=1))
    called(web, token_id, 2)
    sealed(web)
    event_id = first_event(web)

    answer = web.get(f"{ACTIVITY}/{event_id}/proof")

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == f'attachment; filename="event-{event_id}.ndjson"'
    assert [json.loads(line)["id"] for line in answer.text.splitlines() if '"kind":"event"' in line] == [event_id]
    assert holds(answer, web.get(f"{EXPORT}/keys"))
    assert not holds(replace(answer, text=answer.text.replace('"get_pnl"', '"get_pnx"')), web.get(f"{EXPORT}/keys"))


def test_the_keys_of_the_log_are_those_that_its_checkpoints_are_signed_with(web: Web, token_id: str) -> None:
    called(web, token_id)
    sealed(web)

    lines = web.get(f"{EXPORT}/keys").text.splitlines()

    assert len(lines) == 1
    assert read_key(lines[0]).name == LOG_NAME
    assert holds(web.get(f"{ACTIVITY}/{first_event(web)}/proof"), web.get(f"{EXPORT}/keys"))


def test_an_event_that_has_left_the_table_is_still_told_from_the_archive(web: Web, token_id: str) -> None:
    called(web, token_id)
    sealed(web)
    event_id = first_event(web)
    before = web.get(f"{ACTIVITY}/{event_id}").words

    engine = web.stores.engine
    for item in engine.query(Table.AUDIT, "W#wks_1#2026-11-21").items:
        engine.write(Delete(table=Table.AUDIT, key=Key(str(item["pk"]), str(item["sk"]))))

    after = web.get(f"{ACTIVITY}/{event_id}")
    assert after.status == 200
    assert after.words == before.replace("203.0.113.9", "203.0.113.0/24")


def test_a_lost_seal_is_said_and_the_event_is_told_all_the_same(web: Web, token_id: str) -> None:
    called(web, token_id)
    sealed(web)
    event_id = first_event(web)
    web.stores.archive.contents.clear()

    answer = web.get(f"{ACTIVITY}/{event_id}")

    assert answer.status == 200
    assert "A seal of the trail is lost" in answer.words
    assert "Called Profit and loss" in answer.words
    assert web.get(f"{ACTIVITY}/{event_id}/proof").status == 500


def test_an_event_of_another_workspace_is_none(web: Web, token_id: str) -> None:
    workspace(web.stores, "wks_2", people={})
    called(web, token_id, workspace_id="wks_2")
    sealed(web, workspace_id="wks_2")
    calls = AuditFilter(types=frozenset({"mcp.call"}))
    (theirs,) = web.stores.audit.entries("wks_2", matching=calls, limit=9, now=web.now).items
    unknown = "019a0000-0000-7000-8000-000000000000"

    answers = [web.get(f"{ACTIVITY}/{event_id}") for event_id in (theirs.event_id, unknown, "no-id", "x" * 300)]
    answers += [web.get(f"{ACTIVITY}/{event_id}/proof") for event_id in (theirs.event_id, unknown)]

    assert [answer.status for answer in answers] == [404] * 6
    assert [answer for answer in answers if "no such event" not in answer.words] == []


def test_only_owners_and_admins_see_events_and_take_the_trail_away(web: Web, token_id: str) -> None:
    called(web, token_id)
    sealed(web)
    event_id = first_event(web)

    def statuses() -> Sequence[int]:
        asked = (f"{ACTIVITY}/{event_id}", f"{ACTIVITY}/{event_id}/proof", EXPORT, f"{EXPORT}/keys")
        return [*(web.get(path).status for path in asked), web.post(EXPORT, first="1", form="ndjson").status]

    assert statuses() == [200] * 5
    web.sign_in("olivia")
    assert statuses() == [200] * 5
    web.sign_in("ana")
    assert statuses() == [403] * 5


def test_the_trail_is_taken_away_with_its_proof_and_that_stands_in_it(web: Web, token_id: str) -> None:
    called(web, token_id)
    sealed(web)
    offered = re.findall(r'name="first"[^>]*value="(\d+)"', web.get(EXPORT).text)

    answer = web.post(EXPORT, first=offered[0], last="", form="ndjson")

    assert offered == ["1"]
    assert answer.headers["content-disposition"] == 'attachment; filename="trail-1-newest.ndjson"'
    assert holds(answer, web.get(f"{EXPORT}/keys"))
    assert "Seals 1 to" in web.get(ACTIVITY).words
    assert "were exported as ndjson." in web.get(ACTIVITY).words


@pytest.mark.parametrize(("form", "begin", "ending"), [("csv", "id,at,type", "csv"), ("ocsf", '{"a', "ndjson")])
def test_the_trail_is_also_handed_out_as_a_reading(web: Web, token_id: str, form: str, begin: str, ending: str) -> None:
    called(web, token_id)
    sealed(web)

    answer = web.post(EXPORT, first="1", last="2", form=form)

    assert answer.status == 200
    assert answer.text.startswith(begin)
    assert f'trail-1-2.{ending}"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"first": "0"}, "first"),
        ({"first": "one"}, "first"),
        ({"first": "3", "last": "2"}, "first"),
        ({"first": "1", "last": "9999"}, "last"),
        ({"first": "9" * 400}, "first"),
        ({"first": "1", "form": "xml"}, "form"),
    ],
)
def test_what_cannot_be_exported_is_refused_beside_its_field_and_not_in_the_trail(
    web: Web, token_id: str, fields: dict[str, Any], field: str
) -> None:
    called(web, token_id)
    sealed(web)

    answer = web.post(EXPORT, headers=None, **{"first": "", "last": "", "form": "ndjson", **fields})

    assert answer.status == 422
    assert f'id="{field}-error"' in answer.text
    assert fields["first"] in answer.text
    assert "were exported" not in web.get(ACTIVITY).words


@pytest.mark.usefixtures("token_id")
def test_before_anything_is_sealed_there_is_nothing_to_export(web: Web) -> None:
    assert "Nothing is sealed yet" in web.get(EXPORT).words
    assert web.get(f"{EXPORT}/keys").status == 404
    assert web.post(EXPORT, first="1", last="", form="ndjson").status == 422


def test_an_export_needs_the_form_of_the_present_session(web: Web, token_id: str) -> None:
    called(web, token_id)
    sealed(web)

    assert web.post(EXPORT, csrf="", first="1", form="ndjson").status == 403
    assert web.post(EXPORT, headers={"origin": "https://evil.test"}, first="1", form="ndjson").status == 403
    assert "were exported" not in web.get(ACTIVITY).words


def test_what_is_too_much_for_one_file_is_refused_with_what_fits(web: Web, token_id: str) -> None:
    for number in range(2_100):
        called(web, token_id, number, at=NOON - A_DAY + timedelta(seconds=number % 2 * 86_400))
    sealed(web)
    many = len(web.stores.seals.seals("wks_1", first=1, limit=9))

    answer = web.post(EXPORT, first="1", last="", form="ndjson")

    assert many > 1
    assert answer.status == 422
    assert 'id="last-error"' in answer.text
    fitting = re.findall(r"Ask for last=(\d+)", answer.words)
    assert web.post(EXPORT, first="1", last=fitting[0], form="ndjson").status == 200


def test_an_event_whose_seal_nobody_has_signed_yet_is_told_so(web: Web, token_id: str) -> None:
    sealing = sealed(web)
    called(web, token_id)
    sealing.seals.mark("wks_1", since=NOON, until=NOON, now=web.now)
    web.now += A_MINUTE
    with pytest.raises(SealingIncomplete):
        replace(sealing, signer=DeadKey()).run(web.now)

    answer = web.get(f"{ACTIVITY}/{first_event(web)}")

    assert "Not signed yet" in answer.words
    assert "Download the proof" not in answer.words
    assert web.get(f"{ACTIVITY}/{first_event(web)}/proof").status == 404


def test_an_event_of_another_kind_is_told_field_by_field(web: Web) -> None:
    code = approve(web.stores, client_name="Claude Code", client_id="mfc_1")
    redeem(web.stores, code, client_id="mfc_1")
    web.sign_in("olivia")

    listed = web.get(ACTIVITY, what="tokens")
    words = web.get(f"{ACTIVITY}/{first_event(web)}").words

    assert "An app was connected; its access tokens begin with mfa_" in listed.words
    assert "Claude Code Claude Code mem_ana (analyst)" in listed.words
    for told in (
        "App Claude Code mfa_",
        "Owner id mem_ana (analyst)",
        "Client name Claude Code",
        "Scopes mcp:pnl:read, mcp:ads:read",
        "Access expires at 21 Nov 2026, 13:00 UTC",
        "Type grant.approved",
    ):
        assert told in words


def test_a_rotation_is_told_in_the_words_of_people(web: Web, token_id: str) -> None:
    rotation(web.stores, token_id, by="olivia")

    listed = web.get(ACTIVITY, what="tokens")
    rotated = next(each for each in events_on(listed) if "Overlap 1 day" in web.get(f"{ACTIVITY}/{each}").words)

    assert "a successor takes its place. Overlap: 1 day." in listed.words
    assert "86,400" not in web.get(f"{ACTIVITY}/{rotated}").words


def test_seals_are_chosen_by_the_day_of_their_making_too(web: Web, token_id: str) -> None:
    called(web, token_id)
    sealed(web)
    web.now += 3 * A_DAY
    web.sign_in("adam")
    called(web, token_id, 2, at=web.now)
    sealed(web)
    numbers = [
        kept.seal.number for kept in web.stores.seals.seals("wks_1", first=1, limit=99) if kept.seal.at < "2026-11-22"
    ]
    first_day, later_day = NOON.date().isoformat(), web.now.date().isoformat()

    def name(**fields: str) -> str:
        answer = web.post(EXPORT, headers=None, **{"first": "1", "last": "", "form": "ndjson", **fields})
        return answer.headers.get("content-disposition", answer.words)

    assert f"trail-1-{numbers[-1]}.ndjson" in name(until=first_day)
    assert f"trail-{numbers[-1] + 1}-newest.ndjson" in name(since=later_day)
    assert f"trail-{numbers[-1] + 1}-newest.ndjson" in name(first="1", since=later_day)
    assert "Nothing was sealed in these days." in name(until="2020-01-01")
    for field, days in (("since", {"since": "2026-11-22", "until": "2026-11-22"}), ("until", {"until": "2020-01-01"})):
        assert f'href="#{field}"' in web.post(EXPORT, headers=None, first="1", last="", form="ndjson", **days).text
    assert "Nothing was sealed in these days." in name(since="2026-11-22", until="2026-11-22")
    assert "Write the day like 2026-11-21." in name(since="yesterday")


def test_the_command_names_the_file_as_it_is_downloaded(web: Web, token_id: str) -> None:
    called(web, token_id)
    sealed(web)

    downloaded = web.post(EXPORT, first="1", last="", form="ndjson").headers["content-disposition"]

    (name,) = re.findall(r'filename="(.*)"', downloaded)
    assert f"merchant-mcp audit verify {name} --key log.keys" in web.get(EXPORT).words


@pytest.mark.usefixtures("token_id")
@pytest.mark.parametrize(
    ("path", "room"),
    [(f"{ACTIVITY}/no-id", "Activity"), (f"{SETTINGS}/data/imports/none", "Data"), ("/nothing", "Tokens")],
)
def test_an_error_leads_back_to_the_room_that_it_came_from(web: Web, path: str, room: str) -> None:
    answer = web.get(path)

    assert answer.status == 404
    assert f">To {room}</a>" in answer.text


@pytest.mark.usefixtures("token_id")
def test_a_place_in_the_list_that_is_too_old_is_told_without_a_word_of_programs(web: Web) -> None:
    answer = web.get(ACTIVITY, cursor="none.of.ours")

    assert answer.status == 422
    assert "Begin at its newest entry." in answer.words
    assert "ursor" not in answer.words
    assert f'href="{ACTIVITY}">To Activity' in answer.text
