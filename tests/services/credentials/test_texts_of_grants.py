"""The texts of what an app was granted: they say which pair they are of and, of access, until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.token.events import TokenKind
from shared.domain.token.wording import without_tokens
from shared.services.credentials.keys import CredentialKeys, KeysUnusable
from shared.services.credentials.token_format import (
    ALPHABET,
    LENGTH,
    TokenText,
    access_token,
    new_id,
    new_random_part,
    new_token,
    random_part_of,
    read_refresh_token,
    read_token,
    refresh_token,
)

KEYS = CredentialKeys.of({"1": "a" * 64, "2": "b" * 64})
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
GRANT = "G" * 16
generations = st.integers(1, 62**4 - 1)
ends = st.integers(0, 62**6 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def access(generation: int = 1, expires_at: datetime = NOON, *, version: str = "1") -> TokenText:
    return access_token(
        GRANT,
        generation=generation,
        expires_at=expires_at,
        random_part=new_random_part(),
        version=version,
        keys=KEYS,
    )


def renewing(generation: int = 1, *, version: str = "1") -> TokenText:
    return refresh_token(GRANT, generation=generation, random_part=new_random_part(), version=version, keys=KEYS)


@given(generation=generations, expires_at=ends)
def test_an_access_token_says_whose_it_is_which_and_until_when(generation: int, expires_at: datetime) -> None:
    made = access(generation, expires_at)

    read = read_token(made.text, KEYS)

    assert read == made
    assert (made.kind, made.token_id, made.generation, made.expires_at) == (
        TokenKind.GRANT,
        GRANT,
        generation,
        expires_at,
    )
    assert made.text.startswith("mfa_1" + GRANT)
    assert len(made.text) == LENGTH


@given(generation=generations)
def test_a_refresh_token_says_whose_it_is_and_which_and_is_none_to_call_with(generation: int) -> None:
    made = renewing(generation)

    assert read_refresh_token(made.text, KEYS) == made
    assert (made.kind, made.token_id, made.generation, made.expires_at) == (TokenKind.GRANT, GRANT, generation, None)
    assert read_token(made.text, KEYS) is None
    assert read_refresh_token(access().text, KEYS) is None


def test_neither_becomes_the_other_by_its_first_letters() -> None:
    assert read_token("mfa_" + renewing().text[4:], KEYS) is None
    assert read_refresh_token("mfr_" + access().text[4:], KEYS) is None


@given(place=st.integers(0, LENGTH - 1), other=st.sampled_from(ALPHABET + "_ é\n"))
@settings(max_examples=200)
def test_one_with_any_one_character_changed_is_not_one_of_ours(place: int, other: str) -> None:
    for text, read in ((access().text, read_token), (renewing().text, read_refresh_token)):
        changed = text[:place] + other + text[place + 1 :]

        assert (read(changed, KEYS) is None) == (changed != text)


def test_the_tokens_of_a_grant_keep_the_key_version_that_lists_show() -> None:
    assert {access(2, version="1").prefix, access(3, version="1").prefix} == {"mfa_1GGGGGGG"}
    with pytest.raises(KeysUnusable):
        access(version="9")


def test_an_access_token_is_over_from_its_second_on_and_no_other_ever_is() -> None:
    made = access(expires_at=NOON)

    assert not made.is_over(NOON - timedelta(microseconds=1))
    assert made.is_over(NOON)
    for other in (renewing(), new_token(TokenKind.PERSONAL, new_id(), KEYS)):
        assert not other.is_over(datetime.max.replace(tzinfo=UTC))


def test_a_static_token_has_no_generation_and_no_end_in_its_text() -> None:
    made = new_token(TokenKind.PERSONAL, new_id(), KEYS)

    assert (made.generation, made.expires_at, made.known_as) == (0, None, made.token_id)


def test_each_access_token_of_a_grant_is_known_by_itself() -> None:
    assert len({access(1).known_as, access(2).known_as, GRANT}) == 3


@given(mac=st.binary(min_size=32, max_size=32))
def test_what_follows_from_a_keyed_hash_fills_the_place_of_what_is_drawn(mac: bytes) -> None:
    part = random_part_of(mac)

    assert len(part) == len(new_random_part()) == 33
    assert set(part) <= set(ALPHABET)


def test_neither_is_kept_or_shown_where_others_write() -> None:
    for made in (access(), renewing()):
        assert without_tokens(f"it said {made.text}, then stopped") == "it said (a token), then stopped"
        assert made.text not in repr(made)
