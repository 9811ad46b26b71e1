"""The end of an overlap is told where clients are cut off, and names what they can really go over to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from shared.domain.token.commands import SuspendToken
from shared.services.change_token import change_token
from shared.storage.contracts.notices import Message
from tests.data.tenants import A_DAY, KEYS, NOON, origin, rotation, token
from tests.services.notified import Shop

MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def old(shop: Shop) -> str:
    """A token of Olivia's."""
    return token(shop.stores, days=365).token.token_id


def rotated(shop: Shop, token_id: str, *, overlap: int = 86_400, minutes: int = 0) -> str:
    return rotation(shop.stores, token_id, overlap=overlap, at=NOON + minutes * MINUTE).token.token_id


def use(shop: Shop, token_id: str) -> None:
    """Note a use, whose adoption is not recorded yet."""
    shop.stores.tokens.note_use(token_id, NOON + 2 * MINUTE)


def told_at_the_end(shop: Shop, token_id: str) -> list[Message]:
    """Let the overlap end, and give what is told of the token since."""
    shop.now = NOON + A_DAY + MINUTE
    assert shop.tell()
    shop.post.published.clear()
    shop.sweep(shop.now)
    assert shop.tell()
    return [message for message in shop.post.published if message.token_id == token_id]


def test_it_is_told_where_nobody_has_used_the_successor(shop: Shop, old: str) -> None:
    successor = rotated(shop, old)

    (message,) = told_at_the_end(shop, old)

    assert message.subject.endswith("has ended, and its successor was never used")
    assert f"/tokens/{successor}/rotate\n" in message.text


def test_it_is_not_told_where_the_successor_is_in_use(shop: Shop, old: str) -> None:
    use(shop, rotated(shop, old))

    assert told_at_the_end(shop, old) == []


def test_it_is_not_told_where_a_successor_of_the_lost_successor_is_in_use(shop: Shop, old: str) -> None:
    lost = rotated(shop, old)
    use(shop, rotated(shop, lost, overlap=0, minutes=1))

    assert told_at_the_end(shop, old) == []


def test_it_is_not_told_where_the_clients_have_gone_over_and_a_newer_one_waits(shop: Shop, old: str) -> None:
    successor = rotated(shop, old)
    use(shop, successor)
    rotated(shop, successor, overlap=0, minutes=3)

    assert told_at_the_end(shop, old) == []


def test_where_no_successor_was_used_the_newest_that_lives_is_named(shop: Shop, old: str) -> None:
    lost = rotated(shop, old)
    newest = rotated(shop, lost, overlap=0, minutes=1)

    (message,) = told_at_the_end(shop, old)

    assert newest in message.text
    assert f"/tokens/{newest}/rotate\n" in message.text
    assert lost not in message.text


def test_an_older_successor_is_named_where_the_newer_has_gone_before_it(shop: Shop, old: str) -> None:
    older = rotated(shop, old)
    newer = rotated(shop, older, overlap=2 * 86_400, minutes=1)
    shop.revoke(newer, by="olivia")

    (message,) = told_at_the_end(shop, old)

    assert f"/tokens/{older}/rotate\n" in message.text
    assert newer not in message.text


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("end", [Shop.leak, partial(Shop.revoke, by="olivia")], ids=["leaked", "revoked"])
def test_where_no_successor_is_left_it_is_told_with_the_way_to_a_new_token(
    shop: Shop, old: str, *, end: Callable[[Shop, str], None], used: bool
) -> None:
    successor = rotated(shop, old)
    if used:
        use(shop, successor)
    end(shop, successor)

    (message,) = told_at_the_end(shop, old)

    assert message.subject.endswith("has ended, and no successor is left")
    assert "generate a new one" in message.text
    assert "    POST https://api.test/v1/tokens\n" in message.text
    assert successor not in message.text


def test_a_successor_whose_own_overlap_is_over_is_not_left_even_before_that_is_recorded(shop: Shop, old: str) -> None:
    used = rotated(shop, old)
    use(shop, used)
    shop.revoke(rotated(shop, used, overlap=60, minutes=3), by="olivia")

    (message,) = told_at_the_end(shop, old)

    assert message.subject.endswith("has ended, and no successor is left")


def test_a_successor_that_is_suspended_is_to_be_resumed_first(shop: Shop, old: str) -> None:
    successor = rotated(shop, old)
    suspend = SuspendToken(suspended_by="mem_adam", reason="odd", at=NOON + MINUTE)
    change_token(successor, suspend, origin=origin("mem_adam"), keys=KEYS, tokens=shop.stores.tokens)

    (message,) = told_at_the_end(shop, old)

    assert message.text.index(f"/tokens/{successor}/resume\n") < message.text.index(f"/tokens/{successor}/rotate\n")
