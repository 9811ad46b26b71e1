"""A client brings a code and the proof that it began the request: it gets a grant, in one transaction, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.domain.errors import DomainError
from shared.domain.token.commands import RevokeToken
from shared.domain.token.decider import decide, replay
from shared.domain.token.grants import OAUTH
from shared.services.attempts import ATTEMPTS
from shared.services.change_token import change_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import seal_of
from shared.services.credentials.token_format import new_id
from shared.services.grants.approve import approval_command, digest_of, find_workspace, is_ours
from shared.services.grants.pairs import credential_of, first_pair, shown_prefix
from shared.services.grants.pkce import is_proved
from shared.services.grants.refusals import check_client, check_resource, not_granted
from shared.services.grants.tokens import Tokens, tokens_of
from shared.services.terms import terms_of
from shared.storage.contracts.codes import Approval, CodeStore, IssuedCode
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore

USED_TWICE = "its authorization code was used twice: somebody else may hold it"


def redeem_code(
    code: str,
    *,
    client_id: str,
    redirect_uri: str | None,
    verifier: str,
    resource: str | None,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    codes: CodeStore,
    workspaces: WorkspaceStore,
) -> Tokens:
    """Make the grant that a code stands for, and give its first tokens; `origin` is the client's request.

    Whoever brings a used code and the right proof is the client or has robbed it, and which of the two came first
    nobody can tell: the grant ends. That holds for two who come at once too, and for a client that has not heard the
    answer: it sends its user to consent once more.

    `redirect_uri` may be left out, as in OAuth 2.1: the proof says more.

    Raises:
        GrantRefused: `invalid_grant`, or `invalid_target` of another resource.
        StreamMoved: the workspace kept changing; try again.

    """
    digest, grant_id = digest_of(code), new_id()
    for _ in range(ATTEMPTS):
        issued = codes.find(digest, now=now)
        if issued is None or not is_ours(digest, issued, keys):
            raise not_granted("There is no such code; codes are forgotten after a day.", field="code")
        approval = issued.approval
        if not is_proved(approval.code_challenge, verifier):
            raise not_granted(
                "The verifier is not the one that the code challenge was made of.",
                hint="Send the code_verifier of this very request: 43 to 128 of A-Z, a-z, 0-9 and -._~ (RFC 7636).",
                field="code_verifier",
            )
        if issued.used_by is not None:
            command = RevokeToken(revoked_by=OAUTH, reason=USED_TWICE, at=now)
            change_token(issued.used_by, command, origin=replace(origin, actor=OAUTH), keys=keys, tokens=tokens)
            raise not_granted("The code was used already, so what it was used for has been revoked.", field="code")
        if not issued.is_good_at(now):
            raise not_granted("The code is too old; it is good for five minutes.", field="code")
        check_client(client_id, kept=approval.client_id)
        _check_redirect(redirect_uri, approval)
        check_resource(resource, granted=approval.resource)
        try:
            return _grant(
                issued, digest=digest, grant_id=grant_id, now=now, keys=keys, tokens=tokens, workspaces=workspaces
            )
        except StreamMoved:
            continue
        except DomainError as refusal:
            raise not_granted(refusal.message, hint=refusal.hint) from refusal
    raise StreamMoved(grant_id)


def _grant(
    issued: IssuedCode,
    *,
    digest: str,
    grant_id: str,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
) -> Tokens:
    """Record the grant and the use of the code, all or nothing.

    Raises:
        DomainError: the workspace, its plan or its policy does not allow it any more.
        StreamMoved: the code was used meanwhile, or the workspace has changed.

    """
    workspace = find_workspace(issued.approval.workspace_id, workspaces)
    command = approval_command(
        issued.approval, workspace.workspace, token_id=grant_id, prefix=shown_prefix(grant_id, keys), at=now
    )
    events = decide(command, None)
    grant = replay(events)
    if grant is None or grant.app is None:  # no approval decides nothing; the types cannot say so
        raise not_granted("The grant was not made.")
    pair = first_pair(
        grant_id,
        access_expires_at=grant.app.access_expires_at,
        renews=command.plan.grants.idle_days is not None,
        keys=keys,
    )
    credential, terms = credential_of(pair), terms_of(workspace)
    seal = seal_of(grant, credential=credential, version=len(events), terms=terms, keys=keys)
    tokens.create(
        events,
        grant,
        credential=replace(credential, seal=seal),
        terms=terms,
        origin=issued.origin,
        redeeming=digest,
    )
    return tokens_of(pair, grant, grant.app, now=now)


def _check_redirect(redirect_uri: str | None, approval: Approval) -> None:
    if redirect_uri is not None and redirect_uri != approval.redirect_uri:
        raise not_granted(
            "The redirect_uri is not the one that the code was sent to.",
            hint="Send the redirect_uri of the authorization request, to the letter, or leave it out.",
            field="redirect_uri",
        )
