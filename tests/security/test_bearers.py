"""Bearers that are nearly one of ours: each is refused for nothing, and only the one that was issued comes in."""

from __future__ import annotations

import base64
import hmac
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.token_format import ALPHABET, ID_LENGTH, LENGTH, TAG_LENGTH, new_id, new_token
from tests.data.tenants import KEYS
from tests.security.mcp_bodies import plain
from tests.security.mcp_judge import costs_nothing, judge
from tests.security.product import Answered, Product
from tests.security.tally import TALLY

MANY = settings(max_examples=max(400, settings().max_examples))
TAGS = ("mfp_", "mfs_", "mfa_", "mfr_", "MFP_", "mfp-", "mfp", "ghp_", "sk-", "")
LOOK_ALIKES = {
    **{digit: chr(0xFF10 + int(digit)) for digit in "0123456789"},  # full width: NFKC makes ASCII of them
    **dict(zip("aeopcAKs", "\u0430\u0435\u043e\u0440\u0441\u0391\u212a\u017f", strict=True)),
}
AROUND = (
    " ",
    "\t",
    "\u00a0",
    "\u200b",
    "\u2003",
    "\x0b",
    "\x85",
    "\ufeff",
    "\x00",
    "\r\n",
    '"',
    "'",
    "<",
    ">",
    "`",
    ",",
    ";",
)
SCHEMES = (
    *(
        "Bearer",
        "bearer",
        "BEARER",
        "BeArEr",
        "Basic",
        "Token",
        "Digest",
        "bearer:",
        "Bearer,",
        "\uff22earer",
        "Bear er",
    ),
    *("", "Negotiate", "MAC", "DPoP", "Bearer Bearer"),
)


@pytest.fixture(scope="module", autouse=True)
def met(standing: Product) -> Iterator[None]:
    assert show(standing, f"Bearer {standing.token.text}").status == 200
    yield
    assert [*standing.trail("mcp.call", "mcp.call_denied")] == [], "no trail holds garbage"


def show(product: Product, authorization: str) -> Answered:
    headers = {"content-type": "application/json", "authorization": authorization}
    return product.ask("POST", "/mcp", headers, plain("ping"))


def holds(product: Product, attack: str, authorization: str) -> None:
    """Hold that a header lets in where it shows the token as it was issued, and that all others cost nothing."""
    answered = show(product, authorization)

    TALLY.note(attack, judge(product, answered))
    issued = rf"(?i:bearer) [ \t]*{product.token.text}[ \t]*"
    if re.fullmatch(issued, authorization, re.ASCII):
        assert (answered.status, answered.costs) == (200, {"get": 1})
        return
    assert answered.status == 401
    assert answered.json["error"]["data"]["reason"] in {"token_malformed", "credential_missing"}
    costs_nothing(answered)


places = st.integers(0, LENGTH - 1)
Mutation = Callable[[str], str]


@st.composite
def mutations(draw: st.DrawFn) -> Mutation:
    """Draw one change of a token."""
    place, letter, tag = draw(places), draw(st.sampled_from(ALPHABET)), draw(st.sampled_from(TAGS))
    around, twin = draw(st.sampled_from(AROUND)), draw(st.sampled_from(sorted(LOOK_ALIKES)))
    count = draw(st.integers(1, 3))
    changes: list[Mutation] = [
        lambda text: text[:place] + letter + text[place + 1 :],
        lambda text: text[:place] + chr(ord(text[place]) ^ (1 << count)) + text[place + 1 :],
        lambda text: text[:place],
        lambda text: text[place:],
        lambda text: text[:place] + text[place + count :],
        lambda text: text[:place] + letter * count + text[place:],
        lambda text: text[: place - 1] + text[place : place + 1] + text[place - 1 : place] + text[place + 1 :],
        lambda text: tag + text[TAG_LENGTH:],
        lambda text: text[:TAG_LENGTH] + letter + text[TAG_LENGTH + 1 :],  # another version of the pepper
        lambda text: text.replace(twin, LOOK_ALIKES[twin], count),
        lambda text: text[:place] + around + text[place:],
        lambda text: around + text + around,
        lambda text: text[:place] + text[place:].swapcase(),
        lambda text: text + around + text,
        lambda text: text[::-1],
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: "".join(f"%{ord(each):02x}" for each in text[: place + 1]) + text[place + 1 :],
        lambda text: text.encode("utf-16").decode("latin-1"),
        lambda text: text[: LENGTH - 11] + letter * 11,  # any check digits
    ]
    return draw(st.sampled_from(changes))


@MANY
@given(change=mutations(), again=st.none() | mutations())
def test_a_token_that_was_changed_anywhere_is_refused_for_nothing(
    standing: Product, change: Mutation, again: Mutation | None
) -> None:
    text = change(standing.token.text)
    if again is not None and len(text) == LENGTH:
        text = again(text)

    holds(standing, "bearers: a good one, changed", f"Bearer {text}")


@given(
    scheme=st.sampled_from(SCHEMES),
    between=st.sampled_from(["", " ", "  ", "\t", ": ", " \u00a0", ", "]),
    after=st.sampled_from(["", " ", "\t \t", ",", ", Basic eDp5", " realm=x"]),
)
def test_only_the_scheme_of_bearers_shows_a_token(standing: Product, scheme: str, between: str, after: str) -> None:
    holds(standing, "bearers: other schemes", f"{scheme}{between}{standing.token.text}{after}")


@given(text=st.text(max_size=120) | st.text(ALPHABET, min_size=LENGTH - 4, max_size=LENGTH - 4).map("mfp_".__add__))
def test_what_was_never_a_token_is_refused_for_nothing(standing: Product, text: str) -> None:
    holds(standing, "bearers: garbage", f"Bearer {text}")


@pytest.mark.parametrize("version", sorted(set(ALPHABET) - {"1"}))
def test_a_pepper_that_is_not_held_verifies_nothing(standing: Product, version: str) -> None:
    others = CredentialKeys.of({version: KEYS.roots["1"]})
    made = new_token(standing.token.token.kind, standing.token.token.token_id, others)

    holds(standing, "bearers: another version of the pepper", f"Bearer {made.text}")


@given(root=st.text(min_size=32, max_size=64), is_same_id=st.booleans())
def test_the_check_digits_of_somebody_elses_pepper_are_no_check_digits(
    standing: Product,
    root: str,
    is_same_id: bool,  # noqa: FBT001 - drawn
) -> None:
    assume(root != KEYS.roots["1"])
    token_id = standing.token.token.token_id if is_same_id else new_id()
    made = new_token(standing.token.token.kind, token_id, CredentialKeys.of({"1": root}))

    holds(standing, "bearers: another pepper", f"Bearer {made.text}")


# --- with the pepper in hand ------------------------------------------------------------------------------------------


def test_a_right_id_with_a_wrong_secret_is_unknown_even_where_the_pepper_has_leaked(product: Product) -> None:
    guess = new_token(product.token.token.kind, product.token.token.token_id, KEYS)
    first = show(product, f"Bearer {product.token.text}")
    costs: Counter[str] = Counter()
    for _ in range(20):
        answered = show(product, f"Bearer {guess.text}")
        costs += Counter(answered.costs)
        TALLY.note("bearers: right id and check, wrong secret", judge(product, answered))
        assert answered.json["error"]["data"]["reason"] == "token_unknown"
        assert sum(map(len, answered.logged)) < 800
    again = show(product, f"Bearer {product.token.text}")

    assert first.costs == {"get": 1, "argon2": 1}
    assert costs == {"get": 20, "argon2": 20}  # nothing is written, and nothing is remembered for it
    assert again.costs == {"get": 1}  # nor forgotten
    assert [*product.trail("mcp.call_denied")] == []


def test_a_right_secret_and_a_wrong_one_take_the_same_work(product: Product) -> None:
    kind = product.token.token.kind
    wrong = new_token(kind, product.token.token.token_id, KEYS)

    assert show(product, f"Bearer {wrong.text}").costs == show(product, f"Bearer {product.token.text}").costs


@pytest.mark.parametrize("place", [0, TAG_LENGTH + 1, TAG_LENGTH + 1 + ID_LENGTH, LENGTH - 11, LENGTH - 1])
def test_wherever_a_token_differs_the_same_is_computed(
    standing: Product, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """One HMAC, and one comparison of all its digits that does not stop at the first that differs."""
    text = standing.token.text
    other = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :] if place else "mfs_" + text[4:]
    computed: Counter[str] = Counter()
    compared: list[tuple[int, int]] = []

    def counted(name: str) -> Any:  # noqa: ANN401 - a function of the standard library
        run = getattr(hmac, name)

        def run_and_count(*given: Any) -> Any:  # noqa: ANN401 - the same
            computed[name] += 1
            if name == "compare_digest":
                compared.append((len(given[0]), len(given[1])))
            return run(*given)

        return run_and_count

    for name in ("digest", "compare_digest"):
        monkeypatch.setattr(hmac, name, counted(name))

    assert show(standing, f"Bearer {other}").status == 401
    assert computed == {"digest": 1, "compare_digest": 1}
    assert compared == [(11, 11)]
