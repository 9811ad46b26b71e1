"""Free text of outsiders carries no address, no telephone number and nothing hidden into a fact."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.text import clean_text
from shared.domain.text import clean_line, is_visible


@pytest.mark.parametrize(
    "person",
    [
        "jane.doe@example.com",
        "JANE+shop@mail.example.co.uk",
        "jäne@exämple.de",
        "jane\uff20example.com",
        "jane\ufe6bexample.com",
        "ja\u200bne\u2060@exam\u00adple.com",
        "jane\x00@example.com",
        "415\u200b-555-\ufe0f2671",
        "+1 (415) 555-2671",
        "415-555-2671",
        "0049 30 1234567",
        "06 12 34 56 78",
        "+33612345678",
        "jane%40example.com",
        '"jane doe"@example.com',
        "jane@example\u3002com",
        "jane@example.com/basket",
        "415\u2013555\u20112671",
        "+1_415_555_2671",
        "".join(f"{digit}\ufe0f\u20e3" for digit in "4155552671"),
    ],
)
def test_addresses_and_telephone_numbers_are_taken_out(person: str) -> None:
    assert clean_text(f"refund for {person} please") == "refund for [redacted] please"


def test_what_stands_at_either_side_of_a_telephone_number_hides_it_not() -> None:
    assert clean_text("call_+14155552671_now") == "call_[redacted]_now"
    assert clean_text("lead+14155552671") == "lead+[redacted]"


@pytest.mark.parametrize(
    "name",
    [
        "Prospecting | US | Broad",
        "Q4 2026-11-01 - 2026-11-30",
        "BFCM 20261127",
        "Video 30s v2 (copy 3)",
        "Invoice 20451",
        "Chef's knife, 20 cm @ 15%",
        "LAL_20261101_20261130",
        "Mugs, 3@4.50",
        "A\u2013B test \u2764\ufe0f",
    ],
)
def test_names_of_campaigns_and_the_like_stay_as_they_are(name: str) -> None:
    assert clean_text(name) == name


HIDDEN = [
    *(chr(code) for code in (0x00, 0x1B, 0x7F, 0x9B)),  # controls
    *"\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff",  # format: bidi, zero width
    *"\u034f\u115f\u1160\u17b4\u180b\u180e\u2800\u3164\uffa0",  # fillers
    *"\ufe00\ufe0e\ufe0f\U000e0100\U000e01ef",  # variation selectors
    *"\U000e0001\U000e0020\U000e0041\U000e007f",  # tags: a whole text can be written in them
    *"\ue000\U000f0000\U0010fffd",  # private use
    *"\ufdd0\uffff\ud800",  # no characters at all
]


@pytest.mark.parametrize("hidden", HIDDEN, ids=lambda char: f"{ord(char):04x}")
def test_a_hidden_character_goes_and_leaves_no_trace(hidden: str) -> None:
    assert clean_line(f"{hidden}ign{hidden * 3}ore{hidden}") == "ignore"
    assert not is_visible(f"a{hidden}b")


FAMILY = "\U0001f468\u200d\U0001f469\U0001f3fd\u200d\U0001f467"
PICTURES = [
    "\u2764\ufe0f",
    "\u2764\ufe0f\u200d\U0001f525",
    FAMILY,
    "1\ufe0f\u20e3",
    "\u2122\ufe0f",
    "\U0001f44d\U0001f3fd",
]


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_stays_what_it_is_and_hides_nothing(picture: str) -> None:
    assert clean_line(f"Sale {picture}!") == f"Sale {picture}!"
    assert is_visible(f"Sale {picture}!")
    assert clean_line(f"{picture}\ufe0e\u200d\U000e0041\u200d!") == f"{picture}!"
    assert not is_visible(f"{picture}\ufe0f\ufe0f")
    assert not is_visible(f"{picture}\u200d")
    assert clean_line(f"{picture}\u200c{picture}") == picture * 2


@pytest.mark.parametrize("place", range(112, 120))
def test_a_picture_that_is_cut_through_leaves_nothing_hidden(place: int) -> None:
    cleaned = clean_text("x" * place + FAMILY)

    assert cleaned.rstrip("".join(PICTURES)) == "x" * place
    assert is_visible(cleaned)


def test_a_selector_with_nothing_to_select_goes_and_parts_of_lines_become_spaces() -> None:
    assert clean_line("Sale\ufe0f \u2764\r\n\tnow\u2028or\u3000never\x85!") == "Sale \u2764 now or never !"
    assert clean_line("Cafe\u0301") == clean_line("Caf\u00e9") == "Caf\u00e9"


ANY_TEXT = st.one_of(
    st.text(st.one_of(st.characters(), st.sampled_from(HIDDEN)), max_size=400),
    st.text(st.sampled_from([*HIDDEN, *FAMILY, "\u2764", "1", "\u20e3", "a"]), max_size=400),
)


@given(ANY_TEXT)
def test_nothing_that_is_left_is_long_or_hidden(text: str) -> None:
    cleaned = clean_text(text)

    assert len(cleaned) <= 120
    assert is_visible(cleaned)
    for before, char in zip(f" {cleaned}", cleaned, strict=False):
        if char in "\u200d\ufe0f":  # of a picture alone
            assert (
                before == "\ufe0f"
                or ord(before) > 0x1F000
                or unicodedata.category(before) in {"So", "Sm"}
                or before in "0123456789#*\u203c\u2049\u2139"
            )
        elif not 0x1F000 <= ord(char) <= 0x1FAFF:  # where pictures are that only a later Unicode knows
            assert unicodedata.category(char)[0] != "C"
            assert char not in HIDDEN


@given(ANY_TEXT)
def test_a_line_that_was_cleaned_is_clean(text: str) -> None:
    once = clean_line(text)

    assert clean_line(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(st.characters(max_codepoint=0x17F), max_size=40))
def test_plain_text_is_folded_as_the_same_text_with_a_letter_of_elsewhere_is(text: str) -> None:
    assert clean_line(text) == clean_line(f"ħ {text}").removeprefix("ħ").lstrip()


@given(st.integers(0, 119))
def test_an_address_that_is_cut_off_does_not_stay(place: int) -> None:
    assert "jane" not in clean_text("x" * place + " jane@example.com")
