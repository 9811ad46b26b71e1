"""What a backup of the core table holds, what the trail has recorded since, and the way of both into the table in use.

The table in use gets only what it does not have, and the row that lets a token or a member in comes last, in the state
that the trail gives it. So a row is never in use as the backup has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shared.domain.token.events import TokenEvent
from shared.domain.workspace.events import WorkspaceEvent
from shared.storage.contracts.seals import TrailRow
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenRow
from shared.storage.contracts.workspaces import WorkspaceRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event of the history of a token or a workspace, as the trail has it."""

    seq: int
    """Its number in that history, from 1."""
    event: TokenEvent | WorkspaceEvent | None
    """None: it is none that this program can read."""
    row: TrailRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsSince:
    """What the calls of a token since the backup tell of it."""

    number: int
    """The highest that one of them took, and be it one that is unaccounted for."""
    first: datetime | None
    """Of those that have a row, as the next two."""
    last: datetime | None
    scopes: frozenset[tuple[date, str | None]]
    """Which scope was needed on which day (UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What the trail of a workspace tells of the time since a backup."""

    begins: datetime
    """A moment that was before the backup."""
    events: Mapping[str, Sequence[Recorded]]
    """Stream (`token:…`, `workspace:…`) -> what happened, in order; of what was shortly before the backup, too."""
    calls: Mapping[str, CallsSince]
    """By token."""
    forgotten: tuple[str, ...]
    """Former members who were forgotten."""
    lost: frozenset[str]
    """Streams of which a row is under a seal and is not there."""
    reaches_back: bool
    """Whether all rows since then are still in their table."""
    is_of_others: bool
    """Whether the backup tells of another history than this trail: it is of another stack."""


class Restoration(Protocol):
    """A backup beside the table in use. Every method may raise `StoreUnavailable`; each may be repeated."""

    def workspaces(self) -> Iterator[str]:
        """Name the workspaces of the backup."""
        ...

    def workspace(self, workspace_id: str) -> WorkspaceRow | None:
        """Read a workspace as the backup has it.

        Raises:
            RowUnreadable: its row is not as we write them.

        """
        ...

    def tokens(self, workspace_id: str) -> Iterator[str]:
        """Name the tokens of a workspace in the backup."""
        ...

    def token(self, token_id: str) -> TokenRow | None:
        """Read a token as the backup has it.

        Raises:
            RowUnreadable: its row is not as we write them.

        """
        ...

    def history_of_workspace(self, workspace_id: str) -> tuple[WorkspaceEvent, ...]:
        """Read what the backup tells of a workspace, oldest first, as far as it can be read."""
        ...

    def history_of_token(self, token_id: str) -> tuple[TokenEvent, ...]:
        """Read what the backup tells of a token, likewise."""
        ...

    def last_number(self, stream: str) -> int:
        """Give the number of the last event that the backup has of a history, read or not; 0 for none."""
        ...

    def since(self, workspace_id: str, *, now: datetime) -> Since:
        """Read what the trail has recorded since the last seal that the backup knows of."""
        ...

    def bring_beside(self, workspace_id: str, *, reached: frozenset[str], now: datetime) -> None:
        """Bring what lies beside a workspace: keys of people, the addresses of these members, the index of its trail.

        What is there by now is left as it is.
        """
        ...

    def bring_seals(self, workspace_id: str) -> None:
        """Say where the seals of a workspace stand: at the last there is, and folded as far as the backup knows."""
        ...

    def bring_workspace(
        self,
        row: WorkspaceRow,
        recorded: Sequence[Recorded],
        new: Sequence[WorkspaceEvent],
        *,
        origin: Origin,
        now: datetime,
    ) -> None:
        """Bring a workspace with its history, which ends with what is recorded and then with what is new.

        Raises:
            StreamMoved: it is there by now.

        """
        ...

    def bring_evidence(self, token_id: str, *, now: datetime) -> None:
        """Bring what is known of the use of a token."""
        ...

    def bring_token(
        self, row: TokenRow, recorded: Sequence[Recorded], new: Sequence[TokenEvent], *, origin: Origin, now: datetime
    ) -> None:
        """Bring a token with its history, likewise.

        Raises:
            StreamMoved: it is there by now, or the workspace is no longer at the version of the row's terms.

        """
        ...

    def bring_numbers(self, workspace_id: str, numbers: Mapping[str, int], *, now: datetime) -> None:
        """Have the calls of these limits of a workspace go on behind a number; a limit that counts already is left."""
        ...
