"""The one road of every change to an existing token: load, decide, seal, append; decide anew if another came first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.errors import Conflict, NotFound
from shared.domain.token.attendance import Use, next_look
from shared.domain.token.commands import TokenCommand
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import TokenEvent
from shared.domain.token.state import LIVE, Token
from shared.domain.workspace.decider import Workspace
from shared.services.attempts import ATTEMPTS
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed, key_version_of, seal_of
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import Credential, TokenRow, TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore


def change_token(
    token_id: str, command: TokenCommand, *, origin: Origin, keys: CredentialKeys, tokens: TokenStore
) -> TokenRow:
    """Carry out a command and give the token's row as it is then; a command that changes nothing writes nothing.

    Raises:
        NotFound: there is no such token.
        Invalid: the command breaks a rule.
        Conflict: the row was not written by us, and the command would leave the token alive (`token_damaged`).
        StreamMoved: others kept changing the token; try again.

    """
    return _change(token_id, lambda _: command, origin=origin, keys=keys, tokens=tokens)


def change_within_policy(
    token_id: str,
    command_under: Callable[[Workspace, Token], TokenCommand],
    *,
    origin: Origin,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
) -> TokenRow:
    """Carry out a command that the workspace has a say in, by its policy, plan or members as they are at that moment.

    The workspace is read after the row. A change that is recorded later is written onto the row before it is answered:
    if that comes before the write here, the write is refused and decided anew; if after, it finds what was written.

    Raises:
        NotFound, Invalid, Conflict, StreamMoved: as `change_token`.

    """

    def command_for(row: TokenRow) -> TokenCommand:
        workspace = workspaces.get(row.token.workspace_id)
        if workspace is None:
            raise NotFound("token_not_found", "There is no such token.", hint="List the tokens to see their ids.")
        return command_under(workspace.workspace, row.token)

    return _change(token_id, command_for, origin=origin, keys=keys, tokens=tokens)


def _change(
    token_id: str,
    command_for: Callable[[TokenRow], TokenCommand],
    *,
    origin: Origin,
    keys: CredentialKeys,
    tokens: TokenStore,
) -> TokenRow:
    for _ in range(ATTEMPTS):
        row = tokens.get(token_id)
        if row is None:
            raise NotFound("token_not_found", "There is no such token.", hint="List the tokens to see their ids.")
        events = decide(command_for(row), row.token)
        after = replay(events, row.token) or row.token
        if not events:
            return row
        try:
            return record(events, after, row, origin=origin, keys=keys, tokens=tokens)
        except StreamMoved:
            continue
    raise StreamMoved(token_id)


def record(
    events: Sequence[TokenEvent],
    after: Token,
    row: TokenRow,
    *,
    origin: Origin,
    keys: CredentialKeys,
    tokens: TokenStore,
    look_at: datetime | None = None,
    credential: Credential | None = None,
) -> TokenRow:
    """Seal what a decision makes of a row, write it, and give the row as it is then.

    `credential` holds other digests than the row's, if it is to have others from then on.

    Raises:
        Conflict: the row was not written by us, and the events would leave the token alive (`token_damaged`).
        StreamMoved: somebody else changed the token since the row was read.

    """
    if after.status in LIVE:  # what ends the token may go on
        refuse_damaged(row, keys)
    version = row.version + len(events)
    # A row whose key is gone keeps the seal that it has: no gate lets it in, and its end is recorded all the same.
    held = key_version_of(after) in keys.roots
    credential = credential or row.credential
    if held:
        seal = seal_of(after, credential=credential, version=version, terms=row.terms, keys=keys)
        credential = replace(credential, seal=seal)
    due_at = look_at or next_look(after, Use(first=row.first_used_at, last=row.last_used_at))
    tokens.append(events, after, credential=credential, based_on=row, origin=origin, look_at=due_at)
    return replace(row, token=after, version=version, credential=credential, due_at=due_at)


def refuse_damaged(row: TokenRow, keys: CredentialKeys) -> None:
    """Refuse to build on a row that somebody else wrote: our seal under it would make it good.

    Raises:
        Conflict: it is not sealed by us (`token_damaged`).

    """
    if not is_sealed(row, keys):
        raise Conflict(
            "token_damaged",
            "The token's row is not as we wrote it, so the token is refused everywhere.",
            hint="Revoke it, generate a new one, and find out who can write to the table.",
        )
