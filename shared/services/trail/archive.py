"""The archive of the trail: for each seal one object, which holds the seal and its rows as they are exported.

It is written before the seal is, so there is no seal without its rows; and under the seal's root, so one that was
written for a seal that never was (its run died, or another came first) is in nobody's way.
"""

from __future__ import annotations

import gzip
import logging
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from shared.domain.trail.export import leaves_line
from shared.domain.trail.merkle import leaf_hash, nodes_of, root
from shared.domain.trail.seal import Seal
from shared.storage.contracts.objects import ObjectMissing, ObjectStore
from shared.storage.contracts.seals import SealLost

logger = logging.getLogger(__name__)

HEAD_LINES = 2
"""The seal's, and that of the leaves."""
GARBLED = (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError)
"""What is raised over bytes that nobody has packed, or over a part of them."""
READ_AHEAD = 8
"""Objects: each is a request of some 20 ms, and a client keeps ten connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedSeal:
    """What the archive has of a seal."""

    seal: Seal
    lines: tuple[str, ...]
    """As they are exported, without newlines."""

    @property
    def rows(self) -> Sequence[str]:
        """The lines of its rows."""
        return self.lines[HEAD_LINES:]

    @property
    def is_as_sealed(self) -> bool:
        """Whether these are the lines that were kept under the seal, to the byte."""
        leaves = [leaf_hash(row.encode()) for row in self.rows]
        return (
            self.lines[:HEAD_LINES] == (self.seal.line, leaves_line(leaves))
            and root(len(leaves), nodes_of(leaves)) == self.seal.root
        )


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


def read_archived(seal: Seal, *, archive: ObjectStore) -> ArchivedSeal:
    """Read a seal and its rows.

    Raises:
        SealLost: they are not there, or are not those that were sealed.
        StoreUnavailable: they cannot be read now.

    """
    key = archive_key(seal)
    try:
        with archive.open(key) as packed:
            text = gzip.decompress(packed.read()).decode()
    except (ObjectMissing, *GARBLED) as error:
        logger.error("the archive is incomplete", extra={"key": key, "reason": type(error).__name__})  # noqa: TRY400 - which object, and why, says it all
        raise SealLost(seal.number) from None
    archived = ArchivedSeal(seal=seal, lines=tuple(text.removesuffix("\n").split("\n")))
    if not archived.is_as_sealed:
        logger.error("the archive is incomplete", extra={"key": key, "reason": "not what was sealed"})
        raise SealLost(seal.number)
    return archived


def read_all_archived(seals: Iterable[Seal], *, archive: ObjectStore) -> Iterator[ArchivedSeal]:
    """Read many seals in their order, some of them while those before are being used.

    Raises:
        SealLost, StoreUnavailable: as above, or of `seals` itself, which is read ahead, too: then some that came before
            were not given.

    """
    with ThreadPoolExecutor(READ_AHEAD) as readers:
        reading: deque[Future[ArchivedSeal]] = deque()
        try:
            for seal in seals:
                reading.append(readers.submit(read_archived, seal, archive=archive))
                if len(reading) == READ_AHEAD:
                    yield reading.popleft().result()
            while reading:
                yield reading.popleft().result()
        finally:  # whoever has enough, or met a seal that is gone, waits for no others
            for each in reading:
                each.cancel()
