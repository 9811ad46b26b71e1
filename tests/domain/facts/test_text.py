"""Free text of outsiders carries no address, no telephone number and nothing hidden into a fact."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.text import clean_text
from shared.domain.text import clean_line


@pytest.mark.parametrize(
    "person",
    [
        "jane.doe@example.com",
        "JANE+shop@mail.example.co.uk",
        "jäne@exämple.de",
        "+1 (415) 555-2671",
        "415-555-2671",
        "0049 30 1234567",
        "06 12 34 56 78",
        "+33612345678",
    ],
)
def test_addresses_and_telephone_numbers_are_taken_out(person: str) -> None:
    assert clean_text(f"refund for {person} please") == "refund for [redacted] please"


@pytest.mark.parametrize(
    "name",
    [
        "Prospecting | US | Broad",
        "Q4 2026-11-01 - 2026-11-30",
        "BFCM 20261127",
        "Video 30s v2 (copy 3)",
        "Invoice 20451",
        "Chef's knife, 20 cm @ 15%",
    ],
)
def test_names_of_campaigns_and_the_like_stay_as_they_are(name: str) -> None:
    assert clean_text(name) == name


@given(st.text(max_size=400))
def test_nothing_that_is_left_is_long_or_hidden(text: str) -> None:
    cleaned = clean_text(text)

    assert len(cleaned) <= 120
    assert all(unicodedata.category(char)[0] != "C" for char in cleaned)


@given(st.text(st.characters(max_codepoint=0x17F), max_size=40))
def test_plain_text_is_folded_as_the_same_text_with_a_letter_of_elsewhere_is(text: str) -> None:
    assert clean_line(text) == clean_line(f"ħ {text}").removeprefix("ħ").lstrip()


@given(st.integers(0, 119))
def test_an_address_that_is_cut_off_does_not_stay(place: int) -> None:
    assert "jane" not in clean_text("x" * place + " jane@example.com")
