"""Give a token a successor; its secret leaves this function once and is kept nowhere.

Both tokens change in one transaction that also checks the workspace's version: a member's end, a suspension or another
plan at the same moment either comes later and finds the successor, or comes first and refuses the rotation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.plans import Plan
from shared.domain.scopes import Scope
from shared.domain.token.commands import RotateToken
from shared.domain.token.decider import replay
from shared.domain.token.events import TokenKind
from shared.domain.token.rotation import rotate
from shared.domain.token.state import Token
from shared.domain.workspace.decider import Workspace, plan_for_new_token, plan_in_force
from shared.services.attempts import ATTEMPTS
from shared.services.change_token import refuse_damaged
from shared.services.create_token import NewToken
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import seal_of
from shared.services.credentials.secret_hash import hash_secret
from shared.services.credentials.token_format import TokenText, new_token
from shared.services.scope_evidence import scopes_in_use
from shared.services.succession import newest_living, successors
from shared.services.terms import terms_of
from shared.storage.contracts.audit import AuditLog
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import Credential, TokenRow, TokenStore
from shared.storage.contracts.workspaces import WorkspaceRow, WorkspaceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRotation:
    """What somebody asks of a rotation."""

    overlap_seconds: int
    scopes: frozenset[Scope] | None = None
    """None: those of the token."""
    narrow_to_used: bool = False
    """Whether the successor is to have the scopes that the token has used."""

    def __post_init__(self) -> None:
        """Refuse to be told the scopes in two ways.

        Raises:
            Invalid: both are given (`scopes_twice`).

        """
        if self.narrow_to_used and self.scopes is not None:
            raise Invalid(
                "scopes_twice",
                "The scopes of the successor are either named or those that were used.",
                hint="Leave out one of scopes and narrow_to_used.",
                field="narrow_to_used",
            )


def rotate_token(
    token_id: str,
    wanted: WantedRotation,
    *,
    member_id: str | None,
    successor_id: str,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
    evidence: EvidenceStore,
    audit: AuditLog,
) -> NewToken:
    """Rotate a token: `member_id` asks for it, or None, the token itself or whoever runs the system.

    Raises:
        NotFound: there is no such token.
        NotPermitted: role, plan or allow list would not let such a token be made now.
        Conflict: the token is not in use, has a successor that lives, breaks the token policy, used nothing to narrow
            it to or is damaged; or there is a token with the successor's id.
        Invalid: the overlap, the scopes, or a life that the plan does not offer any more.
        StreamMoved: the token or the workspace kept changing; try again.

    """
    text: TokenText | None = None
    fresh: Credential | None = None
    for _ in range(ATTEMPTS):
        row, workspace = _load(token_id, keys, tokens, workspaces)
        token = row.token
        text = text or new_token(token.kind, successor_id, keys)
        command = _command(
            token,
            wanted,
            successor_id=successor_id,
            prefix=text.prefix,
            workspace=workspace.workspace,
            member_id=member_id,
            rotated_by=origin.actor,
            now=now,
            tokens=tokens,
            evidence=evidence,
            audit=audit,
        )
        rotation = rotate(command, token)
        after, successor = replay([rotation.rotated], token), replay([rotation.created])
        if after is None or successor is None:  # no rotation leaves nothing; the types cannot say so
            raise NotFound("token_not_found", "There is no such token.", hint="List the tokens to see their ids.")
        fresh = fresh or Credential(digest=hash_secret(text.secret))  # slow on purpose: not for what is refused
        terms = terms_of(workspace)
        try:
            tokens.rotate(
                [rotation.rotated],
                after,
                seal=seal_of(after, credential=row.credential, version=row.version + 1, terms=row.terms, keys=keys),
                based_on=row,
                created=[rotation.created],
                successor=successor,
                credential=replace(fresh, seal=seal_of(successor, credential=fresh, version=1, terms=terms, keys=keys)),
                terms=terms,
                origin=origin,
            )
        except StreamMoved:
            if tokens.get(successor_id) is not None:
                raise Conflict(
                    "token_exists", "A token with this id exists already.", hint="Draw another id."
                ) from None
            continue
        return NewToken(token=successor, text=text.text)
    raise StreamMoved(token_id)


def check_rotation(
    token_id: str,
    wanted: WantedRotation,
    *,
    member_id: str | None,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
    evidence: EvidenceStore,
    audit: AuditLog,
) -> None:
    """Refuse what `rotate_token` would refuse now, and make nothing.

    Raises:
        NotFound, NotPermitted, Conflict, Invalid: as `rotate_token`.

    """
    row, workspace = _load(token_id, keys, tokens, workspaces)
    command = _command(
        row.token,
        wanted,
        successor_id="",
        prefix="",
        workspace=workspace.workspace,
        member_id=member_id,
        rotated_by=origin.actor,
        now=now,
        tokens=tokens,
        evidence=evidence,
        audit=audit,
    )
    rotate(command, row.token)


def _command(
    token: Token,
    wanted: WantedRotation,
    *,
    successor_id: str,
    prefix: str,
    workspace: Workspace,
    member_id: str | None,
    rotated_by: str,
    now: datetime,
    tokens: TokenStore,
    evidence: EvidenceStore,
    audit: AuditLog,
) -> RotateToken:
    living = newest_living(successors(token, tokens), now)
    return RotateToken(
        successor_id=successor_id,
        successor_prefix=prefix,
        plan=_plan(workspace, token, member_id),
        scopes=_scopes(wanted, token, now=now, tokens=tokens, evidence=evidence, audit=audit),
        overlap_seconds=wanted.overlap_seconds,
        living_successor_id=living.token_id if living is not None else None,
        policy=workspace.token_policy,
        rotated_by=rotated_by,
        at=now,
    )


def _load(
    token_id: str, keys: CredentialKeys, tokens: TokenStore, workspaces: WorkspaceStore
) -> tuple[TokenRow, WorkspaceRow]:
    row = tokens.get(token_id)
    workspace = workspaces.get(row.token.workspace_id) if row is not None else None
    if row is None or workspace is None:
        raise NotFound("token_not_found", "There is no such token.", hint="List the tokens to see their ids.")
    refuse_damaged(row, keys)
    return row, workspace


def _plan(workspace: Workspace, token: Token, member_id: str | None) -> Plan:
    """Give the plan under which the successor may be made: by its owner, or by whom an organization lets make one."""
    if token.kind is TokenKind.PERSONAL:
        return plan_for_new_token(workspace, token.owner_id)
    return plan_for_new_token(workspace, member_id) if member_id is not None else plan_in_force(workspace)


def _scopes(
    wanted: WantedRotation,
    token: Token,
    *,
    now: datetime,
    tokens: TokenStore,
    evidence: EvidenceStore,
    audit: AuditLog,
) -> frozenset[Scope] | None:
    if wanted.narrow_to_used:
        return scopes_in_use(token, now=now, tokens=tokens, evidence=evidence, audit=audit)
    return wanted.scopes
