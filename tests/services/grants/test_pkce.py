from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.services.grants.pkce import challenge_of, is_challenge, is_proved

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636, appendix B."""
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
"""RFC 3986, section 2.3."""

verifiers = st.text(UNRESERVED, min_size=43, max_size=128)


def test_the_example_of_the_standard_holds() -> None:
    assert challenge_of(VERIFIER) == CHALLENGE
    assert is_challenge(CHALLENGE)
    assert is_proved(CHALLENGE, VERIFIER)


@given(verifiers, verifiers)
def test_a_verifier_proves_its_own_challenge_and_no_other(verifier: str, other: str) -> None:
    assert is_proved(challenge_of(verifier), verifier)
    assert is_proved(challenge_of(verifier), other) is (verifier == other)


@pytest.mark.parametrize(
    "verifier", [VERIFIER[:42], 129 * "a", f"{VERIFIER[:42]}+", f"{VERIFIER}=", f"{VERIFIER}\n", ""]
)
def test_a_verifier_of_the_wrong_form_proves_nothing_though_its_hash_is_right(verifier: str) -> None:
    assert not is_proved(challenge_of(verifier), verifier)


@pytest.mark.parametrize("length", [43, 128])
def test_the_shortest_and_the_longest_verifier_are_good(length: int) -> None:
    assert is_proved(challenge_of(length * "a"), length * "a")


@pytest.mark.parametrize("verifier", [43 * "é", 43 * "\u0660", VERIFIER.replace("d", "\ud800")])
def test_what_is_not_ascii_is_no_verifier(verifier: str) -> None:
    assert not is_proved(CHALLENGE, verifier)


def test_the_challenge_does_not_prove_itself_as_it_would_with_plain() -> None:
    assert not is_proved(CHALLENGE, CHALLENGE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        CHALLENGE[:-1],
        f"{CHALLENGE}=",
        f"{CHALLENGE}A",
        f"{CHALLENGE}\n",
        CHALLENGE.replace("-", "+"),
        f"{CHALLENGE[:-1]}N",  # the two spare bits are not zero: the same bytes in another spelling
        "é" + CHALLENGE[1:],
    ],
)
def test_what_no_sha_256_is_written_as_is_no_challenge(text: str) -> None:
    assert not is_challenge(text)
