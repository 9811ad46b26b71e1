"""Notices are sent once, to those whom they concern, whatever happens on the way."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest

from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import RemoveMember, SuspendAccess
from shared.storage.contracts.notices import MailRefused, WayBlocked
from shared.storage.engine import StoreUnavailable
from tests.data.engines import Killed
from tests.data.tenants import A_DAY, NOON, PEOPLE, order, token, workspace
from tests.services.grants.connecting import connect
from tests.services.lived import Interrupted, die
from tests.services.notified import Shop, nothing


@pytest.fixture
def shop() -> Shop:
    return Shop()


def organization_token(shop: Shop) -> str:
    return token(shop.stores, kind=TokenKind.ORGANIZATION, days=None).token.token_id


# --- what and whom ----------------------------------------------------------------------------------------------------


def test_a_token_that_nobody_minds_leads_to_nothing_until_it_ends(shop: Shop) -> None:
    token(shop.stores, owner="adam", days=365)
    assert shop.tell()
    assert shop.post.gone == []

    shop.sweep(NOON + 365 * A_DAY)
    assert shop.tell()

    assert shop.post.gone == [("topic", "token.expired"), ("mem_adam", "token.expired")]


def test_reminders_go_to_the_owner_each_once(shop: Shop) -> None:
    token(shop.stores, owner="adam", days=365)

    for day in range(300, 366):
        shop.sweep(NOON + day * A_DAY)
        assert shop.tell()

    days = [message.subject for to, message in shop.post.letters if to == "mem_adam"]
    assert [subject.split(" expires in ")[-1] for subject in days if "expires" in subject] == [
        *("60 days", "30 days", "14 days", "7 days", "3 days", "one day"),
    ]


def test_a_reminder_after_the_sweep_was_down_says_what_is_really_left(shop: Shop) -> None:
    token(shop.stores, owner="adam", days=365)

    shop.sweep(NOON + 361.8 * A_DAY)
    assert shop.tell()

    (subject,) = (message.subject for message in shop.post.published if message.type == "token.expiry_reminded")
    assert subject.endswith(" expires in 3 days")  # and not in 7, which is the reminder that was missed


def test_that_an_app_was_connected_is_told_to_whoever_it_acts_for_and_its_end_by_itself_is_not(shop: Shop) -> None:
    connect(shop.stores, member_id="mem_adam")
    assert shop.tell()
    assert shop.post.gone == [("topic", "grant.approved"), ("mem_adam", "grant.approved")]

    shop.sweep(NOON + 30 * A_DAY)
    assert shop.tell()

    assert len(shop.post.gone) == 2


def test_a_leak_is_told_once_to_everybody_who_can_do_something(shop: Shop) -> None:
    shop.leak(organization_token(shop))

    assert shop.tell()

    assert shop.post.gone == [(to, "token.leak_reported") for to in ("topic", "mem_adam", "mem_olivia")]


def test_what_somebody_does_to_their_own_token_is_not_told_and_what_another_does_is(shop: Shop) -> None:
    own, others = (token(shop.stores, owner="olivia", days=365).token.token_id for _ in range(2))

    shop.revoke(own, by="olivia")
    assert shop.tell()
    assert shop.post.gone == []
    shop.revoke(others, by="adam")
    assert shop.tell()

    assert shop.post.gone == [("topic", "token.revoked"), ("mem_olivia", "token.revoked")]
    assert [message.token_id for message in shop.post.published] == [others]


def test_a_workspace_that_is_shut_out_hears_of_it(shop: Shop) -> None:
    order(SuspendAccess(reason="unpaid", at=NOON), stores=shop.stores)

    assert shop.tell()

    assert shop.post.gone == [(to, "workspace.access_suspended") for to in ("topic", "mem_adam", "mem_olivia")]


def test_who_was_removed_is_not_told_of_the_end_of_their_tokens_and_not_written_to_again(shop: Shop) -> None:
    token(shop.stores, owner="adam", days=365)
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=shop.stores)
    shop.leak(organization_token(shop))

    assert shop.tell()

    assert {to for to, _ in shop.post.letters} == {"mem_olivia"}
    assert [message.type for message in shop.post.published] == ["token.leak_reported"]


def test_who_was_removed_since_is_not_told_of_what_happened_before(shop: Shop) -> None:
    shop.leak(organization_token(shop))
    late = shop.new_records()
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=shop.stores)

    assert shop.tell(late)

    assert {to for to, _ in shop.post.letters} == {"mem_olivia"}


def test_members_of_other_workspaces_are_not_told(shop: Shop) -> None:
    workspace(shop.stores, "wks_2", people={"oscar": PEOPLE["olivia"]})
    shop.leak(organization_token(shop))

    assert shop.tell()

    assert "mem_oscar" not in {to for to, _ in shop.post.letters}


def test_without_a_sender_the_topic_is_told_alone(shop: Shop) -> None:
    shop.leak(organization_token(shop))

    assert shop.tell(by=shop.notifier(mails=False))

    assert shop.post.gone == [("topic", "token.leak_reported")]


def test_a_message_and_what_is_noted_of_it_hold_no_address_and_no_secret(shop: Shop) -> None:
    made = token(shop.stores, owner="adam", days=365)
    shop.leak(made.token.token_id)

    assert shop.tell()

    held = json.dumps([*map(repr, shop.post.published), shop.new_records()])
    assert "@shop.example" not in held
    assert made.text[12:] not in held
    assert "NOTICE#" in held


# --- once -------------------------------------------------------------------------------------------------------------


def test_changes_that_come_again_late_or_out_of_order_send_nothing_twice(shop: Shop) -> None:
    for _ in range(3):
        shop.leak(organization_token(shop))
    records = shop.new_records()

    for batch in (records, records, records[::-1], records[3:] + records[:3]):
        assert shop.tell(batch)

    assert len(shop.post.published) == 3
    assert len(shop.post.letters) == 6
    assert len({message.event_id for message in shop.post.published}) == 3


def test_a_row_that_changes_or_goes_is_no_event(shop: Shop) -> None:
    shop.leak(organization_token(shop))
    records = shop.new_records()

    for name in ("MODIFY", "REMOVE"):
        assert shop.tell({**record, "eventName": name} for record in records)

    assert shop.post.gone == []


def test_a_run_that_dies_before_any_call_of_the_store_is_made_good_by_the_next(shop: Shop) -> None:
    shop.leak(organization_token(shop))
    records = shop.new_records()
    calls = Interrupted(of=shop.engine, at=-1, by=die)
    assert shop.tell(records, by=shop.notifier(calls))
    steps, expected = calls.calls, sorted(shop.post.gone)
    assert steps >= 7  # workspace, token, addresses, what was sent, and a note for each of three ways

    for step in range(steps):
        again = Shop()
        again.leak(organization_token(again))
        records = again.new_records()
        with pytest.raises(Killed):
            again.tell(records, by=again.notifier(Interrupted(of=again.engine, at=step, by=die)))
        assert again.tell(records)

        assert set(again.post.gone) == set(expected), f"killed before call {step}"
        assert len(again.post.gone) <= len(expected) + 1, f"killed before call {step}"


@pytest.mark.parametrize("to", ["topic", "mem_adam", "mem_olivia"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_dies_around_a_message_repeats_no_other(shop: Shop, to: str, moment: str) -> None:
    def die_at(name: str) -> None:
        if name == to:
            raise Killed

    shop.leak(organization_token(shop))
    records = shop.new_records()
    setattr(shop.post, moment, die_at)
    with pytest.raises(Killed):
        shop.tell(records)
    shop.post.before = shop.post.after = nothing

    assert shop.tell(records)

    told = sorted(name for name, _ in shop.post.gone)
    assert told == sorted(["topic", "mem_adam", "mem_olivia", *([to] if moment == "after" else [])])
    assert len({message.event_id for _, message in shop.post.letters}) == 1  # by which a repeat is told


def test_a_store_that_is_away_has_the_change_taken_again(shop: Shop) -> None:
    def unavailable() -> None:
        raise StoreUnavailable("not now")

    shop.leak(organization_token(shop))
    records = shop.new_records()

    assert not shop.tell(records, by=shop.notifier(Interrupted(of=shop.engine, at=0, by=unavailable)))
    assert shop.tell(records)

    assert len(shop.post.gone) == 3


# --- what goes wrong --------------------------------------------------------------------------------------------------


def refuse(name: str) -> Callable[[str], None]:
    def before(to: str) -> None:
        if to == name:
            raise MailRefused("MessageRejected")

    return before


def block(name: str) -> Callable[[str], None]:
    def before(to: str) -> None:
        if to == name:
            raise WayBlocked("TooManyRequestsException")

    return before


def test_an_address_that_is_refused_for_good_stops_nobody_and_is_not_tried_again(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop.post.before = refuse("mem_adam")
    shop.leak(organization_token(shop))
    records = shop.new_records()

    assert shop.tell(records)
    assert shop.tell(records)

    assert [to for to, _ in shop.post.gone] == ["topic", "mem_olivia"]
    assert shop.refused == ["MessageRejected"]  # counted once
    (line,) = (record for record in caplog.records if record.message == "a letter was refused")
    assert line.__dict__["event_id"] == shop.post.published[0].event_id
    assert "@" not in caplog.text + json.dumps(line.__dict__, default=str)


@pytest.mark.parametrize("way", ["topic", "mem_adam", "mem_olivia"])
def test_a_way_that_is_blocked_is_tried_again_and_keeps_no_other_back(shop: Shop, way: str) -> None:
    shop.post.before = block(way)
    shop.leak(organization_token(shop))
    records = shop.new_records()

    assert not shop.tell(records)
    assert way not in {to for to, _ in shop.post.gone}
    assert len(shop.post.gone) == 2
    shop.post.before = nothing
    assert shop.tell(records)

    assert sorted(to for to, _ in shop.post.gone) == ["mem_adam", "mem_olivia", "topic"]


def test_an_event_whose_workspace_is_gone_is_passed_over(shop: Shop) -> None:
    shop.leak(organization_token(shop))
    records = shop.new_records()

    assert shop.tell(records, by=Shop().notifier())
    assert shop.post.gone == []
