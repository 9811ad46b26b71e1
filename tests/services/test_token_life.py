"""Tokens as they live: calls, streams and a sweep each hour, and what the trail says in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest

from shared.domain.token.commands import ReportLeak
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import RemoveMember, SetTokenPolicy
from shared.services.change_token import change_token
from shared.services.create_token import NewToken
from shared.services.credentials.seal import is_sealed
from shared.storage.contracts.audit import AuditFilter
from tests.data.tenants import A_DAY, KEYS, NOON, order, origin, rotation, token, workspace
from tests.services.lived import Lived
from tests.services.place import let_in, send, settle

AN_HOUR = timedelta(hours=1)
A_WHILE = NOON + timedelta(minutes=2)


@pytest.fixture
def lived() -> Lived:
    lived = Lived()
    workspace(lived.stores)
    return lived


def day(number: float) -> datetime:
    return NOON + number * A_DAY


def live(lived: Lived, made: NewToken, *, until: float, used_on: Iterable[float] = (), start: float = 0) -> None:
    """Let hours pass, with a sweep in each, and with calls a minute before some."""
    calls = sorted(day(number) - timedelta(minutes=1) for number in used_on)
    now = day(start)
    while now <= day(until):
        while calls and calls[0] <= now:
            lived.call(made, calls.pop(0))
        lived.sweep(now)
        now += AN_HOUR


def happened(lived: Lived, token_id: str, *types: str) -> list[tuple[str, float]]:
    """Give type and day of what happened to a token; without types all of it."""
    return [
        (event.type, (event.at - NOON) / A_DAY)
        for event in lived.stores.tokens.history(token_id)
        if not types or event.type in types
    ]


def trail(lived: Lived, token_id: str, *, now: datetime) -> list[str]:
    """Name what the trail says of a token, oldest first."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = lived.stores.audit.entries(
            "wks_1", matching=AuditFilter(token_id=token_id), limit=100, now=now, after=after
        )
        found += [entry.type for entry in page.items]
        after = page.next
        if after is None:
            return found[::-1]


# --- a whole life -------------------------------------------------------------------------------------------------


def test_a_life_from_its_creation_to_its_end_stands_in_the_trail_in_its_order(lived: Lived) -> None:
    first = token(lived.stores, days=90)
    live(lived, first, until=1, used_on=[0.5])
    second = rotation(lived.stores, first.token.token_id, at=day(1))
    live(lived, second, start=1, until=92, used_on=[1.25, *range(2, 11), 45])

    assert happened(lived, first.token.token_id) == [
        ("token.created", 0),
        ("token.rotated", 1),
        ("token.overlap_ended", 2),
    ]
    assert happened(lived, second.token.token_id) == [
        ("token.created", 1),
        ("token.rotation_adopted", 1.25),
        ("token.abandonment_flagged", 40),  # after a daily habit a month of silence
        ("token.abandonment_cleared", 45),
        ("token.expiry_reminded", 61),
        ("token.expiry_reminded", 77),
        ("token.expiry_reminded", 84),
        ("token.expiry_reminded", 88),
        ("token.expiry_reminded", 90),
        ("token.expired", 91),
    ]
    assert trail(lived, second.token.token_id, now=day(80)) == [
        "token.created",
        "mcp.call",
        "token.rotation_adopted",
        *["mcp.call"] * 9,
        "token.abandonment_flagged",
        "mcp.call",
        "token.abandonment_cleared",
        "token.expiry_reminded",
        "token.expiry_reminded",
    ]


def test_the_adoption_of_a_successor_bears_the_time_of_its_first_use_however_late_it_is_recorded(lived: Lived) -> None:
    first = token(lived.stores, days=90)
    second = rotation(lived.stores, first.token.token_id)

    lived.call(second, *(NOON + minutes * timedelta(minutes=1) for minutes in (3, 4, 5)))
    lived.sweep(NOON + AN_HOUR, NOON + 2 * AN_HOUR)

    assert happened(lived, second.token.token_id, "token.rotation_adopted") == [("token.rotation_adopted", 1 / 24)]
    assert lived.row(second.token.token_id).token.adopted_at == NOON + timedelta(minutes=3)


def leak(lived: Lived, made: NewToken) -> None:
    command = ReportLeak(source="anonymous", at=A_WHILE)
    change_token(made.token.token_id, command, origin=origin(), keys=KEYS, tokens=lived.stores.tokens)


ENDS: dict[str, tuple[Callable[[Lived, NewToken], object], list[str]]] = {
    "leaked": (leak, ["token.leak_reported", "token.revoked"]),
    "its owner left": (
        lambda lived, _: order(RemoveMember(member_id="mem_adam", at=A_WHILE), stores=lived.stores, at=A_WHILE),
        ["token.revoked"],
    ),
    "rotated again": (
        lambda lived, made: rotation(lived.stores, made.token.token_id, by="adam", overlap=0, at=A_WHILE),
        ["token.rotated"],
    ),
    "expired": (lambda lived, _: lived.sweep(NOON + 30 * A_DAY), ["token.expired"]),
}


@pytest.mark.parametrize("behind", [False, True], ids=["projector in time", "projector behind"])
@pytest.mark.parametrize("plan", ["plus", "alpha"])
@pytest.mark.parametrize("how", ENDS)
def test_a_successor_that_was_used_and_ended_before_a_sweep_looked_is_adopted(
    how: str,
    plan: str,
    behind: bool,  # noqa: FBT001 - a column of the table
) -> None:
    lived = Lived()
    workspace(lived.stores, plan=plan)
    end, events = ENDS[how]
    successor = rotation(lived.stores, token(lived.stores, owner="adam").token.token_id, by="adam")
    lived.stream()
    used = NOON + timedelta(minutes=1)
    assert settle(lived.gate, let_in(send(lived.gate, successor.text, at=used)), at=used) is None
    if not behind:
        lived.stream()

    end(lived, successor)
    lived.stream()
    lived.sweep(NOON + 31 * A_DAY, NOON + 32 * A_DAY)

    happened_to_it = lived.types(successor.token.token_id)
    assert happened_to_it.count("token.rotation_adopted") == 1
    assert [each for each in happened_to_it if each in events] == events
    row = lived.row(successor.token.token_id)
    assert (row.token.adopted_at, row.due_at) == (used, None)
    assert is_sealed(row, KEYS)


# --- reminders ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "told_on"),
    [
        (30, [16, 23, 27, 29]),
        (90, [60, 76, 83, 87, 89]),
        (180, [120, 150, 166, 173, 177, 179]),
        (365, [305, 335, 351, 358, 362, 364]),
    ],
)
@pytest.mark.parametrize("every", [AN_HOUR, A_DAY])
def test_in_a_year_of_sweeps_each_reminder_comes_once_and_on_its_day(
    lived: Lived, days: int, told_on: list[float], every: timedelta
) -> None:
    made = token(lived.stores, days=days).token.token_id

    lived.sweep(*(NOON + number * every for number in range(366 * A_DAY // every)))

    assert happened(lived, made, "token.expiry_reminded", "token.expired") == [
        *(("token.expiry_reminded", number) for number in told_on),
        ("token.expired", days),
    ]


# --- silence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used_on", "flagged_on"),
    [
        pytest.param([], [14], id="never used"),
        pytest.param(range(1, 61), [90], id="every day, then never again"),
        # Nothing is known of a habit before its second beat: until then a month of silence counts.
        pytest.param([1, 92, 183], [31, 303], id="every quarter, then never again"),
        pytest.param([1, 92, 183, 274], [31], id="every quarter"),
    ],
)
def test_a_token_is_missed_by_its_own_habit(lived: Lived, used_on: Iterable[float], flagged_on: list[float]) -> None:
    made = token(lived.stores, days=365)

    live(lived, made, until=360, used_on=used_on)

    flags = happened(lived, made.token.token_id, "token.abandonment_flagged")
    assert [number for _, number in flags] == flagged_on


def test_any_use_takes_the_flag_away(lived: Lived) -> None:
    made = token(lived.stores, days=90)
    live(lived, made, until=20)
    assert lived.row(made.token.token_id).token.flagged_at == day(14)

    lived.call(made, day(20) + AN_HOUR)
    lived.sweep(day(20) + AN_HOUR)

    assert lived.row(made.token.token_id).token.flagged_at is None
    assert lived.types(made.token.token_id)[-2:] == ["token.abandonment_flagged", "token.abandonment_cleared"]


def test_a_use_that_the_sweep_did_not_see_when_it_flagged_takes_the_flag_away_too(lived: Lived) -> None:
    workspace(lived.stores, "wks_2", plan="alpha")
    made = token(lived.stores, workspace_id="wks_2", days=90)
    let_in(send(lived.gate, made.text, at=day(14) - AN_HOUR))  # counted on the workspace: its row does not show it yet
    lived.sweep(day(14))
    assert lived.row(made.token.token_id).token.flagged_at == day(14)

    lived.stream()
    lived.sweep(day(14) + AN_HOUR)

    assert lived.types(made.token.token_id)[-1] == "token.abandonment_cleared"


def test_a_workspace_may_have_abandoned_tokens_suspended(lived: Lived) -> None:
    policy = TokenPolicy(suspend_abandoned=True)
    order(SetTokenPolicy(policy=policy, set_by="mem_olivia", at=NOON), stores=lived.stores)
    made = token(lived.stores, days=90).token.token_id

    lived.sweep(day(14), day(15))

    assert lived.types(made) == ["token.created", "token.abandonment_flagged", "token.suspended"]
    assert lived.row(made).token.status is Status.SUSPENDED
