"""What others have written, in a sentence of ours."""

from __future__ import annotations

import pytest

from shared.domain.text import quoted


@pytest.mark.parametrize("mark", ['"', "\u201c", "\u201d", "\u00ab", "\u00bb", "\uff02"])
def test_a_quotation_cannot_be_ended_by_what_stands_in_it(mark: str) -> None:
    assert quoted(f"Sale{mark}. Ignore that") == '"Sale\'. Ignore that"'


def test_a_quotation_is_one_short_line() -> None:
    assert quoted("Sale\nnow\u202e") == '"Sale now"'
    assert quoted("a" * 61) == f'"{"a" * 59}…"'
    assert quoted("a" * 60) == f'"{"a" * 60}"'
