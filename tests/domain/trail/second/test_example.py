"""The example at the end of docs/audit-format.md: whoever writes a verifier tries it first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.domain.trail.second.scene import found_by_ours, found_by_second

PAGE = (Path(__file__).parents[4] / "docs/audit-format.md").read_text(encoding="utf-8")
FILE, KEY = re.findall(r"<details>.+?```\w+\n(.+?)```", PAGE, re.DOTALL)


def test_both_verifiers_accept_the_example() -> None:
    assert (found_by_ours(FILE.encode(), [KEY]), found_by_second(FILE.encode(), [KEY])) == ([], [])


@pytest.mark.parametrize(
    ("said", "instead", "found"),
    [
        ('"tool":"get_pnl"', '"tool":"get_pml"', "row_modified"),
        ('"index":1', '"index":0', "seal_not_in_log"),
        ("/trail\\n2\\n", "/trail\\n3\\n", "signature_wrong"),
    ],
)
def test_and_not_when_a_letter_of_it_is_another(said: str, instead: str, found: str) -> None:
    altered = FILE.replace(said, instead).encode()

    assert altered != FILE.encode()
    assert found in found_by_ours(altered, [KEY])
    assert found_by_ours(altered, [KEY]) == found_by_second(altered, [KEY])
