"""What every engine promises about sessions, through the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shared.storage.contracts.sessions import Session
from tests.data.examples import NOON
from tests.data.stores import Stores

SESSION = Session(
    digest="d1",
    issuer="https://issuer.test",
    subject="olga",
    person="Olga Owner",
    expires_at=NOON + timedelta(hours=12),
)


def test_a_session_is_found_as_it_was_begun(stores: Stores) -> None:
    stores.sessions.begin(SESSION)
    other = replace(SESSION, digest="d2", subject="ann", person=None, workspace_id="wks_1")
    stores.sessions.begin(other)

    assert stores.sessions.find("d1", now=NOON) == SESSION
    assert stores.sessions.find("d2", now=NOON) == other
    assert stores.sessions.find("d3", now=NOON) is None


def test_a_session_is_over_at_its_moment_though_its_row_is_still_there(stores: Stores) -> None:
    stores.sessions.begin(SESSION)

    assert stores.sessions.find("d1", now=SESSION.expires_at - timedelta(milliseconds=1)) == SESSION
    assert stores.sessions.find("d1", now=SESSION.expires_at) is None


def test_a_session_that_was_ended_is_not_found_and_ends_once_more_without_complaint(stores: Stores) -> None:
    stores.sessions.begin(SESSION)

    stores.sessions.end("d1")
    stores.sessions.end("d1")

    assert stores.sessions.find("d1", now=NOON) is None


def test_choosing_a_workspace_changes_nothing_else(stores: Stores) -> None:
    stores.sessions.begin(SESSION)

    stores.sessions.choose("d1", "wks_2")

    assert stores.sessions.find("d1", now=NOON) == replace(SESSION, workspace_id="wks_2")


def test_choosing_a_workspace_brings_no_ended_session_back(stores: Stores) -> None:
    stores.sessions.begin(SESSION)
    stores.sessions.end("d1")

    stores.sessions.choose("d1", "wks_2")

    assert stores.sessions.find("d1", now=NOON) is None


def test_a_session_that_is_begun_twice_by_a_repeated_write_is_one_session(stores: Stores) -> None:
    stores.sessions.begin(SESSION)
    stores.sessions.choose("d1", "wks_2")
    stores.sessions.begin(SESSION)

    assert stores.sessions.find("d1", now=NOON) == replace(SESSION, workspace_id="wks_2")
