"""Connected apps: which programs act for whom, since when, with what; and how each is cut off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from shared.domain.errors import Invalid
from shared.domain.oauth.clients import is_on_their_computer
from shared.domain.scopes import Scope
from shared.domain.token.state import App, Status, Token
from shared.domain.workspace.permissions import may_see_tokens
from shared.services.grants.list_grants import list_grants
from shared.services.manage_tokens import revoke_token
from shared.storage.contracts.tokens import TokenRow
from shared.transports.web.pages.frame import ROOMS, page
from shared.transports.web.pages.obstacles import standing_obstacle
from shared.transports.web.pages.people import named
from shared.transports.web.pages.token_words import in_order
from shared.transports.web.parts import Now, Parts
from shared.transports.web.visitors import Form, Visiting, Visitor

HERE = ROOMS["Connected apps"]
DONE = {
    "one": "Disconnected. The app is refused from its next request on.",
    "all": "Disconnected everywhere. The app is refused from its next request on.",
}
REASON = "disconnected under Connected apps"
ENDED_SHOWN = 50
GRANT = "grant"
"""The hidden field of each grant that is to end."""

router = APIRouter(prefix=HERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What one member allowed an app."""

    token: Token
    scopes: Sequence[Scope]
    who: str
    last_used_at: datetime | None
    is_suspended: bool
    ends_at: datetime | None
    """When it is over, however often the app comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedApp:
    """An app, and whom it acts for."""

    key: str
    """Tells its parts of the page from those of others."""
    name: str
    redirect_host: str
    is_on_their_computer: bool
    """Whether the person is sent back to a program on their own machine, of which the host tells nothing."""
    described_at: str | None
    """The address under which it publishes what it is, if it does; else nobody vouches for its name."""
    namesakes: int
    """How many others are connected under this name."""
    connections: Sequence[Connection]


@router.get("")
def apps(visitor: Visiting, parts: Parts, now: Now, done: str = "") -> Response:
    """List the apps that are let in."""
    rows = list_grants(workspace_id=visitor.workspace_id, member=visitor.member, tokens=parts.tokens)
    ended = [row for row in rows if not row.token.lives_at(now)]
    return page(
        visitor,
        "Connected apps",
        "apps.html",
        done=DONE,
        told=done,
        here=HERE,
        activity=ROOMS["Activity"],
        now=now,
        obstacle=standing_obstacle(visitor),
        manages=may_see_tokens(visitor.member),
        apps=_grouped((row for row in rows if row.token.lives_at(now)), visitor),
        ended=[_connection(row, visitor) for row in ended[:ENDED_SHOWN]],
        endpoint=parts.endpoint,
        docs=f"{parts.docs_url}/clients",
    )


@router.post("/revoke")
def revoke(form: Form, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """End grants, each by itself: a run that breaks off has ended some, and the same form goes on."""
    grants = [grant for grant in form.getlist(GRANT) if isinstance(grant, str)]
    if not grants:
        raise Invalid("selection_empty", "Say which app is meant.", hint="Use the buttons of the page.", field=GRANT)
    for grant in grants:
        revoke_token(
            grant,
            reason=REASON,
            workspace_id=visitor.workspace_id,
            member=visitor.member,
            origin=visitor.origin,
            now=now,
            keys=parts.keys,
            tokens=parts.tokens,
        )
    return RedirectResponse(f"{HERE}?done={'one' if len(grants) == 1 else 'all'}", status_code=303)


def _grouped(rows: Iterable[TokenRow], visitor: Visitor) -> Sequence[ConnectedApp]:
    """Put together what one client holds, which its id alone tells; the one that was connected last comes first.

    A name and a host are an app's own choice: put together by those, a look-alike would hide behind the real one.
    """
    by_id: dict[str, list[tuple[App, Connection]]] = {}
    for row in rows:  # newest first
        if (app := row.token.app) is not None:
            by_id.setdefault(app.client_id, []).append((app, _connection(row, visitor)))
    names = Counter(grants[0][0].client_name.casefold() for grants in by_id.values())
    return [
        ConnectedApp(
            key=f"app-{number}",
            name=app.client_name,
            redirect_host=app.redirect_host,
            is_on_their_computer=is_on_their_computer(app.redirect_host),
            described_at=app.client_id if app.client_id.startswith("https://") else None,
            namesakes=names[app.client_name.casefold()] - 1,
            connections=[connection for _, connection in grants],
        )
        for number, grants in enumerate(by_id.values())
        for app, _ in grants[:1]
    ]


def _connection(row: TokenRow, visitor: Visitor) -> Connection:
    token = row.token
    days = token.lifetime_days
    return Connection(
        token=token,
        scopes=in_order(token.scopes),
        who=named(token.owner_id, visitor),
        last_used_at=row.last_used_at,
        is_suspended=token.status is Status.SUSPENDED,
        ends_at=token.created_at + timedelta(days=days) if days is not None else None,
    )
