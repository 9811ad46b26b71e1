"""A member has said yes: the code that their client gets its tokens for."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import replace
from datetime import datetime

from shared.domain.errors import NotFound
from shared.domain.moments import moment
from shared.domain.oauth.clients import redirect_host
from shared.domain.token.commands import ApproveGrant
from shared.domain.token.decider import decide
from shared.domain.token.wording import clean_name
from shared.domain.workspace.decider import Workspace
from shared.domain.workspace.holding import plan_for_new_grant
from shared.services.credentials.keys import CredentialKeys, Purpose
from shared.services.grants.registrations import client_id_told
from shared.storage.contracts.codes import Approval, CodeStore, IssuedCode
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.workspaces import WorkspaceRow, WorkspaceStore

__all__ = ["Approval", "approval_command", "digest_of", "find_workspace", "is_ours", "issue_code"]


def issue_code(
    approval: Approval,
    *,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    codes: CodeStore,
    workspaces: WorkspaceStore,
) -> str:
    """Give the code of an approval, which is shown once; `origin` is the request of the person who approved.

    What its redemption would refuse is refused here already, where a person can read why.

    Raises:
        NotFound: there is no such workspace.
        NotPermitted: they are no member, or the plan or the allow list lets no credentials in.
        Invalid: no scope, one that the token policy does not allow, or a client's name that cannot be kept.

    """
    workspace = find_workspace(approval.workspace_id, workspaces).workspace
    decide(approval_command(approval, workspace, token_id="", prefix="", at=now), None)
    approval = replace(approval, client_name=clean_name(approval.client_name))
    code = secrets.token_urlsafe(32)
    digest = digest_of(code)
    seal = keys.sign(Purpose.CODE, _sealed(digest, approval, origin, now))
    codes.keep(digest, IssuedCode(approval=approval, origin=origin, made_at=now, seal=seal))
    return code


def digest_of(code: str) -> str:
    """Give the name under which a code is kept. One of 256 random bits that lives for minutes needs no slow hash."""
    return hashlib.sha256(code.encode(errors="replace")).hexdigest()


def is_ours(digest: str, issued: IssuedCode, keys: CredentialKeys) -> bool:
    """Tell whether a code's row is as we wrote it: without our key nobody who can write to the table approves."""
    message = _sealed(digest, issued.approval, issued.origin, issued.made_at)
    return keys.is_signed(Purpose.CODE, message, issued.seal)


def approval_command(
    approval: Approval, workspace: Workspace, *, token_id: str, prefix: str, at: datetime
) -> ApproveGrant:
    """Give the command that makes a grant of an approval, in the workspace as it is now.

    Raises:
        NotPermitted: see `plan_for_new_grant`.

    """
    plan, member = plan_for_new_grant(workspace, approval.member_id)
    return ApproveGrant(
        token_id=token_id,
        workspace_id=approval.workspace_id,
        owner_id=approval.member_id,
        role=member.role,
        client_id=client_id_told(approval.client_id),
        client_name=approval.client_name,
        redirect_host=redirect_host(approval.redirect_uri),
        resource=approval.resource,
        prefix=prefix,
        scopes=approval.scopes,
        plan=plan,
        policy=workspace.token_policy,
        at=at,
    )


def find_workspace(workspace_id: str, workspaces: WorkspaceStore) -> WorkspaceRow:
    """Give a workspace.

    Raises:
        NotFound: there is none.

    """
    row = workspaces.get(workspace_id)
    if row is None:
        raise NotFound("workspace_not_found", "There is no such workspace.")
    return row


def _sealed(digest: str, approval: Approval, origin: Origin, made_at: datetime) -> str:
    """Give what is sealed of a code; of the request that made it only who asked, as the rest decides nothing."""
    claims = [
        digest,
        approval.client_id,
        approval.client_name,
        approval.redirect_uri,
        approval.resource,
        sorted(approval.scopes),
        approval.workspace_id,
        approval.member_id,
        approval.code_challenge,
        origin.actor,
        moment(made_at),
    ]
    # JSON keeps the fields apart: no two different approvals give the same text.
    return json.dumps(claims, separators=(",", ":"))
