"""The archive of the trail: for each seal one object, which holds the seal and its rows as they are exported.

It is written before the seal is, so there is no seal without its rows; and under the seal's root, so one that was
written for a seal that never was (its run died, or another came first) is in nobody's way.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence

from shared.domain.trail.export import leaves_line
from shared.domain.trail.seal import Seal
from shared.storage.contracts.objects import ObjectStore


def archive_key(seal: Seal) -> str:
    """Say where a seal's rows are kept: in the order of the seals, below their workspace."""
    return f"trail/{seal.workspace_id}/{seal.number:010d}-{seal.root.hex()}.ndjson.gz"


def keep_in_archive(seal: Seal, leaves: Sequence[bytes], lines: Sequence[str], *, archive: ObjectStore) -> None:
    """Keep a seal with its rows.

    Raises:
        StoreUnavailable: it is not known to be kept.

    """
    text = "".join(f"{line}\n" for line in (seal.line, leaves_line(leaves), *lines))
    # Without the time of writing: the same seal is the same object.
    archive.put(archive_key(seal), gzip.compress(text.encode(), mtime=0))


def archived_lines(seal: Seal, *, archive: ObjectStore) -> Iterator[str]:
    """Read a seal and its rows as they are exported, line by line, without newlines.

    Raises:
        ObjectMissing: the archive does not have it.
        StoreUnavailable: it cannot be read now.

    """
    with archive.open(archive_key(seal)) as packed, gzip.open(packed, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield line.removesuffix("\n")
