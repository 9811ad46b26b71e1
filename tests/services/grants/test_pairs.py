"""What a pair of tokens follows from, and what it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.token_format import TokenText, new_id, refresh_token
from shared.services.grants.pairs import Pair, first_pair, given_to, next_pair
from tests.data.examples import grant_approved, token_after
from tests.data.tenants import KEYS, NOON

ONE, OTHER = 16 * "g", 16 * "h"
ROTATED = CredentialKeys.of({**KEYS.roots, "2": "credential keys of later tests: " * 3})


def renewing(
    grant_id: str = ONE, *, generation: int = 1, random_part: str = 33 * "a", keys: CredentialKeys = KEYS
) -> TokenText:
    return refresh_token(grant_id, generation=generation, random_part=random_part, version="1", keys=keys)


def following(
    refresh: TokenText, *, until: datetime = NOON, number: int | None = None, keys: CredentialKeys = KEYS
) -> Pair:
    app = token_after(grant_approved()).app
    assert app is not None
    generation = refresh.generation + 1 if number is None else number
    return next_pair(refresh, replace(app, generation=generation, access_expires_at=until), keys)


def chance_of(text: TokenText | None) -> str:
    """Give the characters that are neither generation nor end."""
    assert text is not None
    return text.secret[10:]


def test_the_same_refresh_token_gives_the_same_pair() -> None:
    assert following(renewing()) == following(renewing())


def test_every_part_of_a_refresh_token_decides_on_all_that_follows() -> None:
    pairs = [
        following(renewing()),
        following(renewing(OTHER)),
        following(renewing(generation=2)),
        following(renewing(random_part=32 * "a" + "b")),
    ]

    assert len({chance_of(text) for pair in pairs for text in (pair.access, pair.refresh)}) == 8


def test_the_end_of_an_access_token_decides_on_that_token_alone() -> None:
    one, other = following(renewing()), following(renewing(), until=NOON + timedelta(seconds=1))

    assert one.refresh == other.refresh
    assert chance_of(one.access) != chance_of(other.access)


def test_a_pair_with_another_number_is_another_pair() -> None:
    one, other = following(renewing()), following(renewing(), number=3)

    assert len({chance_of(text) for pair in (one, other) for text in (pair.access, pair.refresh)}) == 4
    assert [text and text.generation for text in (other.access, other.refresh)] == [3, 3]


def test_nobody_without_the_key_can_tell_what_follows() -> None:
    others = CredentialKeys.of({"1": "credential keys of somebody else: " * 3})

    assert chance_of(following(renewing()).refresh) != chance_of(following(renewing(), keys=others).refresh)


def test_the_first_pair_comes_of_chance() -> None:
    grant_id = new_id()
    pairs = [first_pair(grant_id, access_expires_at=NOON, renews=True, keys=KEYS) for _ in range(2)]

    assert len({chance_of(text) for pair in pairs for text in (pair.access, pair.refresh)}) == 4


@pytest.mark.parametrize("generations", [1, 3])
def test_a_grant_stays_under_the_key_that_it_began_with_when_keys_are_rotated(generations: int) -> None:
    refresh, plain = renewing(), renewing()
    for _ in range(generations):
        pair = following(refresh, keys=ROTATED)
        assert pair == following(plain, keys=KEYS)
        assert pair.refresh is not None
        assert pair.access.key_version == pair.refresh.key_version == "1"
        refresh = plain = pair.refresh
    assert first_pair(ONE, access_expires_at=NOON, renews=True, keys=ROTATED).access.key_version == "2"


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("203.0.113.9", "203.0.113.200", True),
        ("203.0.113.9", "203.0.112.9", False),
        ("2001:db8:1::9", "2001:db8:1:ffff::1", True),
        ("2001:db8:1::9", "2001:db8:2::9", False),
        ("203.0.113.9", None, False),
        (None, None, True),
    ],
)
def test_addresses_that_lie_together_are_one_network(*, one: str | None, other: str | None, is_one: bool) -> None:
    assert (given_to(renewing(), one, KEYS) == given_to(renewing(), other, KEYS)) is is_one


def test_no_address_can_be_read_off_the_mark_of_a_network() -> None:
    others = CredentialKeys.of({"1": "credential keys of somebody else: " * 3})

    marks = {given_to(of, "203.0.113.9", keys) for of in (renewing(), renewing(OTHER)) for keys in (KEYS, others)}

    assert len(marks) == 4
