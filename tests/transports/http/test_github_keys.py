"""The keys that GitHub publishes: when they are asked for, how long they are believed, and what a bad list does."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.transports.http.github_keys import KEPT, LONGEST_LIST, PATIENCE, GithubKeys
from shared.transports.http.refusals import IssuerUnavailable
from tests.data.tenants import NOON
from tests.transports.http.api import Api
from tests.transports.http.github import NOW, LoopbackGithub, document, finding, listed, pem, refused, send

SECOND = timedelta(seconds=1)


@pytest.fixture
def keys(github: LoopbackGithub) -> GithubKeys:
    return GithubKeys(url=github.url)


def test_nobody_is_asked_before_the_first_report(github: LoopbackGithub, keys: GithubKeys) -> None:
    assert github.asked == []

    assert keys.find("now", now=NOON) == NOW.public_key()

    assert len(github.asked) == 1
    assert github.asked[0]["User-Agent"] == "merchant-mcp"  # the API of GitHub refuses who does not say their name


def test_a_key_that_is_known_is_not_asked_for_until_it_is_old(github: LoopbackGithub, keys: GithubKeys) -> None:
    for at in (NOON, NOON + SECOND, NOON + KEPT - SECOND):
        keys.find("now", now=at)
        keys.find("before", now=at)
    assert len(github.asked) == 1

    keys.find("now", now=NOON + KEPT)
    assert len(github.asked) == 2


def test_a_key_that_github_begins_to_sign_with_is_believed_at_once_if_nobody_has_asked_lately(
    github: LoopbackGithub, keys: GithubKeys
) -> None:
    github.list = document(*listed("before"))
    assert keys.find("before", now=NOON) is not None

    github.list = document(*listed("now", "before"))

    assert keys.find("now", now=NOON + PATIENCE) == NOW.public_key()


def test_a_key_that_github_takes_off_its_list_is_believed_for_so_long_and_no_longer(
    github: LoopbackGithub, keys: GithubKeys
) -> None:
    keys.find("before", now=NOON)
    github.list = document(*listed("now"))

    assert keys.find("before", now=NOON + KEPT - SECOND) is not None
    assert keys.find("before", now=NOON + KEPT) is None


def test_strangers_make_us_ask_once_a_minute_whatever_keys_they_name(github: LoopbackGithub, keys: GithubKeys) -> None:
    for seconds in range(0, 120, 2):
        assert keys.find(f"stranger-{seconds}", now=NOON + seconds * SECOND) is None

    assert timedelta(minutes=1) == PATIENCE
    assert len(github.asked) == 2


@given(asked=st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["now", "before", "x", "y", ""])), max_size=20))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_requests_makes_us_ask_twice_in_a_minute(
    github: LoopbackGithub, asked: list[tuple[int, str]]
) -> None:
    keys, at = GithubKeys(url=github.url), NOON
    fetched = [NOON - PATIENCE]

    for seconds, key_id in asked:
        at += seconds * SECOND
        before = len(github.asked)
        assert (keys.find(key_id, now=at) is not None) == (key_id in {"now", "before"})
        fetched += [at] * (len(github.asked) - before)

    assert all(later - sooner >= PATIENCE for sooner, later in pairwise(fetched))


def test_while_github_is_away_known_keys_stay_good(github: LoopbackGithub, keys: GithubKeys) -> None:
    keys.find("now", now=NOON)
    github.list = None

    for at in (NOON + KEPT, NOON + KEPT + SECOND, NOON + 10 * KEPT):
        assert keys.find("now", now=at) == NOW.public_key()

    assert len(github.asked) == 3


def test_while_github_is_away_an_unknown_key_is_a_reason_to_wait_and_nobody_asks_again_for_a_minute(
    github: LoopbackGithub, keys: GithubKeys
) -> None:
    github.list = None
    for at in (NOON, NOON + SECOND, NOON + PATIENCE - SECOND):
        with pytest.raises(IssuerUnavailable):
            keys.find("now", now=at)
    assert len(github.asked) == 1

    github.list = document(*listed("now"))

    assert keys.find("now", now=NOON + PATIENCE) == NOW.public_key()


def test_it_is_told_as_a_problem(api: Api, github: LoopbackGithub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    github.list = None

    answer = send(api, finding("mfp_1in_no_log"))

    assert (*refused(answer), answer.headers["retry-after"]) == (503, "keys_unavailable", "10")
    assert "cannot be read" in caplog.text
    assert "in_no_log" not in caplog.text


def test_a_github_that_nobody_hears_from_is_a_reason_to_wait() -> None:
    with LoopbackGithub() as github:
        pass

    with pytest.raises(IssuerUnavailable):
        GithubKeys(url=github.url).find("now", now=NOON)


GOOD = document(*listed("now"))


@pytest.mark.parametrize(
    "served",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"<html>",
        b'{"keys": []}',
        b'{"public_keys": [{"key_identifier": "now"}]}',
        b'{"public_keys": [{"key_identifier": "now", "key": 7}]}',
        document(*listed("now") * (LONGEST_LIST // 200)),
        b" " * LONGEST_LIST + GOOD,
        b"[" * 10_000,
    ],
    ids=lambda served: str(served[:40]),
)
def test_a_list_that_cannot_be_read_takes_no_key_away(github: LoopbackGithub, keys: GithubKeys, served: bytes) -> None:
    keys.find("now", now=NOON)
    github.list = served

    assert keys.find("now", now=NOON + KEPT) == NOW.public_key()
    with pytest.raises(IssuerUnavailable):
        keys.find("new", now=NOON + KEPT + PATIENCE)


def test_a_list_may_be_so_long(github: LoopbackGithub, keys: GithubKeys) -> None:
    github.list = GOOD.ljust(LONGEST_LIST)

    assert keys.find("now", now=NOON) == NOW.public_key()


OTHERS = {
    "another curve": pem(ec.generate_private_key(ec.SECP384R1()).public_key()),
    "RSA": pem(rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()),
    "Ed25519": pem(ed25519.Ed25519PrivateKey.generate().public_key()),
    "a later kind": "-----BEGIN PUBLIC KEY-----\nMAoGCCqGSIb3DQMHAwIAAA==\n-----END PUBLIC KEY-----\n",
    "none": "",
    "not ASCII": "\u00e9",
}


@pytest.mark.parametrize("key", OTHERS.values(), ids=OTHERS)
def test_a_key_of_another_kind_is_no_key_and_hides_none(github: LoopbackGithub, keys: GithubKeys, key: str) -> None:
    github.list = document({"key_identifier": "other", "key": key, "is_current": True}, *listed("now"))

    assert keys.find("other", now=NOON) is None
    assert keys.find("now", now=NOON) == NOW.public_key()


def test_whatever_github_tells_of_a_key_beside_it_is_not_needed(github: LoopbackGithub, keys: GithubKeys) -> None:
    (key,) = listed("now")
    github.list = json.dumps({"public_keys": [{**key, "is_current": None, "until": []}], "next": 1}).encode()

    assert keys.find("now", now=NOON) == NOW.public_key()


def test_an_empty_list_is_a_list(github: LoopbackGithub, keys: GithubKeys) -> None:
    keys.find("now", now=NOON)
    github.list = document()

    assert keys.find("now", now=NOON + KEPT) is None
