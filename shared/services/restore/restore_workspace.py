"""Bring a workspace back from a backup of the core table, in the state that the trail gives it.

    the backup and the trail since -> the workspace and what lies beside it -> each token -> marks for the sealer

The backup is never served. A token's row is written once, when all that has happened to it since is part of it, so
there is no moment in which one is let in that was revoked, narrowed or renewed. What is in use already is left alone:
a run that died is finished by another, and a run where nothing is missing changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from shared.domain.errors import Conflict, NotFound
from shared.domain.plans import LimitSubject, plan_of
from shared.domain.token.decider import decide as decide_token
from shared.domain.token.decider import replay as replay_token
from shared.domain.token.events import GrantRefreshed, TokenEvent
from shared.domain.token.state import LIVE, Token
from shared.domain.workspace.commands import SuspendAccess
from shared.domain.workspace.decider import Workspace, decide, replay
from shared.domain.workspace.events import MemberContactChanged, MemberRemoved, WorkspaceEvent
from shared.domain.workspace.restoring import ENDED, UNCERTAIN_WORKSPACE, Flaw, on_return
from shared.services.attempts import ATTEMPTS
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed, key_version_of, seal_of
from shared.services.credentials.secret_hash import hash_secret
from shared.services.forget_member import names_of
from shared.services.terms import terms_of
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.people import PeopleKeys
from shared.storage.contracts.restoration import Recorded, Restoration, Since
from shared.storage.contracts.seals import SealStore
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import Credential, GrantDigests, RowUnreadable, TokenRow, TokenStore
from shared.storage.contracts.workspaces import WorkspaceRow, WorkspaceStore

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What became of a token that was brought back."""

    token: Token
    flaw: Flaw | None
    """Why it was ended or suspended; None: it is as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a run did for a workspace."""

    workspace_id: str
    is_whole: bool
    """Whether all of its own history is known; if not, it is shut out of MCP."""
    tokens: Sequence[Returned]
    """Those that were brought back."""
    there: int
    """Tokens that were in use already."""
    unknown: Sequence[str]
    """Tokens of which too little is known to bring anything back."""

    @property
    def ended(self) -> Sequence[Returned]:
        """Those that were ended, as nobody can check their secret any more."""
        return [each for each in self.tokens if each.flaw in ENDED]

    @property
    def suspended(self) -> Sequence[Returned]:
        """Those that are kept out until somebody has looked at them."""
        return [each for each in self.tokens if each.flaw is Flaw.UNCERTAIN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restorer:
    """What brings workspaces back."""

    origin: Origin
    now: datetime
    keys: CredentialKeys
    restoration: Restoration
    workspaces: WorkspaceStore
    tokens: TokenStore
    evidence: EvidenceStore
    people: PeopleKeys
    seals: SealStore
    nobody: str = field(default_factory=lambda: hash_secret(secrets.token_hex(SECRET_BYTES)), repr=False)
    """A digest of what nobody knows, for tokens whose own is gone."""

    def restore(self, workspace_id: str) -> Restored | None:
        """Bring a workspace back with all its tokens; None: neither the backup nor the trail knows it.

        Raises:
            Conflict: the backup is of another stack, and nothing of it was brought.
            StreamMoved: others kept changing it; run it again.

        """
        since = self.restoration.since(workspace_id, now=self.now)
        if since.is_of_others:
            raise Conflict(
                "backup_of_others",
                f"What the backup tells of the workspace {workspace_id} is not what the trail here tells of it.",
                hint="It is a backup of another stack. Nothing of this workspace was brought.",
            )
        if self.workspaces.get(workspace_id) is None and not self._bring_workspace(workspace_id, since):
            return None
        is_whole = self._is_whole_workspace(workspace_id, since)
        kept = list(self.restoration.tokens(workspace_id))
        new = (stream.removeprefix("token:") for stream in since.events if stream.startswith("token:"))
        returned: list[Returned] = []
        unknown: list[str] = []
        there = 0
        for token_id in dict.fromkeys([*kept, *new]):
            if self._is_there(token_id):
                there += 1
            elif (brought := self._bring_token(token_id, workspace_id, since, is_certain=is_whole)) is not None:
                returned.append(brought)
            else:
                unknown.append(token_id)
        self._bring_numbers(workspace_id, since)
        self.seals.mark(workspace_id, since=since.begins, until=self.now, now=self.now)
        return Restored(workspace_id=workspace_id, is_whole=is_whole, tokens=returned, there=there, unknown=unknown)

    # --- the workspace ------------------------------------------------------------------------------------------------

    def _bring_workspace(self, workspace_id: str, since: Since) -> bool:
        old = self._old_workspace(workspace_id)
        stream = f"workspace:{workspace_id}"
        recorded = since.events.get(stream, ())
        known = () if old is not None else self.restoration.history_of_workspace(workspace_id)
        version = old.version if old is not None else len(known)
        happened = [cast("WorkspaceEvent", each.event) for each in recorded if each.event and each.seq > version]
        after = replay([*known, *happened], old.workspace if old is not None else None)
        if after is None:
            return False
        new: Sequence[WorkspaceEvent] = ()
        if not self._is_whole_workspace(workspace_id, since):
            new = decide(SuspendAccess(reason=UNCERTAIN_WORKSPACE, at=self.now), after)
            after = replay(new, after) or after
        if self.seals.head(workspace_id) is None:
            self._bring_beside(after, happened, since)
        last = _last(recorded, old.version if old is not None else self.restoration.last_number(stream))
        row = WorkspaceRow(workspace=after, version=last + len(new))
        with suppress(StreamMoved):  # another run came first
            self.restoration.bring_workspace(row, recorded, new, origin=self.origin, now=self.now)
        return True

    def _old_workspace(self, workspace_id: str) -> WorkspaceRow | None:
        """Give the row of the backup, if there is one that can be built on."""
        try:
            return self.restoration.workspace(workspace_id)
        except RowUnreadable:
            return None

    def _bring_beside(self, workspace: Workspace, happened: Sequence[WorkspaceEvent], since: Since) -> None:
        """Bring keys of people, addresses and the index; what was taken away since stays away."""
        workspace_id = workspace.workspace_id
        gone = {event.member_id for event in happened if isinstance(event, MemberContactChanged | MemberRemoved)}
        self.restoration.bring_beside(workspace_id, reached=frozenset(workspace.members.keys() - gone), now=self.now)
        history = [*self.restoration.history_of_workspace(workspace_id), *happened]
        for member_id in since.forgotten:
            for name in _names(member_id, history):
                self.people.forget(workspace_id, name)
        self.restoration.bring_seals(workspace_id)  # from here on its trail can be sealed

    def _bring_numbers(self, workspace_id: str, since: Since) -> None:
        """Have calls be numbered on from where they were, on a limit that counts on more than one token."""
        numbers: dict[str, int] = {}
        row = self.workspaces.get(workspace_id)
        subject = plan_of(row.workspace.plan).limit_subject if row is not None else LimitSubject.TOKEN
        for token_id, calls in since.calls.items():
            token = self.tokens.get(token_id)
            if token is None or subject is LimitSubject.TOKEN:
                continue
            name = "workspace" if subject is LimitSubject.WORKSPACE else f"member:{token.token.owner_id}"
            numbers[name] = max(numbers.get(name, 0), calls.number)
        self.restoration.bring_numbers(workspace_id, numbers, now=self.now)

    # --- a token ------------------------------------------------------------------------------------------------------

    def _is_there(self, token_id: str) -> bool:
        try:
            return self.tokens.get(token_id) is not None
        except RowUnreadable:
            return True

    def _bring_token(self, token_id: str, workspace_id: str, since: Since, *, is_certain: bool) -> Returned | None:
        """Bring a token; None: too little is known of it."""
        for _ in range(ATTEMPTS):
            found = self.workspaces.get(workspace_id)
            if found is None:
                break
            row, flaw = self._as_of_now(token_id, found, since, is_certain=is_certain)
            if row is None:
                return None
            command = on_return(row.token, found.workspace, flaw=flaw, at=self.now)
            new = decide_token(command, row.token) if command is not None else ()
            row = self._sealed(replace(row, version=row.version + len(new)), replay_token(new, row.token) or row.token)
            self.restoration.bring_evidence(token_id, now=self.now)
            calls = since.calls.get(token_id)
            for day, scope in sorted(calls.scopes, key=str) if calls is not None else ():
                self.evidence.note(token_id, day, scope=scope)
            recorded = since.events.get(f"token:{token_id}", ())
            returned = Returned(token=row.token, flaw=flaw if command is not None else None)
            try:
                self.restoration.bring_token(row, recorded, new, origin=self.origin, now=self.now)
            except StreamMoved:
                if self._is_there(token_id):  # another run came first
                    return returned
            else:
                return returned
        raise StreamMoved(token_id)

    def _as_of_now(
        self, token_id: str, workspace: WorkspaceRow, since: Since, *, is_certain: bool
    ) -> tuple[TokenRow | None, Flaw | None]:
        """Give a token as all that is known makes it, still without a seal, and what is wrong with it."""
        stream = f"token:{token_id}"
        recorded = since.events.get(stream, ())
        old, damaged = self._old(token_id)
        known: Sequence[TokenEvent] = () if old is not None else self.restoration.history_of_token(token_id)
        version = old.version if old is not None else len(known)
        happened = [cast("TokenEvent", each.event) for each in recorded if each.event and each.seq > version]
        token = replay_token([*known, *happened], old.token if old is not None else None)
        if token is None or token.workspace_id != workspace.workspace.workspace_id:
            return None, None
        flaw: Flaw | None = None
        if old is None:
            flaw = Flaw.DAMAGED if damaged or known else Flaw.MADE_SINCE
        elif any(isinstance(event, GrantRefreshed) for event in happened):
            flaw = Flaw.RENEWED_SINCE
        elif not is_certain or not self._is_whole(stream, since, version=version):
            flaw = Flaw.UNCERTAIN
        row = TokenRow(
            token=token,
            version=_last(recorded, version if old is not None else self.restoration.last_number(stream)),
            credential=old.credential if old is not None and flaw is not Flaw.RENEWED_SINCE else self._nobodys(token),
            terms=terms_of(workspace),
            calls=old.calls if old is not None else 0,
            first_used_at=old.first_used_at if old is not None else None,
            last_used_at=old.last_used_at if old is not None else None,
            generations_used=_used(token),
        )
        return self._with_calls(row, workspace.workspace, since), flaw

    def _old(self, token_id: str) -> tuple[TokenRow | None, bool]:
        """Give a row of the backup that can be built on; and tell whether there is one that cannot."""
        try:
            row = self.restoration.token(token_id)
        except RowUnreadable:
            return None, True
        if row is None:
            return None, False
        # One whose key is gone keeps the seal that it has: no gate lets it in.
        is_ours = key_version_of(row.token) not in self.keys.roots or is_sealed(row, self.keys)
        return (row, False) if is_ours else (None, True)

    def _with_calls(self, row: TokenRow, workspace: Workspace, since: Since) -> TokenRow:
        calls = since.calls.get(row.token.token_id)
        if calls is None:
            return row
        counts = plan_of(workspace.plan).limit_subject is LimitSubject.TOKEN
        row = replace(row, calls=max(row.calls, calls.number) if counts else row.calls)
        if calls.first is None or calls.last is None:
            return row
        return replace(
            row,
            first_used_at=row.first_used_at or (calls.first if row.token.predecessor_id is not None else None),
            last_used_at=max(row.last_used_at or calls.last, calls.last),
        )

    def _nobodys(self, token: Token) -> Credential:
        return Credential(digest=self.nobody, grant=GrantDigests() if token.app is not None else None)

    def _sealed(self, row: TokenRow, token: Token) -> TokenRow:
        row = replace(row, token=token)
        if key_version_of(token) not in self.keys.roots:
            return row
        seal = seal_of(token, credential=row.credential, version=row.version, terms=row.terms, keys=self.keys)
        return replace(row, credential=replace(row.credential, seal=seal))

    # --- histories ----------------------------------------------------------------------------------------------------

    def _is_whole_workspace(self, workspace_id: str, since: Since) -> bool:
        """Tell whether all of the history of the workspace itself is known."""
        stream = f"workspace:{workspace_id}"
        old = self._old_workspace(workspace_id)
        if old is None and self.restoration.last_number(stream):
            return False  # the backup has its history and not its row, or one that cannot be read
        return self._is_whole(stream, since, version=old.version if old is not None else 0)

    def _is_whole(self, stream: str, since: Since, *, version: int) -> bool:
        """Tell whether everything is known that has happened to something since the backup."""
        later = [each for each in since.events.get(stream, ()) if each.seq > version]
        numbers = [each.seq for each in later]
        return (
            since.reaches_back
            and stream not in since.lost
            and numbers == list(range(version + 1, version + 1 + len(later)))
            and all(each.event is not None for each in later)
        )


def _names(member_id: str, history: Sequence[WorkspaceEvent]) -> Sequence[str]:
    try:
        return names_of(member_id, history)
    except NotFound:  # the row that tells of their beginning is lost
        return [member_id]


def _last(recorded: Sequence[Recorded], version: int) -> int:
    return max([version, *(each.seq for each in recorded)])


def _used(token: Token) -> frozenset[int]:
    """Count every pair of a grant as used: a repeat of a refresh is then answered to nobody but who holds the newest.

    Requests that no row of the trail tells of may have used one since.
    """
    return token.app.good - {0} if token.app is not None and token.status in LIVE else frozenset()
