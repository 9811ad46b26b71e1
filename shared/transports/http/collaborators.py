"""What the routes ask for in their signatures: who calls, what time it is, the parts of the system that they use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPBearer
from fastapi.security.base import SecurityBase

from shared.domain.text import clean_line
from shared.domain.workspace.decider import Member, Workspace
from shared.services.credentials.keys import CredentialKeys
from shared.services.find_membership import find_membership
from shared.services.gate import Gate
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.alerts import AlertStore
from shared.storage.contracts.contacts import ContactStore
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.facts import Figures, Imports
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.replies import ReplyStore
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore
from shared.transports.http.bearer import MemberBearers
from shared.transports.http.github_keys import GithubKeys
from shared.transports.http.problems import request_id_of

USER_AGENT_KEPT = 200
"""Characters of what a client calls itself that enter the trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collaborators:
    """The parts of the system behind the API."""

    keys: CredentialKeys = field(repr=False)
    tokens: TokenStore
    workspaces: WorkspaceStore
    contacts: ContactStore
    trail: TrailSources
    replies: ReplyStore
    evidence: EvidenceStore
    imports: Imports
    figures: Figures
    alerts: AlertStore
    open_objects: Callable[[], ObjectStore]
    """The bucket that files are sent to: opened only when somebody sends one, for a client of S3 costs a cold start."""
    gate: Gate
    """Lets in the tokens that ask about themselves."""
    bearers: MemberBearers
    github_keys: GithubKeys
    now: Callable[[], datetime]
    public_url: str
    docs_url: str


def ip_of(request: Request) -> str | None:
    """Give the address that a request came from."""
    return request.client.host if request.client is not None else None


def user_agent_of(request: Request) -> str | None:
    """Give what a client calls itself, as a line."""
    return clean_line(request.headers.get("user-agent", ""))[:USER_AGENT_KEPT] or None


async def collaborators(request: Request) -> Collaborators:
    """Give what the app was built with."""
    parts: Collaborators = request.app.state.collaborators
    return parts


Parts = Annotated[Collaborators, Depends(collaborators)]


async def _now(parts: Parts) -> datetime:
    return parts.now()


Now = Annotated[datetime, Depends(_now)]
"""The moment of the request: asked for once, so that everything in a request happens at one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInMember:
    """Who calls: a member, in the workspace that they act in."""

    workspace: Workspace
    member: Member
    origin: Origin

    @property
    def workspace_id(self) -> str:
        """The one workspace that the request concerns: no path and no body names another."""
        return self.workspace.workspace_id


# Only for the description of the API: `MemberBearers` reads the header itself, to say what is wrong with it.
_scheme: SecurityBase = HTTPBearer(
    scheme_name="member", bearerFormat="JWT", auto_error=False, description="The OpenID Connect bearer of a member."
)


def _caller(
    request: Request,
    parts: Parts,
    now: Now,
    merchant_workspace: Annotated[
        str | None, Header(max_length=100, description="The workspace that is meant, for members of several.")
    ] = None,
) -> SignedInMember:
    signed_in = parts.bearers.verify(request.headers.get("authorization"), now=now)
    found = find_membership(
        issuer=signed_in.issuer,
        subject=signed_in.subject,
        workspace_id=merchant_workspace,
        workspaces=parts.workspaces,
    )
    origin = Origin(
        actor=found.member.member_id,
        request_id=request_id_of(request.scope),
        ip=ip_of(request),
        user_agent=user_agent_of(request),
    )
    return SignedInMember(workspace=found.workspace, member=found.member, origin=origin)


async def _described(
    caller: Annotated[SignedInMember, Depends(_caller)], _: Annotated[object, Security(_scheme)]
) -> SignedInMember:
    return caller


Caller = Annotated[SignedInMember, Depends(_described)]
