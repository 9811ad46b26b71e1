"""Ways to change a signed value or an id: what comes out is never what went in.

Spaces and tabs at the ends of a header are not among them: HTTP takes those away. Nor is the second root of an ECDSA
signature, which anybody can compute and which says the same of the same claims.
"""

from __future__ import annotations

import string
from typing import Any

from hypothesis import strategies as st

BASE64 = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
LOOK_ALIKES = str.maketrans("aceopxyABEHKMOPTX013456789_-", "асеорхуАВЕНКМОРТХ０１３４５６７８９＿‐")  # noqa: RUF001 - Cyrillic and full width, on purpose
BESIDE = ("=", "==", "\x0b", "\x1f", "\u00a0", "\u2003", "\u200b", "\n", "\x00", "!", "%00", "/", "..", "#", "'", "a")


def tampered(text: str) -> st.SearchStrategy[str]:
    """Change a text in one of many ways."""
    ways = st.one_of(_one_letter(text), _cut(text), _longer(text), _respelt(text), _rearranged(text))
    return ways.filter(lambda changed: changed != text)


def tampered_jwt(bearer: str, another: str) -> st.SearchStrategy[str]:
    """Change a JWT, as a text or part by part; `another` is a good one of somebody else."""
    parts, others = bearer.split("."), another.split(".")

    def changed(at: int) -> st.SearchStrategy[str]:
        return tampered(parts[at]).map(lambda part: ".".join([*parts[:at], part, *parts[at + 1 :]]))

    swapped = st.sampled_from([[*parts[:2], others[2]], [parts[0], others[1], parts[2]], [*parts[:2], ""], parts[:2]])
    one_part = st.sampled_from([0, 1, 2, 2, 2]).flatmap(changed)
    # The end of it is the signature, whose spelling nothing signs.
    return st.one_of(
        tampered(bearer), one_part, _respelt(bearer).filter(lambda other: other != bearer), swapped.map(".".join)
    )


def _one_letter(text: str) -> st.SearchStrategy[str]:
    def changed(drawn: tuple[int, str]) -> str:
        at, letter = drawn
        return text[:at] + letter + text[at + 1 :]

    return st.tuples(st.integers(0, len(text) - 1), st.sampled_from(BASE64 + "=+/~ é")).map(changed)


def _cut(text: str) -> st.SearchStrategy[str]:
    return st.integers(1, len(text) - 1).flatmap(lambda at: st.sampled_from([text[:at], text[at:]]))


def _longer(text: str) -> st.SearchStrategy[str]:
    def with_more(drawn: tuple[int, str]) -> str:
        at, piece = drawn
        return text[:at] + piece + text[at:]

    places = st.sampled_from([0, len(text)]) | st.integers(1, len(text))
    return st.tuples(places, st.sampled_from(BESIDE)).map(with_more) | st.sampled_from([text * 2, text * 400])


def _respelt(text: str) -> st.SearchStrategy[str]:
    """Write what a forgiving decoder would take for the same."""
    last = BASE64.find(text[-1])
    spare = [text[:-1] + BASE64[last ^ bits] for bits in (1, 2, 3, 4, 8, 15)] if last >= 0 else []
    alphabet = text.replace("-", "+").replace("_", "/")
    return st.sampled_from([*spare, alphabet, f"{text}=", f"{text}==", "".join(f"%{ord(each):02X}" for each in text)])


def _rearranged(text: str) -> st.SearchStrategy[str]:
    half = len(text) // 2
    others: list[Any] = [
        text.swapcase(),
        text.upper(),
        text.lower(),
        text[::-1],
        text[half:] + text[:half],
        text.translate(LOOK_ALIKES),
    ]
    one_alike = st.integers(0, len(text) - 1).map(
        lambda at: text[:at] + text[at].translate(LOOK_ALIKES) + text[at + 1 :]
    )
    return st.one_of(st.sampled_from(others), one_alike)
