"""Trees of hashes: the published values of Certificate Transparency, and what a proof can and cannot prove."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.domain.trail.merkle import (
    Node,
    completed_by,
    consistency_path,
    extends,
    inclusion_path,
    leaf_hash,
    node_hash,
    nodes_of,
    root,
    root_by_path,
)

# The inputs and roots that the implementations of Certificate Transparency test each other with
# (github.com/google/certificate-transparency, merkletree tests).
PUBLISHED_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
PUBLISHED_ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

leaves_of_some_tree = st.integers(1, 70).map(lambda size: [leaf_hash(bytes([number])) for number in range(size)])


def plain_root(leaves: Sequence[bytes]) -> bytes:
    """The definition of RFC 6962 (MTH), word by word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


@pytest.mark.parametrize(("size", "expected"), PUBLISHED_ROOTS.items())
def test_the_published_trees_have_their_published_roots(size: int, expected: str) -> None:
    leaves = [leaf_hash(data) for data in PUBLISHED_LEAVES[:size]]

    assert root(size, nodes_of(leaves)).hex() == expected


@given(leaves_of_some_tree)
def test_a_root_is_what_the_definition_says(leaves: list[bytes]) -> None:
    assert root(len(leaves), nodes_of(leaves)) == plain_root(leaves)


@given(leaves_of_some_tree, st.data())
def test_a_path_leads_from_its_leaf_to_the_root_of_every_size(leaves: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))

    path = inclusion_path(index, size, nodes_of(leaves))

    assert root_by_path(leaves[index], index=index, size=size, path=path) == plain_root(leaves[:size])


@given(leaves_of_some_tree, st.data())
def test_a_path_leads_nowhere_for_another_leaf_place_or_size_or_with_a_step_changed(
    leaves: list[bytes], data: st.DataObject
) -> None:
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(index, size, nodes_of(leaves))
    expected = plain_root(leaves)

    assert root_by_path(leaf_hash(b"another"), index=index, size=size, path=path) != expected
    for other in set(range(-1, size + 1)) - {index}:
        assert root_by_path(leaves[index], index=other, size=size, path=path) != expected
    for longer in ((*path, expected), path[:-1] if path else (expected,)):
        assert root_by_path(leaves[index], index=index, size=size, path=longer) != expected
    for number in range(len(path)):
        changed = [*path[:number], leaf_hash(path[number]), *path[number + 1 :]]
        assert root_by_path(leaves[index], index=index, size=size, path=changed) != expected


@given(leaves_of_some_tree, st.data())
def test_a_tree_that_only_grew_is_proved_to_have_done_so(leaves: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(leaves)))
    old = data.draw(st.integers(1, size))

    path = consistency_path(old, size, nodes_of(leaves))

    assert extends(old=old, old_root=plain_root(leaves[:old]), size=size, new_root=plain_root(leaves[:size]), path=path)


@given(leaves_of_some_tree, st.data())
def test_a_tree_in_which_anything_old_was_changed_is_not_proved_to_have_grown(
    leaves: list[bytes], data: st.DataObject
) -> None:
    assume(len(leaves) > 1)
    old = data.draw(st.integers(1, len(leaves) - 1))
    changed = data.draw(st.integers(0, old - 1))
    forged = [*leaves[:changed], leaf_hash(b"forged"), *leaves[changed + 1 :]]

    path = consistency_path(old, len(forged), nodes_of(forged))

    assert not extends(
        old=old, old_root=plain_root(leaves[:old]), size=len(forged), new_root=plain_root(forged), path=path
    )


@given(leaves_of_some_tree, st.data())
def test_a_proof_of_growth_holds_for_no_other_sizes_and_with_no_step_changed(
    leaves: list[bytes], data: st.DataObject
) -> None:
    size = len(leaves)
    old = data.draw(st.integers(1, size))
    path = consistency_path(old, size, nodes_of(leaves))
    before, after = plain_root(leaves[:old]), plain_root(leaves)

    for other in set(range(size + 2)) - {old}:
        assert not extends(old=other, old_root=before, size=size, new_root=after, path=path)
    for number in range(len(path)):
        shorter = [*path[:number], *path[number + 1 :]]
        changed = [*path[:number], leaf_hash(path[number]), *path[number + 1 :]]
        assert not extends(old=old, old_root=before, size=size, new_root=after, path=shorter)
        assert not extends(old=old, old_root=before, size=size, new_root=after, path=changed)
    assert not extends(old=old, old_root=before, size=size, new_root=after, path=[*path, after])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_a_tree_that_grows_in_batches_has_every_complete_node_once(batches: list[int]) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(sum(batches))]
    kept: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        return leaves[index] if level == 0 else kept[level, index]

    first = 0
    for batch in batches:
        added = completed_by(leaves[first : first + batch], first=first, node=node)
        assert not added.keys() & kept.keys()
        kept.update(added)
        first += batch

    of_all: Node = nodes_of(leaves)
    expected = {
        (level, index): of_all(level, index)
        for level in range(1, len(leaves).bit_length())
        for index in range(len(leaves) >> level)
    }
    assert kept == expected


def test_what_is_not_in_the_tree_has_no_path() -> None:
    node = nodes_of([leaf_hash(b"one"), leaf_hash(b"two")])

    with pytest.raises(ValueError, match="no leaf 2"):
        inclusion_path(2, 2, node)
    with pytest.raises(ValueError, match="no tree of 3"):
        consistency_path(3, 2, node)
    with pytest.raises(ValueError, match="no tree of 0"):
        consistency_path(0, 2, node)
