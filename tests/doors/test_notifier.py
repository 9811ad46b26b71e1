"""The function that tells people: the handler that is deployed, three times in one process."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from functions.wiring import now
from shared.services.manage_contacts import set_contact
from tests.data.tenants import origin
from tests.data.tenants import token as token_of
from tests.doors.conftest import PUBLIC_URL
from tests.doors.events import event
from tests.doors.opening import Doors

TAKEN = {"batchItemFailures": list[Any]()}


@pytest.fixture
def mailbox(doors: Doors) -> Path:
    return Path(doors.settings["notifier"]["MAILBOX_DIR"])


def test_a_leak_that_the_stream_shows_is_told_once_however_often_it_comes(doors: Doors, mailbox: Path) -> None:
    for name in ("olivia", "ana"):
        set_contact(
            f"mem_{name}",
            f"{name}@shop.example",
            workspace_id="wks_1",
            actor_id=None,
            origin=origin(),
            now=now(),
            workspaces=doors.stores.workspaces,
            contacts=doors.stores.contacts,
        )
    made = token_of(doors.stores, owner="adam", at=now())
    change = event("stream_notice", workspace_id="wks_1", token_id=made.token.token_id)

    taken = [doors.invoke("notifier", change) for _ in range(3)]

    assert taken == [TAKEN] * 3
    (letter,) = mailbox.glob("*.eml")
    opened = message_from_bytes(letter.read_bytes(), policy=policy.default)
    assert (opened["To"], opened["Subject"]) == (
        "olivia@shop.example",  # not the analyst, and not the owner of the token, who has no address
        'Token "Weekly P&L sync" was leaked and is revoked',
    )
    assert f"{PUBLIC_URL}/v1/tokens" in opened.get_content()
    assert made.text not in letter.read_text()
    (told,) = mailbox.glob("topic/*.json")
    assert json.loads(told.read_text())["token"] == made.token.token_id


@pytest.mark.parametrize("name", ["stream_core", "stream_use"])
def test_changes_that_nobody_is_told_of_are_taken(doors: Doors, mailbox: Path, name: str) -> None:
    made = token_of(doors.stores, at=now())
    before = list(mailbox.rglob("*"))

    taken = [doors.invoke("notifier", event(name, workspace_id="wks_1", token_id=made.token.token_id)) for _ in "123"]

    assert taken == [TAKEN] * 3
    assert list(mailbox.rglob("*")) == before


def test_a_notice_that_cannot_be_sent_is_named_so_that_it_comes_again(doors: Doors, mailbox: Path) -> None:
    made = token_of(doors.stores, owner="adam", at=now())
    change = event("stream_notice", workspace_id="wks_1", token_id=made.token.token_id)
    change["Records"][0]["dynamodb"]["NewImage"]["id"]["S"] = "01a1fdfa-ea60-7d15-9c0e-5a4be8f3a1c8"
    topic = mailbox / "topic"
    away = topic.rename(mailbox / "topic that was")
    topic.write_text("in the way")

    failed = doors.invoke("notifier", change)
    topic.unlink()
    away.rename(topic)
    taken = doors.invoke("notifier", change)

    assert failed == {"batchItemFailures": [{"itemIdentifier": change["Records"][0]["dynamodb"]["SequenceNumber"]}]}
    assert taken == TAKEN
