"""Ways to change a signed value or an id: what comes out is never what went in.

Which way is drawn depends on the length of a text alone, for signatures have other letters in every run. Spaces and
tabs at the ends of a header are not among them: HTTP takes those away. Nor is the second root of an ECDSA signature,
which anybody can compute and which says the same of the same claims.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
LETTERS = BASE64 + "=+/~ é"
LOOK_ALIKES = str.maketrans("aceopxyABEHKMOPTX013456789_-", "асеорхуАВЕНКМОРТХ０１３４５６７８９＿‐")  # noqa: RUF001 - Cyrillic and full width, on purpose
BESIDE = ("=", "==", "\x0b", "\x1f", "\u00a0", "\u2003", "\u200b", "\n", "\x00", "!", "%00", "/", "..", "#", "'", "a")
SPARE_BITS = (1, 2, 3, 4, 8, 15)
"""Of the last letter of base64url, where the bytes do not fill it."""

Way = Callable[[str, int, int], str]
"""Changes a text, at a place, with a number to choose by."""


def tampered(text: str) -> st.SearchStrategy[str]:
    """Change a text in one of many ways."""
    return _changed(text, WAYS)


def tampered_jwt(bearer: str, another: str) -> st.SearchStrategy[str]:
    """Change a JWT, as a text or part by part; `another` is a good one of somebody else."""
    parts, others = bearer.split("."), another.split(".")

    def with_part(at: int) -> st.SearchStrategy[str]:
        return tampered(parts[at]).map(lambda part: ".".join([*parts[:at], part, *parts[at + 1 :]]))

    swapped = st.sampled_from([[*parts[:2], others[2]], [parts[0], others[1], parts[2]], [*parts[:2], ""], parts[:2]])
    respelt = _changed(bearer, RESPELT)  # it ends with the signature, whose spelling nothing signs
    return st.one_of(tampered(bearer), with_part(0), with_part(1), with_part(2), respelt, swapped.map(".".join))


def _changed(text: str, ways: Sequence[Way]) -> st.SearchStrategy[str]:
    def change(drawn: tuple[Way, int, int]) -> str:
        way, at, pick = drawn
        changed = way(text, at, pick)
        return changed if changed != text else f"{text}="

    return st.tuples(st.sampled_from(ways), st.integers(0, len(text) - 1), st.integers(0, 99)).map(change)


def _another_letter(text: str, at: int, pick: int) -> str:
    return text[:at] + LETTERS[(LETTERS.find(text[at]) + 1 + pick % (len(LETTERS) - 1)) % len(LETTERS)] + text[at + 1 :]


def _letter_alike(text: str, at: int, _: int) -> str:
    return text[:at] + text[at].translate(LOOK_ALIKES) + text[at + 1 :]


def _more_inside(text: str, at: int, pick: int) -> str:
    return text[:at] + BESIDE[pick % len(BESIDE)] + text[at:]


def _more_at_the_end(text: str, _: int, pick: int) -> str:
    return text + BESIDE[pick % len(BESIDE)]


def _spare_bits(text: str, _: int, pick: int) -> str:
    last = BASE64.find(text[-1])
    return text if last < 0 else text[:-1] + BASE64[last ^ SPARE_BITS[pick % len(SPARE_BITS)]]


def _in_percents(text: str, _: int, __: int) -> str:
    return "".join(f"%{ord(each):02X}" for each in text)


RESPELT: Sequence[Way] = (
    _spare_bits,
    _spare_bits,
    lambda text, _, __: text.replace("-", "+").replace("_", "/"),
    lambda text, _, pick: text + "=" * (1 + pick % 2),
)
"""What a forgiving decoder takes for the same."""

WAYS: Sequence[Way] = (
    *RESPELT,
    _another_letter,
    _another_letter,
    _letter_alike,
    _more_inside,
    _more_at_the_end,
    _in_percents,
    lambda text, at, _: text[:at] or text[1:],
    lambda text, at, _: text[at:] if at else text[:-1],
    lambda text, at, _: text[at:] + text[:at],
    lambda text, _, __: text * 2,
    lambda text, _, __: text * 400,
    lambda text, _, __: text.swapcase(),
    lambda text, _, __: text.upper(),
    lambda text, _, __: text.lower(),
    lambda text, _, __: text[::-1],
    lambda text, _, __: text.translate(LOOK_ALIKES),
)
