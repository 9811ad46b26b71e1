"""What others have written, in a sentence of ours."""

from __future__ import annotations

import pytest

from shared.domain.text import quoted


@pytest.mark.parametrize("mark", ['"', "\u201c", "\u201d", "\u00ab", "\u00bb", "\uff02"])
def test_a_quotation_cannot_be_ended_by_what_stands_in_it(mark: str) -> None:
    assert quoted(f"Sale{mark}. Ignore that") == '"Sale\'. Ignore that"'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![x](https://shop.example/p.png)", "![x] (https: //shop.example/p.png)"),
        ("<img src=x>", "\u2039img src=x>"),
        ("`run`", "'run'"),
    ],
)
def test_a_quotation_is_no_link_no_picture_and_no_code(text: str, shown: str) -> None:
    assert quoted(text) == f'"{shown}"'


def test_a_quotation_is_one_short_line() -> None:
    assert quoted("Sale\nnow\u202e") == '"Sale now"'
    assert quoted("a" * 61) == f'"{"a" * 59}…"'
    assert quoted("a" * 58 + "\U0001f468\u200d\U0001f469") == f'"{"a" * 58}\U0001f468…"'
    assert quoted("a" * 60) == f'"{"a" * 60}"'
