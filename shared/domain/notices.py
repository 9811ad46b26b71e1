"""What people are told of their tokens, and who: from an event and what stands now to the words of a notice.

A notice says which token it is about, what happened, since when, and what to do, with the route to do it. It holds no
secret, no address and no more of a token than lists show. It is sent late, perhaps: what has been overtaken since is
not told any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.domain.text import clean_line
from shared.domain.text import quoted as text_quoted
from shared.domain.token.decider import LEAK_REPORT
from shared.domain.token.events import (
    AbandonmentCleared,
    AbandonmentFlagged,
    ExpiryReminded,
    GrantApproved,
    GrantRefreshed,
    LeakReported,
    OverlapEnded,
    RotationAdopted,
    TokenCreated,
    TokenEvent,
    TokenExpired,
    TokenKind,
    TokenRenamed,
    TokenResumed,
    TokenRevoked,
    TokenRotated,
    TokenSuspended,
)
from shared.domain.token.state import LIVE, App, Status, Token
from shared.domain.token.wording import REASON_LENGTH, without_tokens
from shared.domain.trail.events import TamperFound
from shared.domain.workspace.decider import MANAGERS, Access, Workspace
from shared.domain.workspace.events import AccessSuspended, WorkspaceEvent

TOLD = (
    "audit.tamper_found",
    "grant.approved",
    "token.abandonment_flagged",
    "token.expired",
    "token.expiry_reminded",
    "token.leak_reported",
    "token.overlap_ended",
    "token.revoked",
    "token.suspended",
    "workspace.access_suspended",
)
"""The types of event that may lead to a notice."""

DAY = timedelta(days=1)
OWNER = "You get this because the token acts for you."
CONNECTED = "You get this because the app acts for you."
MANAGER = "You get this because you are an owner or an admin of the workspace."
EITHER = "You get this because the token acts for you, or because you are an owner or an admin of its workspace."
USUAL = {TokenKind.PERSONAL: OWNER, TokenKind.ORGANIZATION: MANAGER, TokenKind.GRANT: CONNECTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a reader can act, and where more is said; without slashes at their ends."""

    api_url: str
    docs_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """What has become of the tokens that were made in a token's place, one after the other."""

    living: Token | None
    """The newest that can still be used, or be resumed."""
    used: bool
    """Whether any of them, dead or alive, was ever used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told, and to which members."""

    subject: str
    lines: tuple[str, ...]
    to: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What the words about a token are made of."""

    token: Token
    workspace: Workspace
    places: Places

    def told(
        self, headline: str, *paragraphs: str, to: frozenset[str], why: str | None = None, of: str | None = None
    ) -> Notice | None:
        """Make the notice; None: it concerns nobody who is still a member."""
        token = self.token
        app = token.app
        facts = (
            *([f"Token:       {quoted(token.name)}"] if app is None else _facts_of(app)),
            f"Begins with: {token.prefix}",
            f"Id:          {token.token_id}",
            f"Workspace:   {quoted(self.workspace.name)} ({self.workspace.workspace_id})",
        )
        lines = (*facts, *(line for paragraph in paragraphs for line in ("", paragraph)), "", why or USUAL[token.kind])
        usual = f"Token {quoted(token.name)}" if app is None else f"Access of app {quoted(app.client_name)}"
        return _notice(f"{of or usual} {headline}", lines, to=to, places=self.places)

    @property
    def concerned(self) -> frozenset[str]:
        """Whoever the token is for: its owner, or the managers of the workspace that it belongs to."""
        if self.token.kind is TokenKind.ORGANIZATION:
            return _managers(self.workspace)
        return frozenset({self.token.owner_id} & self.workspace.members.keys())

    def route(self, *parts: str) -> str:
        return "/".join((f"    POST {self.places.api_url}/tokens", *parts))

    @property
    def anew(self) -> str:
        if self.token.app is not None:
            return "connect the app again, from the app itself."
        return f"generate a new one and give it to the clients that need it:\n{self.route()}"


def token_notice(  # noqa: PLR0911 - one return for each event
    event: TokenEvent, *, token: Token, succession: Succession, workspace: Workspace, places: Places
) -> Notice | None:
    """Say what is told of an event of a token, as things stand now; None: nothing, or to nobody."""
    about = _About(token=token, workspace=workspace, places=places)
    match event:
        case GrantApproved():
            return _connected(event, about)
        case ExpiryReminded():
            return _reminded(event, about)
        case TokenExpired() if token.app is not None:
            return None  # nobody has used the app for long; or it has just asked its owner anew
        case TokenExpired():
            return about.told(
                "has expired",
                f"It expired at {moment(token.expires_at or event.at)} and is refused since then (token_expired).",
                f"If something still needs it: {about.anew}",
                to=about.concerned,
            )
        case OverlapEnded():
            return _cut_off(event, about, succession)
        case AbandonmentFlagged():
            return _flagged(event, about)
        case LeakReported():
            return _leaked(event, about)
        case TokenRevoked(revoked_by=by):
            if by == LEAK_REPORT:
                return None  # the report itself is told
            return about.told(
                "was revoked",
                f"{quoted(by)} revoked it at {moment(event.at)}, for this reason: {quoted(event.reason)}. "
                "It is refused since then (token_revoked) and does not come back.",
                f"If something still needs it: {about.anew}",
                to=about.concerned - {by},
            )
        case TokenSuspended(suspended_by=by):
            if token.suspended_at != event.at:
                return None  # resumed or ended since
            return about.told(
                "is suspended",
                f"{quoted(by)} suspended it at {moment(event.at)}, for this reason: {quoted(event.reason)}. "
                "It is refused (token_suspended) until somebody resumes it.",
                "To let it in again, unless it breaks the workspace's token policy:\n"
                + about.route(token.token_id, "resume"),
                to=about.concerned - {by},
            )
        case (
            TokenCreated()
            | TokenRenamed()
            | TokenRotated()
            | RotationAdopted()
            | TokenResumed()
            | AbandonmentCleared()
            | GrantRefreshed()
        ):
            return None


def workspace_notice(event: WorkspaceEvent | TamperFound, *, workspace: Workspace, places: Places) -> Notice | None:
    """Say what is told of an event of a workspace, as the workspace is now; None: nothing."""
    if isinstance(event, TamperFound):
        return _altered(event, workspace, places)
    if not isinstance(event, AccessSuspended) or workspace.access is not Access.SUSPENDED:
        return None
    lines = (
        f"Workspace:   {quoted(workspace.name)} ({workspace.workspace_id})",
        "",
        f"It was shut out of MCP at {moment(event.at)}, for this reason: {quoted(event.reason)}.",
        "Its tokens stay as they are and are refused (organization_not_authorized) until access is granted again.",
        "",
        "Ask whoever runs this service. They grant access with:",
        f"    merchant-mcp workspace grant {workspace.workspace_id}",
        "",
        MANAGER,
    )
    subject = f"Workspace {quoted(workspace.name)} is shut out of MCP"
    return _notice(subject, lines, to=_managers(workspace), places=places)


def _altered(event: TamperFound, workspace: Workspace, places: Places) -> Notice | None:
    lines = (
        f"Workspace:   {quoted(workspace.name)} ({workspace.workspace_id})",
        "",
        f"A row of its audit trail was {event.tampering} at {moment(event.at)}, which nobody may do:",
        f"    {quoted(event.row)}",
        "",
        "There may be more, of which you get no other notice within the hour:",
        f"    GET {places.api_url}/audit/events?type={event.type}",
        "",
        "Ask whoever runs this service who has done it. What was sealed before is in the archive as it was; export it:",
        f"    merchant-mcp audit export -w {workspace.workspace_id}",
        f"and check it with your own copy of the log's key: {places.docs_url}/audit",
        "",
        MANAGER,
    )
    subject = f"The audit trail of workspace {quoted(workspace.name)} was altered"
    return _notice(subject, lines, to=_managers(workspace), places=places)


def _connected(event: GrantApproved, about: _About) -> Notice | None:
    """Tell somebody what was done in their name: whoever holds their session could have done it."""
    token = about.token
    if token.status not in LIVE:
        return None  # undone since
    return about.told(
        "was connected to your account",
        f"Since {moment(event.at)} it may do this in your name: {', '.join(sorted(token.scopes))}.",
        f"If that was not you, or nothing needs it any more, revoke it:\n{about.route(token.token_id, 'revoke')}",
        "If that was not you, end your sessions where you sign in, too.",
        to=about.concerned,
        of=f"App {quoted(event.client_name)}",
    )


def _facts_of(app: App) -> tuple[str, str]:
    """Name an app by what it calls itself, and by where it takes its answers, which nobody can pretend."""
    return (f"App:         {quoted(app.client_name)}", f"Reached at:  {quoted(app.redirect_host)}")


def _reminded(event: ExpiryReminded, about: _About) -> Notice | None:
    token = about.token
    if token.status not in LIVE or token.successor_id is not None:
        return None  # ended or rotated since: there is nothing left to be done in time
    return about.told(
        f"expires in {_days(event.expires_at - event.at)}",
        f"It expires at {moment(event.expires_at)} and is refused from then on (token_expired).",
        "Rotate it before. The successor is shown once, and both are let in for a day, or for up to seven with "
        f"overlap_seconds:\n{about.route(token.token_id, 'rotate')}\n"
        f"or, with the token itself in place of a sign-in:\n{about.route('self', 'rotate')}",
        "If nothing needs it any more, there is nothing to do.",
        to=about.concerned,
    )


def _days(left: timedelta) -> str:
    """Count what was really left when the reminder was due or, if the sweep was down, when it was made up for."""
    days = (left + DAY / 2) // DAY
    return f"{days} days" if days > 1 else "one day" if days == 1 else "less than a day"


def _cut_off(event: OverlapEnded, about: _About, succession: Succession) -> Notice | None:
    ended = (
        f"It was rotated, and the overlap ended at {moment(about.token.expires_at or event.at)}. Clients that still "
        "have it are refused (token_rotated), and"
    )
    living = succession.living
    if living is None:
        return about.told(
            "has ended, and no successor is left",
            f"{ended} no token that was made in its place lives.",
            f"If something still needs it: {about.anew}",
            to=about.concerned,
        )
    if succession.used:
        return None  # the clients have gone over: this is what a rotation is for
    suspended = f"The successor is suspended. Resume it first:\n{about.route(living.token_id, 'resume')}"
    return about.told(
        "has ended, and its successor was never used",
        f"{ended} nobody has used its successor, {living.token_id}, yet.",
        *([suspended] if living.status is Status.SUSPENDED else []),
        "Give the successor to the clients. If its secret got lost, rotate the successor, which shows a new one:\n"
        + about.route(living.token_id, "rotate"),
        to=about.concerned,
    )


def _flagged(event: AbandonmentFlagged, about: _About) -> Notice | None:
    token = about.token
    if token.flagged_at is None or token.suspended_at == event.at:
        return (
            None  # used again or ended since; or suspended at once by the workspace's policy, which is told by itself
        )
    return about.told(
        "seems to be abandoned",
        f"Nobody has used it since {moment(event.idle_since)}, longer than its use so far explains "
        f"({event.after_days} days).",
        f"If nothing needs it any more, revoke it:\n{about.route(token.token_id, 'revoke')}",
        "If something does, there is nothing to do: the next use clears the flag.",
        to=about.concerned,
    )


def _leaked(event: LeakReported, about: _About) -> Notice | None:
    trail = f"    GET {about.places.api_url}/audit/events?token={about.token.token_id}"
    return about.told(
        "was leaked and is revoked",
        f"The whole token was shown to us at {moment(event.at)} (source: {quoted(event.source)}), so it is no secret "
        "any more. It was revoked in the same moment and is refused since then (token_revoked).",
        f"Look at what was done with it, and from where:\n{trail}",
        "Then find the place where it was published: whoever has seen that may have seen more.",
        f"If something still needs a token: {about.anew}",
        to=about.concerned | _managers(about.workspace),
        why=MANAGER if about.token.kind is TokenKind.ORGANIZATION else EITHER,
    )


def _managers(workspace: Workspace) -> frozenset[str]:
    return frozenset(member.member_id for member in workspace.members.values() if member.role in MANAGERS)


def _notice(subject: str, lines: tuple[str, ...], *, to: frozenset[str], places: Places) -> Notice | None:
    if not to:
        return None
    more = f"When such notices are sent: {places.docs_url}/notices"
    text = "\n".join((*lines, more))
    return Notice(subject=subject, lines=tuple(text.split("\n")), to=to)


def quoted(text: str) -> str:
    """Give what somebody else has written: one line, not too long, and no whole token even if one stands in it."""
    return text_quoted(without_tokens(clean_line(text)), longest=REASON_LENGTH)


def moment(at: datetime) -> str:
    """Write a moment for people: in UTC, to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
