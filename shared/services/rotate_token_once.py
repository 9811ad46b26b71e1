"""Rotate a token, once for each idempotency key: for a member of its workspace, or for the token itself."""

from __future__ import annotations

from datetime import datetime

from shared.domain.errors import NotPermitted
from shared.domain.token.events import TokenKind
from shared.domain.token.rotation import refuse_grant
from shared.domain.token.state import Token
from shared.domain.workspace.decider import Member
from shared.services.create_token import NewToken
from shared.services.credentials.keys import CredentialKeys
from shared.services.make_once import Made, make_once
from shared.services.manage_tokens import find_token
from shared.services.rotate_token import WantedRotation, check_rotation, rotate_token
from shared.storage.contracts.audit import AuditLog
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.replies import ReplyStore
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore


def rotate_for_member(
    token_id: str,
    wanted: WantedRotation,
    *,
    key: str | None,
    workspace_id: str,
    member: Member,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
    replies: ReplyStore,
    evidence: EvidenceStore,
    audit: AuditLog,
) -> Made:
    """Rotate a token of the workspace, or give the successor that this key has made already.

    Raises:
        NotFound: see `find_token`.
        NotPermitted: it is somebody else's personal token (`owner_required`), or as `rotate_token`.
        Invalid: the key was used for another request (`idempotency_key_reused`), or as `rotate_token`.
        Conflict, StreamMoved: as `rotate_token`.

    """
    token = find_token(token_id, workspace_id=workspace_id, member=member, tokens=tokens).token
    refuse_grant(token)
    if token.kind is TokenKind.PERSONAL and token.owner_id != member.member_id:
        raise NotPermitted(
            "owner_required",
            "A personal token is rotated by its owner: the answer shows a secret that acts for them.",
            hint="Ask its owner to rotate it, or revoke it.",
        )
    return _rotate_once(
        token,
        wanted,
        key=key,
        caller=member.member_id,
        member_id=member.member_id,
        origin=origin,
        now=now,
        keys=keys,
        tokens=tokens,
        workspaces=workspaces,
        replies=replies,
        evidence=evidence,
        audit=audit,
    )


def rotate_self(
    token: Token,
    wanted: WantedRotation,
    *,
    key: str | None,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
    replies: ReplyStore,
    evidence: EvidenceStore,
    audit: AuditLog,
) -> Made:
    """Rotate a token for whoever holds its secret, or give the successor that this key has made already.

    Raises:
        NotPermitted, Conflict, Invalid, StreamMoved: as `rotate_for_member`.

    """
    return _rotate_once(
        token,
        wanted,
        key=key,
        caller=origin.actor,
        member_id=None,
        origin=origin,
        now=now,
        keys=keys,
        tokens=tokens,
        workspaces=workspaces,
        replies=replies,
        evidence=evidence,
        audit=audit,
    )


def _rotate_once(
    token: Token,
    wanted: WantedRotation,
    *,
    key: str | None,
    caller: str,
    member_id: str | None,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
    replies: ReplyStore,
    evidence: EvidenceStore,
    audit: AuditLog,
) -> Made:
    def rotate(successor_id: str) -> NewToken:
        return rotate_token(
            token.token_id,
            wanted,
            member_id=member_id,
            successor_id=successor_id,
            origin=origin,
            now=now,
            keys=keys,
            tokens=tokens,
            workspaces=workspaces,
            evidence=evidence,
            audit=audit,
        )

    def check() -> None:
        check_rotation(
            token.token_id,
            wanted,
            member_id=member_id,
            origin=origin,
            now=now,
            keys=keys,
            tokens=tokens,
            workspaces=workspaces,
            evidence=evidence,
            audit=audit,
        )

    scopes = sorted(wanted.scopes) if wanted.scopes is not None else None
    return make_once(
        rotate,
        check=check,
        key=key,
        caller=f"{token.workspace_id}/{caller}",
        request=["rotate", token.token_id, wanted.overlap_seconds, scopes, wanted.narrow_to_used],
        now=now,
        keys=keys,
        tokens=tokens,
        replies=replies,
    )
