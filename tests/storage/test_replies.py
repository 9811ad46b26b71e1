"""What every engine promises about idempotency keys, through the store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.storage.contracts.replies import Reply
from tests.data.examples import NOON, ONE_DAY
from tests.data.stores import Stores

FIRST = Reply(fingerprint="f1", resource_id="tok1")
SECOND = Reply(fingerprint="f2", resource_id="tok2")


def test_the_first_request_takes_the_key_and_the_second_learns_of_it(stores: Stores) -> None:
    assert stores.replies.claim("mem_olga", "key", FIRST, now=NOON) == FIRST
    assert stores.replies.claim("mem_olga", "key", SECOND, now=NOON + timedelta(hours=23)) == FIRST


@pytest.mark.parametrize(("caller", "key"), [("mem_olga", "other"), ("mem_ann", "key"), ("mem_olga", "KEY")])
def test_another_key_or_another_caller_is_another_request(stores: Stores, caller: str, key: str) -> None:
    stores.replies.claim("mem_olga", "key", FIRST, now=NOON)

    assert stores.replies.claim(caller, key, SECOND, now=NOON) == SECOND


def test_a_key_is_found_as_long_as_it_is_held(stores: Stores) -> None:
    assert stores.replies.find("mem_olga", "key", now=NOON) is None
    stores.replies.claim("mem_olga", "key", FIRST, now=NOON)

    assert stores.replies.find("mem_olga", "key", now=NOON + ONE_DAY) == FIRST
    assert stores.replies.find("mem_olga", "key", now=NOON + ONE_DAY + timedelta(seconds=1)) is None
    assert stores.replies.find("mem_ann", "key", now=NOON) is None


def test_a_key_is_free_again_after_a_day(stores: Stores) -> None:
    stores.replies.claim("mem_olga", "key", FIRST, now=NOON)

    later = NOON + ONE_DAY + timedelta(seconds=1)

    assert stores.replies.claim("mem_olga", "key", SECOND, now=later) == SECOND
    assert stores.replies.claim("mem_olga", "key", FIRST, now=later) == SECOND
