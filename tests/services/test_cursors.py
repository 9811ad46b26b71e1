from __future__ import annotations

import base64
import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.domain.errors import Invalid
from shared.services.credentials.keys import CredentialKeys
from shared.services.cursors import LIFETIME, open_cursor, seal_cursor

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEYS = CredentialKeys.of({"1": "k" * 64})
LIST = ("ws_1", "GET /v1/tokens")


@given(position=st.text(max_size=80), name=st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_a_cursor_gives_back_the_position_it_was_made_of(position: str, name: list[str]) -> None:
    cursor = seal_cursor(position, of=name, now=NOW, keys=KEYS)

    assert open_cursor(cursor, of=name, now=NOW, keys=KEYS) == position
    assert cursor.replace("-", "").replace("_", "").isalnum()  # it goes into a URL as it is


@given(at=st.integers(min_value=0), letter=st.sampled_from("AZaz09-_+/=.\n"))
def test_a_cursor_with_one_letter_changed_is_refused(at: int, letter: str) -> None:
    cursor = seal_cursor("the position", of=LIST, now=NOW, keys=KEYS)
    at %= len(cursor)
    changed = cursor[:at] + letter + cursor[at + 1 :]
    assume(changed != cursor)

    with pytest.raises(Invalid, match="does not belong"):
        open_cursor(changed, of=LIST, now=NOW, keys=KEYS)


@given(position=st.text(max_size=20))
def test_a_cursor_has_one_spelling(position: str) -> None:
    cursor = seal_cursor(position, of=LIST, now=NOW, keys=KEYS)
    sealed = base64.urlsafe_b64decode(cursor + "==")
    same = {cursor[:-1] + letter for letter in string.ascii_letters + string.digits + "-_"}
    same |= {cursor.replace("-", "+").replace("_", "/"), *(f"{cursor}{more}" for more in ("=", "==", "\n", " ", "!"))}
    respelt = [each for each in same - {cursor} if base64.urlsafe_b64decode(each + "==") == sealed]

    for each in respelt:
        with pytest.raises(Invalid, match="does not belong"):
            open_cursor(each, of=LIST, now=NOW, keys=KEYS)


@pytest.mark.parametrize("text", ["", "x", "é", "ab=c", "a" * 10_000, "////", "bnVsbA"])
def test_what_was_never_a_cursor_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_cursor(text, of=LIST, now=NOW, keys=KEYS)
    assert (refused.value.code, refused.value.field) == ("cursor_invalid", "cursor")


@pytest.mark.parametrize(
    "other",
    [
        ("ws_2", "GET /v1/tokens"),
        ("ws_1", "GET /v1/audit/events"),
        ("ws_1GET /v1/tokens",),
        ("ws_1", "GET", "/v1/tokens"),
    ],
)
def test_a_cursor_of_one_list_does_not_open_another(other: tuple[str, ...]) -> None:
    cursor = seal_cursor("the position", of=LIST, now=NOW, keys=KEYS)

    with pytest.raises(Invalid, match="does not belong"):
        open_cursor(cursor, of=other, now=NOW, keys=KEYS)


def test_a_cursor_lives_a_quarter_of_an_hour() -> None:
    cursor = seal_cursor("the position", of=LIST, now=NOW, keys=KEYS)

    assert open_cursor(cursor, of=LIST, now=NOW + LIFETIME - timedelta(seconds=1), keys=KEYS) == "the position"
    with pytest.raises(Invalid, match="too old"):
        open_cursor(cursor, of=LIST, now=NOW + LIFETIME, keys=KEYS)


def test_a_cursor_made_with_another_key_is_refused() -> None:
    cursor = seal_cursor("the position", of=LIST, now=NOW, keys=CredentialKeys.of({"1": "z" * 64}))

    with pytest.raises(Invalid, match="does not belong"):
        open_cursor(cursor, of=LIST, now=NOW, keys=KEYS)
