"""Who looks at a page: the session of their cookie, the workspace that they look at, and who they are in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData

from shared.domain.text import clean_line
from shared.domain.workspace.decider import Member, Workspace
from shared.domain.workspace.permissions import may_reach
from shared.services.find_membership import ActingMember, choose_membership, find_memberships
from shared.services.sessions.session import find_session, form_key, is_form_key
from shared.storage.contracts.contacts import ContactStore
from shared.storage.contracts.sessions import Session
from shared.storage.contracts.streams import Origin
from shared.transports.web.parts import Now, Parts, WebParts
from shared.transports.web.refusals import FormRefused, SignInNeeded

SESSION_COOKIE = "__Host-session"
FORM_KEY = "csrf"
"""The hidden field of every form."""
USER_AGENT_KEPT = 200
"""Characters of what a browser calls itself that enter the trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody with a session, who may be a member of several workspaces or of none."""

    session: Session = field(repr=False)
    form_key: str = field(repr=False)
    request: Origin
    """Where the request comes from, by nobody yet."""

    def origin(self, actor: str) -> Origin:
        """Say for the trail where a change comes from."""
        return replace(self.request, actor=actor)


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A member, in the workspace that they look at."""

    signed_in: SignedIn
    workspace: Workspace
    member: Member
    workspaces: Sequence[Workspace]
    """All that are theirs, by name: for the switch."""
    contacts: ContactStore = field(repr=False)

    @cached_property
    def addresses(self) -> Mapping[str, str]:
        """Where members are reached whose addresses this one may see, by member id; read when a page first asks."""
        members = self.workspace.members
        return {
            member_id: address
            for member_id, address in self.contacts.of_workspace(self.workspace_id).items()
            if member_id in members and may_reach(self.member, members[member_id])
        }

    @property
    def workspace_id(self) -> str:
        """The one workspace that the request concerns."""
        return self.workspace.workspace_id

    @property
    def origin(self) -> Origin:
        """Where a change of theirs comes from."""
        return self.signed_in.origin(self.member.member_id)

    @property
    def form_key(self) -> str:
        """What their forms carry."""
        return self.signed_in.form_key


def request_id_of(request: Request) -> str:
    """Give the gateway's id of the request."""
    return str(request.scope["aws.event"]["requestContext"]["requestId"])


def origin_of(request: Request, actor: str) -> Origin:
    """Say for the trail where a request comes from."""
    return Origin(
        actor=actor,
        request_id=request_id_of(request),
        ip=request.client.host if request.client is not None else None,
        user_agent=clean_line(request.headers.get("user-agent", ""))[:USER_AGENT_KEPT] or None,
    )


def _signed_in(request: Request, parts: Parts, now: Now) -> SignedIn:
    session = find_session(request.cookies.get(SESSION_COOKIE), now=now, sessions=parts.sessions)
    if session is None:
        raise SignInNeeded(address_of(request))
    return SignedIn(
        session=session,
        form_key=form_key(session, parts.keys),
        request=origin_of(request, ""),
    )


Guest = Annotated[SignedIn, Depends(_signed_in)]
"""For routes that concern no one workspace."""


def visit(guest: SignedIn, workspace_id: str | None, parts: WebParts) -> Visitor:
    """Let somebody look at one of their workspaces; None: the only one they have.

    Raises:
        NotAMember: they are a member of none.
        NotFound: it is not theirs.
        WorkspaceUnnamed: they have several.

    """
    return _among(theirs(guest.session, parts), guest, workspace_id, parts)


def _visitor(guest: Guest, parts: Parts) -> Visitor:
    mine, chosen = theirs(guest.session, parts), guest.session.workspace_id
    # Whoever has left the workspace that they had chosen looks at another one.
    return _among(mine, guest, chosen if any(each.workspace.workspace_id == chosen for each in mine) else None, parts)


def _among(mine: Sequence[ActingMember], guest: SignedIn, workspace_id: str | None, parts: WebParts) -> Visitor:
    found = choose_membership(mine, workspace_id)
    return Visitor(
        signed_in=guest,
        workspace=found.workspace,
        member=found.member,
        workspaces=[each.workspace for each in mine],
        contacts=parts.contacts,
    )


Visiting = Annotated[Visitor, Depends(_visitor)]
"""For pages of a workspace. Somebody of several who has chosen none is asked (`WorkspaceUnnamed`)."""


def theirs(session: Session, parts: WebParts) -> Sequence[ActingMember]:
    """Give the workspaces in which the person is a member now, by name."""
    return find_memberships(issuer=session.issuer, subject=session.subject, workspaces=parts.workspaces)


async def _form(request: Request, guest: Guest, parts: Parts) -> FormData:
    """Take a form that a page of ours sent in this very session.

    The hidden key alone would do; what browsers say of where a form comes from stands beside it.
    """
    form = await request.form(max_files=0)
    given = form.get(FORM_KEY)
    if not is_from_here(request, parts) or not isinstance(given, str):
        raise FormRefused
    if not is_form_key(given, guest.session, parts.keys):
        raise FormRefused
    return form


Form = Annotated[FormData, Depends(_form)]
"""The fields of a form, for every route that changes something."""


def is_from_here(request: Request, parts: WebParts) -> bool:
    """Tell whether a browser sends a request from a page of ours, or does not say from where."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    return site in {None, "same-origin", "none"} and origin in {None, _origin_of(parts.public_url)}


def _origin_of(url: str) -> str:
    parted = urlsplit(url)
    return f"{parted.scheme}://{parted.netloc}"


def address_of(request: Request) -> str:
    """Give where to come back to after the sign-in: the page itself, or that from which a form was sent.

    The answer to an app is sent to the address of the question: it is asked again.
    """
    if request.method != "GET" and request.url.path != "/oauth/authorize":
        came_from = urlsplit(request.headers.get("referer", ""))
        return came_from.path  # of ours or not: a sign-in leads to pages of ours alone
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
