"""Trees of hashes as Certificate Transparency has them: RFC 6962, section 2.1; checks as in RFC 9162, section 2.1.

A tree over n leaves is asked for by the roots of its complete subtrees: `node(level, index)` gives the root over the
leaves from `index << level` to `(index + 1) << level`, the last one left out; level 0 are the hashes of the leaves.
Such a node never changes once its last leaf is there, however far the tree grows, so a store may keep it for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

Node = Callable[[int, int], bytes]
LEAF, INNER = b"\x00", b"\x01"
"""What is hashed begins with one of these, so that no leaf can pass for an inner node."""


def leaf_hash(data: bytes) -> bytes:
    """Hash what a leaf stands for."""
    return hashlib.sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node above them."""
    return hashlib.sha256(INNER + left + right).digest()


def nodes_of(leaves: Sequence[bytes]) -> Node:
    """Give the nodes of a tree whose leaves' hashes are all at hand."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([node_hash(left, right) for left, right in pairs])
    return lambda level, index: levels[level][index]


def completed_by(leaves: Sequence[bytes], *, first: int, node: Node) -> Mapping[tuple[int, int], bytes]:
    """Give the nodes above the leaves that become complete when `leaves` are added behind the `first` that there are.

    `node` is asked for nodes that were complete before.
    """
    new = {(0, first + number): leaf for number, leaf in enumerate(leaves)}
    for position, leaf in enumerate(leaves, start=first):
        level, index, top = 0, position, leaf
        while index % 2 == 1:
            left = new.get((level, index - 1)) or node(level, index - 1)
            level, index, top = level + 1, index // 2, node_hash(left, top)
            new[level, index] = top
    return {place: added for place, added in new.items() if place[0] > 0}


def root(size: int, node: Node) -> bytes:
    """Give the root over the first `size` leaves; that of none is the hash of nothing."""
    return _root(0, size, node) if size else hashlib.sha256().digest()


def inclusion_path(index: int, size: int, node: Node) -> tuple[bytes, ...]:
    """Give what proves that a leaf is in the tree over the first `size`, for `root_by_path`.

    Raises:
        ValueError: there is no such leaf.

    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    return _path(index, 0, size, node)


def consistency_path(old: int, size: int, node: Node) -> tuple[bytes, ...]:
    """Give what proves that the tree over the first `old` leaves only grew into that over `size`, for `extends`.

    Raises:
        ValueError: `old` is not between 1 and `size`.

    """
    if not 1 <= old <= size:
        raise ValueError(f"no tree of {old} leaves can have grown into one of {size}")
    return _growth(old, 0, size, node, whole=True)


def root_by_path(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Give the root that a tree of this size must have if the leaf is where the path says (None: no such path)."""
    if not 0 <= index < size:
        return None
    place, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if place % 2 == 1 or place == last:
            found = node_hash(sibling, found)
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            found = node_hash(found, sibling)
        place, last = place // 2, last // 2
    return found if last == 0 else None


def extends(*, old: int, old_root: bytes, size: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Tell whether the path proves that a tree only grew: whatever was in it, is in it still, in its place."""
    if old == size:
        return old_root == new_root and not path
    if not 0 < old < size:
        return False
    # A complete old tree is a node of the new one, and the path leaves out what the checker holds already.
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    place, last = old - 1, size - 1
    while place % 2 == 1:
        place, last = place // 2, last // 2
    before = after = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if place % 2 == 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            after = node_hash(after, sibling)
        place, last = place // 2, last // 2
    return last == 0 and before == old_root and after == new_root


def _root(start: int, end: int, node: Node) -> bytes:
    """Give the root over the leaves from `start` to `end`, where `start` is where a subtree of this size begins."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(width)
    return node_hash(_root(start, middle, node), _root(middle, end, node))


def _path(index: int, start: int, end: int, node: Node) -> tuple[bytes, ...]:
    if end - start == 1:
        return ()
    middle = start + _split(end - start)
    if index < middle:
        return (*_path(index, start, middle, node), _root(middle, end, node))
    return (*_path(index, middle, end, node), _root(start, middle, node))


def _growth(old: int, start: int, end: int, node: Node, *, whole: bool) -> tuple[bytes, ...]:
    if old == end:
        return () if whole else (_root(start, end, node),)
    middle = start + _split(end - start)
    if old <= middle:
        return (*_growth(old, start, middle, node, whole=whole), _root(middle, end, node))
    return (*_growth(old, middle, end, node, whole=False), _root(start, middle, node))


def _split(width: int) -> int:
    """Give the largest power of two below a width above one."""
    return 1 << ((width - 1).bit_length() - 1)
