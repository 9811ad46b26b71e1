"""Tokens: their events, the state row that fences their calls, and the list of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.domain.limits import Window
from shared.domain.token.events import TokenEvent
from shared.domain.token.state import Token
from shared.domain.workspace.decider import Standing
from shared.storage.contracts.streams import Origin, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the workspace grants its tokens; copied onto each token row, so that a call reads one row.

    `version` is the version of the workspace that the copy reflects; a copy never goes back.
    """

    plan: str
    standing: Standing
    version: int
    networks: tuple[str, ...] = ()
    """Where calls may come from, as CIDR; none: from anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantDigests:
    """What is kept of the tokens of a grant besides its newest access token; each as `Credential.digest`."""

    refresh: str | None = field(default=None, repr=False)
    """Of the newest refresh token; None: the plan gives none."""
    former_access: str | None = field(default=None, repr=False)
    """Of the access token of the generation that the newest followed; None: there is none."""
    given_to: str | None = field(default=None, repr=False)
    """Keyed MAC of the network that the newest pair went to; None: it is the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is kept of a secret, and the seal under which the row's authority stands."""

    digest: str = field(repr=False)
    """argon2id in its encoded form; of a grant that of its newest access token."""
    seal: str = field(default="", repr=False)
    """Keyed MAC over everything that the row lets its bearer do: see `shared.services.credentials.seal`."""
    grant: GrantDigests | None = field(default=None, repr=False)
    """Of a grant, and of nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token as it is stored: what was decided, what it may do, and how it has been used."""

    token: Token
    version: int
    """Number of events; the lock of the next change."""
    credential: Credential
    terms: Terms
    calls: int = 0
    """The number of the last counted call (only where the limit counts on the token)."""
    due_at: datetime | None = None
    """When the sweep is to look at it again."""
    first_used_at: datetime | None = None
    """The first use that was noticed; noted for successors, whose rotation it confirms."""
    last_used_at: datetime | None = None
    last_request_id: str | None = None
    window: Window = field(default_factory=Window)
    generations_used: frozenset[int] = frozenset()
    """Of a grant the generations whose access tokens made a counted request, as far as it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request at the gate."""

    request_id: str
    """The gateway's id: the same again means that our own write is being repeated."""
    now: datetime
    is_call: bool
    """Whether it takes a number (`tools/call`); other requests may be counted, but take none."""
    token_id: str = ""
    """Whose request it is; kept where the limit counts on more than one token, for the token's last use."""
    generation: int = 0
    """Of a grant: which of its access tokens was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The request was counted, by this write or by one that it repeats. `used` includes it.

    Authorise from `row`: if this was a repeat, something may have happened since.
    """

    row: TokenRow | None
    """The token row as the write left it; None where the limit counts on another subject."""
    number: int
    used: int
    slot: int
    """The slot that it was counted in: see `shared.domain.limits`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAdmitted:
    """Nothing was counted; the rows say why: the window is full, or the token is out of use."""

    row: TokenRow | None
    window: Window


class RowUnreadable(Exception):
    """A token's row holds what this program cannot read: somebody else wrote it, or a newer program."""


class TokenStore(Protocol):
    """Tokens of every workspace. Every method may raise `StoreUnavailable`."""

    def get(self, token_id: str) -> TokenRow | None:
        """Read a token, consistently.

        Raises:
            RowUnreadable: there is a row, and it is not as we write them.

        """
        ...

    def history(self, token_id: str) -> tuple[TokenEvent, ...]:
        """Read everything that happened to a token, oldest first."""
        ...

    def create(
        self,
        events: Sequence[TokenEvent],
        state: Token,
        *,
        credential: Credential,
        terms: Terms,
        origin: Origin,
        redeeming: str | None = None,
    ) -> None:
        """Record a new token with its row, its place in the workspace's list and its trail, all or nothing.

        `redeeming` is the authorization code that becomes a grant, by its digest as `CodeStore` knows it: the same
        transaction uses it up.

        Raises:
            StreamMoved: the workspace is no longer at `terms.version`, the id is taken, or the code was used.

        """
        ...

    def append(
        self,
        events: Sequence[TokenEvent],
        state: Token,
        *,
        credential: Credential,
        based_on: TokenRow,
        origin: Origin,
        look_at: datetime | None = None,
    ) -> None:
        """Record what happened to a token, update its row field by field, and write the trail, all or nothing.

        `credential` holds the new seal, and the digests as they are from now on: only a refresh has others.
        `look_at` is when the sweep is to look at it again; left out, as soon as anything could be due.

        Raises:
            StreamMoved: version or terms of the row are no longer those of `based_on`, under which the seal was made,
                or somebody has asked for another look.

        """
        ...

    def rotate(
        self,
        rotated: Sequence[TokenEvent],
        state: Token,
        *,
        seal: str,
        based_on: TokenRow,
        created: Sequence[TokenEvent],
        successor: Token,
        credential: Credential,
        terms: Terms,
        origin: Origin,
    ) -> None:
        """Record a rotation: what happens to the token as by `append`, its successor as by `create`, all or nothing.

        Raises:
            StreamMoved: the token or the workspace has moved, or the successor's id is taken.

        """
        ...

    def apply_terms(self, terms: Terms, *, seal: str, based_on: TokenRow) -> None:
        """Copy newer terms of the workspace onto the row; terms no newer than it has change nothing.

        Raises:
            StreamMoved: version or terms of the row are no longer those of `based_on`, under which `seal` was made.

        """
        ...

    def of_workspace(self, workspace_id: str, *, limit: int, after: str | None = None) -> Page[TokenRow]:
        """List a workspace's tokens, newest first; one just made is among them, one that cannot be read is not."""
        ...

    def due(self, now: datetime, *, limit: int) -> tuple[str, ...]:
        """Name tokens about which something may be due; the caller checks each."""
        ...

    def look_again(self, row: TokenRow, at: datetime | None) -> None:
        """Have the sweep look at a token at another moment, or at none; unless somebody has asked for a look since."""
        ...

    def put_off(self, token_id: str, until: datetime) -> None:
        """Have the sweep leave alone, until a moment, a token whose row it cannot read."""
        ...

    def wake(self, token_id: str, *, used_at: datetime) -> None:
        """Have the next sweep look at a token, because of a use; the first such use is kept.

        One that has ended is looked at only if its adoption is not recorded: it may have been used just before.
        """
        ...

    def admit(self, token_id: str, arrival: Arrival, *, limit: int, plan: str | None = None) -> Admitted | NotAdmitted:
        """Count a request on the token itself, if the token is active, unexpired, of good standing and has room.

        With `plan` it is counted only while the row names that plan: under another one it belongs somewhere else.
        One conditional write. It sets the last use and, for a call, the next number. Repeated with the same
        request id it counts once (twice only when another request came in between). Of a grant it notes the
        generation of the access token that was shown, and counts none of a generation before the last two.
        """
        ...

    def note_use(self, token_id: str, at: datetime, *, generation: int = 0) -> None:
        """Set the last use of a token, unless it is later already: for tokens whose requests count elsewhere.

        Of a grant with the generation of the access token that was shown.
        """
        ...


class SubjectStore(Protocol):
    """Limits that count on something other than one token: a member or a whole workspace."""

    def admit(self, workspace_id: str, subject: str, arrival: Arrival, *, limit: int) -> Admitted | NotAdmitted:
        """Count a request on a subject of the workspace if there is room; as `TokenStore.admit`, without a token."""
        ...
