"""Where calls may come from: the networks of a workspace's token policy, at the gate."""

from __future__ import annotations

from datetime import datetime
from itertools import count

import pytest

from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.commands import SetTokenPolicy
from shared.services.gate import Gate, Pass, Request
from shared.services.refusals import Reason, Refusal
from tests.data.tenants import NOON, order, token, workspace
from tests.services.place import Place, let_in, refused

OFFICE = ("198.51.100.0/24", "2001:db8::/48")
INSIDE, OUTSIDE = "198.51.100.9", "192.0.2.7"
_requests = count(1)


@pytest.fixture
def shop(place: Place, gate: Gate) -> Place:
    """A store with one workspace on the plan `plus`, and no tokens."""
    del gate
    return place


def call(gate: Gate, bearer: str, *, ip: str | None, at: datetime = NOON) -> Pass | Refusal:
    request = Request(
        authorization=f"Bearer {bearer}",
        method="tools/call",
        tool="get_pnl",
        is_call=True,
        request_id=f"from-{next(_requests)}",
        ip=ip,
        user_agent="tests/1",
        now=at,
    )
    return gate.enter(request)


def set_networks(place: Place, *networks: str) -> None:
    order(SetTokenPolicy(policy=TokenPolicy(networks=networks), set_by="mem_olivia", at=NOON), stores=place.stores)


@pytest.mark.parametrize(
    ("ip", "inside"),
    [
        (INSIDE, True),
        ("198.51.101.0", False),
        ("::ffff:198.51.100.9", True),
        ("::ffff:192.0.2.7", False),
        ("2001:db8:0:1::5", True),
        ("2001:db8:1::5", False),
        ("not an address", False),
        (None, False),
    ],
)
def test_calls_come_from_the_networks_of_the_policy(shop: Place, ip: str | None, inside: bool) -> None:  # noqa: FBT001 - a column of the table
    made = token(shop.stores)
    set_networks(shop, *OFFICE)

    answer = call(shop.container(), made.text, ip=ip)

    if inside:
        let_in(answer)
    else:
        assert isinstance(answer, Refusal)
        assert (answer.form.status, answer.reason) == (403, Reason.IP_DENIED)


@pytest.mark.parametrize("plan", ["plus", "alpha"])
def test_a_call_from_outside_takes_no_place_in_the_window(place: Place, plan: str) -> None:
    workspace(place.stores, plan=plan)
    set_networks(place, *OFFICE)
    made = token(place.stores)

    for container in (place.container(), place.container()):  # each new, then known to it
        for _ in range(40):
            assert refused(call(container, made.text, ip=OUTSIDE)) is Reason.IP_DENIED

    row = place.stores.tokens.get(made.token.token_id)
    assert row is not None
    assert (row.calls, sum(row.window.ending.values()), row.last_used_at) == (0, 0, None)
    limit = let_in(call(place.container(), made.text, ip=INSIDE)).limit
    assert limit is not None
    assert limit.quota - limit.remaining == 1


def test_a_container_that_remembers_no_policy_obeys_the_new_one_at_once(shop: Place) -> None:
    made = token(shop.stores)
    warm = shop.container()
    let_in(call(warm, made.text, ip=OUTSIDE))

    set_networks(shop, *OFFICE)

    for _ in range(10):
        assert refused(call(warm, made.text, ip=OUTSIDE)) is Reason.IP_DENIED
    limit = let_in(call(warm, made.text, ip=INSIDE)).limit
    assert limit is not None
    # Its first call, and this one; and one that was counted before the container had seen the row.
    assert limit.quota - limit.remaining == 3


def test_a_container_that_remembers_a_policy_forgets_it_with_the_first_call_after_it(shop: Place) -> None:
    made = token(shop.stores)
    set_networks(shop, *OFFICE)
    warm = shop.container()
    assert refused(call(warm, made.text, ip=OUTSIDE)) is Reason.IP_DENIED

    set_networks(shop)

    assert let_in(call(warm, made.text, ip=OUTSIDE)).number == 1


def test_a_full_window_does_not_hide_that_a_network_is_shut_out(shop: Place) -> None:
    made = token(shop.stores)
    warm = shop.container()
    for _ in range(61):
        call(warm, made.text, ip=INSIDE)
    set_networks(shop, *OFFICE)
    assert refused(call(warm, made.text, ip=INSIDE)) is Reason.RATE_LIMITED

    assert refused(call(shop.container(), made.text, ip=OUTSIDE)) is Reason.IP_DENIED
