"""Seals: every row counts once, and every seal stands on the one before."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.trail.merkle import leaf_hash, nodes_of, root
from shared.domain.trail.seal import Seal, seal_rows

AT = "2026-11-21T14:30:00.000000Z"


def rows(count: int, name: str = "row") -> list[bytes]:
    return [leaf_hash(f"{name} {number}".encode()) for number in range(count)]


@given(st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_seals_are_numbered_chained_and_counted(counts: list[int]) -> None:
    seals: list[Seal] = []
    for number, count in enumerate(counts):
        seals.append(
            seal_rows(rows(count, str(number)), workspace_id="wks_1", after=seals[-1] if seals else None, at=AT)
        )

    assert [seal.number for seal in seals] == list(range(1, len(counts) + 1))
    assert [seal.count for seal in seals] == counts
    assert [seal.total for seal in seals] == [sum(counts[: end + 1]) for end in range(len(counts))]
    assert [seal.previous for seal in seals] == [bytes(32), *(seal.hash for seal in seals[:-1])]


def test_a_seal_states_the_root_over_its_rows() -> None:
    leaves = rows(5)

    assert seal_rows(leaves, workspace_id="wks_1", after=None, at=AT).root == root(5, nodes_of(leaves))


def test_a_statement_is_one_line_and_its_hash_is_that_of_a_leaf() -> None:
    seal = seal_rows(rows(3), workspace_id="wks_1", after=None, at=AT)

    assert json.loads(seal.line) == {
        "kind": "seal",
        "workspace": "wks_1",
        "number": 1,
        "count": 3,
        "total": 3,
        "root": seal.root.hex(),
        "previous": "0" * 64,
        "at": AT,
    }
    assert seal.hash == hashlib.sha256(b"\0" + seal.line.encode()).digest()


def test_nothing_cannot_be_sealed() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        seal_rows([], workspace_id="wks_1", after=None, at=AT)
