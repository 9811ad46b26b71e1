from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.token.events import TokenKind
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.token_format import (
    ALPHABET,
    LENGTH,
    TokenText,
    base62,
    new_id,
    new_token,
    read_token,
)

KEYS = CredentialKeys.of({"1": "a" * 64})
NEWER_KEYS = CredentialKeys.of({"1": "a" * 64, "2": "b" * 64})


def made(kind: TokenKind = TokenKind.PERSONAL, keys: CredentialKeys = KEYS) -> TokenText:
    return new_token(kind, new_id(), keys)


def test_a_new_token_is_read_back_in_its_parts() -> None:
    token = made()

    assert read_token(token.text, KEYS) == token
    assert token.text.startswith("mfp_1")
    assert len(token.text) == LENGTH


def test_an_organization_token_says_so_at_its_first_letters() -> None:
    token = made(TokenKind.ORGANIZATION)

    read = read_token(token.text, KEYS)

    assert token.text.startswith("mfs_")
    assert read is not None
    assert read.kind is TokenKind.ORGANIZATION


@given(place=st.integers(0, LENGTH - 1), other=st.sampled_from(ALPHABET + "_ é\n"))
@settings(max_examples=300)
def test_a_token_with_any_one_character_changed_is_not_one_of_ours(place: int, other: str) -> None:
    text = made().text
    changed = text[:place] + other + text[place + 1 :]

    assert (read_token(changed, KEYS) is None) == (changed != text)


@given(st.text(max_size=200))
def test_garbage_is_not_a_token(text: str) -> None:
    assert read_token(text, KEYS) is None
    assert read_token(f"mfp_{text}", KEYS) is None


def test_a_token_of_another_deployment_is_not_one_of_ours() -> None:
    stranger = CredentialKeys.of({"1": "z" * 64})

    assert read_token(made(keys=stranger).text, KEYS) is None


def test_a_newer_key_makes_new_tokens_and_still_reads_the_old_ones() -> None:
    old, new = made(), made(keys=NEWER_KEYS)

    assert (old.key_version, new.key_version) == ("1", "2")
    assert read_token(old.text, NEWER_KEYS) == old
    assert read_token(new.text, KEYS) is None


def test_what_a_list_shows_of_a_token_holds_nothing_of_its_secret() -> None:
    token = made()

    assert token.prefix == token.text[:12]
    assert token.secret not in token.prefix
    assert token.text.index(token.secret) >= len(token.prefix)


def test_the_secret_has_256_bits_and_the_check_64() -> None:
    assert len(ALPHABET) == 62
    assert 62**43 >= 2**256
    assert 62**11 >= 2**64


def test_a_secret_is_not_shown_by_printing_its_token() -> None:
    token = made()

    assert token.secret not in repr(token)


@given(st.integers(0, 62**11 - 1))
def test_base62_is_positional(number: int) -> None:
    digits = base62(number, 11)

    assert sum(ALPHABET.index(digit) * 62**power for power, digit in enumerate(reversed(digits))) == number
