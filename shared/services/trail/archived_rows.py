"""Rows as the archive has them, read so that they say what they said in the table, but for the last bits of addresses.

People stand there under pseudonyms: whoever has a key still is called by their id again, whoever was forgotten is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from shared.domain.trail.archival import NOBODY, names_person
from shared.services.trail.archive import read_archived
from shared.services.trail.pseudonyms import BEGIN, pseudonym_of
from shared.services.trail.read_seals import read_seal
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import AuditEntry
from shared.storage.contracts.objects import ObjectStore


@dataclass
class ArchivedRows:
    """What one question reads of a workspace's archive, each seal and the names of people once."""

    workspace_id: str
    trail: TrailSources
    _rows: dict[int, Sequence[AuditEntry]] = field(default_factory=dict[int, Sequence[AuditEntry]], repr=False)

    def has_read(self, number: int) -> bool:
        """Tell whether a seal's rows are here already."""
        return number in self._rows

    def of_seal(self, number: int) -> Sequence[AuditEntry]:
        """Read the rows under a seal.

        Raises:
            SealLost: they are not there, or are not those that were sealed.

        """
        if number not in self._rows:
            self._rows[number] = self._read(number)
        return self._rows[number]

    def pseudonym(self, who: str) -> str:
        """Give the name under which somebody stands in sealed rows; those without a key stand there as they are."""
        return who if who.startswith(NOBODY) else self._pseudonyms.get(who, who)

    def who(self, name: str) -> str:
        """Give the person behind a pseudonym, if it is one of somebody who was not forgotten."""
        return self._people.get(name, name) if name.startswith(BEGIN) else name

    def _read(self, number: int) -> Sequence[AuditEntry]:
        kept = read_seal(self.workspace_id, number, seals=self.trail.seals)
        archived = read_archived(kept.seal, archive=self._archive)
        return [self._named(self.trail.audit.archived(line)) for line in archived.rows]

    def _named(self, entry: AuditEntry) -> AuditEntry:
        data = {
            name: self.who(value) if names_person(name) and isinstance(value, str) else value
            for name, value in entry.data.items()
        }
        return replace(entry, origin=replace(entry.origin, actor=self.who(entry.origin.actor)), data=data)

    @cached_property
    def _archive(self) -> ObjectStore:
        return self.trail.open_archive()

    @cached_property
    def _pseudonyms(self) -> Mapping[str, str]:
        return {who: pseudonym_of(key) for who, key in self.trail.people.known(self.workspace_id).items()}

    @cached_property
    def _people(self) -> Mapping[str, str]:
        return {name: who for who, name in self._pseudonyms.items()}
