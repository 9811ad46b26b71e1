from __future__ import annotations

import re
from pathlib import Path

from shared.domain.trail.faults import Fault

PAGE = (Path(__file__).parents[3] / "docs/audit-format.md").read_text(encoding="utf-8")


def test_the_page_names_every_fault_and_no_other() -> None:
    checks = PAGE[PAGE.index("## The checks") : PAGE.index("## Another verifier")]

    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", checks))
    assert named == set(Fault)


def test_each_fault_means_something_of_its_own() -> None:
    meanings = [fault.meaning for fault in Fault]

    assert all(meaning.endswith(".") for meaning in meanings)
    assert len(set(meanings)) == len(meanings)
