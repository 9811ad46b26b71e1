"""Every way in which the call path says no, in one table: the status, the code, the words and the way out.

A refusal is a value. The words are printable ASCII without quotes, backslashes or backticks, because some clients show
the raw JSON body: what stands here is what a person reads. Nothing that a caller sent is repeated in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from shared.domain.scopes import Scope
from shared.domain.token.state import Token


class Reason(StrEnum):
    """Why a request was refused; part of the wire format."""

    CREDENTIAL_MISSING = "credential_missing"
    TOKEN_MALFORMED = "token_malformed"
    TOKEN_UNKNOWN = "token_unknown"
    TOKEN_EXPIRED = "token_expired"
    TOKEN_REVOKED = "token_revoked"
    TOKEN_ROTATED = "token_rotated"
    TOKEN_SUSPENDED = "token_suspended"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    PLAN_REQUIRED = "plan_required"
    ORGANIZATION_NOT_AUTHORIZED = "organization_not_authorized"
    IP_DENIED = "ip_denied"
    RATE_LIMITED = "rate_limited"
    AUDIT_UNAVAILABLE = "audit_unavailable"
    STORE_UNAVAILABLE = "store_unavailable"


@dataclass(frozen=True, slots=True)
class Form:
    """How a reason is told: HTTP status, JSON-RPC code, what happened, and how to mend it."""

    status: int
    code: int
    message: str
    hint: str


RETRY_STORE_SECONDS = 5
CONNECT = "Sign in again to connect the app: WWW-Authenticate says where."
"""What helps an app, which renews its tokens itself; nobody can put one into its configuration."""

FORMS: dict[Reason, Form] = {
    Reason.CREDENTIAL_MISSING: Form(
        401,
        -32010,
        "No credential was sent.",
        "Send the header Authorization: Bearer <token> (the word Bearer, one space, then the token).",
    ),
    Reason.TOKEN_MALFORMED: Form(
        401,
        -32010,
        "The credential is not one of our tokens, or it was cut or changed on the way.",
        "Send it as exactly Authorization: Bearer <token> (one space), "
        "and copy the whole token again: mfp_ or mfs_ and 71 letters and digits, no quotes.",
    ),
    Reason.TOKEN_UNKNOWN: Form(
        401,
        -32010,
        "There is no such token.",
        "Compare it with the list under Settings > Developer > MCP, or generate a new one there.",
    ),
    Reason.TOKEN_EXPIRED: Form(
        401,
        -32010,
        "The token has expired.",
        "Generate a new one under Settings > Developer > MCP and put it in the client's configuration.",
    ),
    Reason.TOKEN_REVOKED: Form(
        401,
        -32010,
        "The token was revoked.",
        "Ask the owner of the workspace why; generate a new one under Settings > Developer > MCP.",
    ),
    Reason.TOKEN_ROTATED: Form(
        401,
        -32010,
        "The token was rotated: a newer one has taken its place.",
        "Put the newest token in the client's configuration and restart the client.",
    ),
    Reason.TOKEN_SUSPENDED: Form(
        401,
        -32010,
        "The token is suspended.",
        "Ask an owner of the workspace to resume it; the same token then works again. Where its token policy keeps it "
        "out, use another.",
    ),
    Reason.INSUFFICIENT_SCOPE: Form(
        403,
        -32011,
        "The token lacks a scope that this tool needs.",
        "Generate a token that has the scopes named in missing_scopes, or call a tool that tools/list shows.",
    ),
    Reason.PLAN_REQUIRED: Form(
        403,
        -32013,
        "The plan of the workspace does not include MCP.",
        "Move the workspace to the Plus plan; the same token then works again.",
    ),
    Reason.ORGANIZATION_NOT_AUTHORIZED: Form(
        403,
        -32013,
        "organization not authorized: the workspace is not on the MCP access list, or its access was suspended.",
        "Ask support to grant or restore MCP access; the same token then works again.",
    ),
    Reason.IP_DENIED: Form(
        403,
        -32013,
        "The workspace does not allow calls from this address.",
        "Call from a network that the workspace's token policy lists, or ask its owner to add this one.",
    ),
    Reason.RATE_LIMITED: Form(
        429,
        -32012,
        "rate limit exceeded.",
        "Wait for the seconds in Retry-After, then go on more slowly; the RateLimit header tells what is left.",
    ),
    Reason.AUDIT_UNAVAILABLE: Form(
        503,
        -32014,
        "The call could not be written to the audit trail, so its answer is withheld.",
        "Nothing was changed. Call again after the seconds in Retry-After.",
    ),
    Reason.STORE_UNAVAILABLE: Form(
        503,
        -32014,
        "The service cannot reach its store at the moment.",
        "Nothing is wrong with the request or the token. Try again after the seconds in Retry-After.",
    ),
}


TO_APPS: dict[Reason, tuple[str, str]] = {
    Reason.TOKEN_MALFORMED: ("The access token is not one of ours, or it was cut or changed on the way.", CONNECT),
    Reason.TOKEN_UNKNOWN: ("There is no such access token, or it is for another address.", CONNECT),
    Reason.TOKEN_EXPIRED: (
        "The access token has expired.",
        f"Get the next one with the refresh token; if that is refused: {CONNECT}",
    ),
    Reason.TOKEN_REVOKED: ("What the app was allowed has been revoked.", CONNECT),
    Reason.TOKEN_ROTATED: (
        "The access token was replaced: the app has been given newer ones.",
        f"Use the newest access token; if it was lost: {CONNECT}",
    ),
    Reason.TOKEN_SUSPENDED: (
        "What the app was allowed is suspended.",
        "Ask an owner of the workspace to resume it; the same access then works again.",
    ),
    Reason.INSUFFICIENT_SCOPE: (
        "The app was not allowed a scope that this tool needs.",
        "Connect the app again and allow the scopes named in missing_scopes, or call a tool that tools/list shows.",
    ),
}
"""What is said instead to an app that a member connected: what happened, and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitState:
    """Where a limit stands after a request."""

    policy: str
    """Name of the policy: the plan's key."""
    quota: int
    window_seconds: int
    remaining: int
    reset_seconds: int
    """Until the requests counted so far have left the window, or until there is room again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A request that was not let through, and everything that its answer says."""

    reason: Reason
    details: Mapping[str, str | int | list[str]] = field(default_factory=dict[str, str | int | list[str]])
    """The named fields of the answer's `data`."""
    retry_after: int | None = None
    limit: LimitState | None = None
    sign_in_for: frozenset[Scope] | None = None
    """What an app is to ask for when it signs in again; None: it was a static token, which no sign-in mends."""

    @property
    def form(self) -> Form:
        """The row of the table, in the words for whoever is refused."""
        form = FORMS[self.reason]
        if self.sign_in_for is None or self.reason not in TO_APPS:
            return form
        message, hint = TO_APPS[self.reason]
        return replace(form, message=message, hint=hint)


def instant(at: datetime) -> str:
    """Write a moment as the refusals do: RFC 3339, UTC, whole seconds."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def expired(at: datetime) -> Refusal:
    """Say when the token expired."""
    return Refusal(reason=Reason.TOKEN_EXPIRED, details={"expired_at": instant(at)})


def revoked(at: datetime | None) -> Refusal:
    """Say when the token was revoked."""
    return Refusal(reason=Reason.TOKEN_REVOKED, details={"revoked_at": instant(at)} if at is not None else {})


def rotated(at: datetime | None) -> Refusal:
    """Say when the token's place was taken for good."""
    return Refusal(reason=Reason.TOKEN_ROTATED, details={"rotated_at": instant(at)} if at is not None else {})


def suspended(at: datetime | None) -> Refusal:
    """Say since when the token is suspended."""
    return Refusal(reason=Reason.TOKEN_SUSPENDED, details={"suspended_at": instant(at)} if at is not None else {})


def lacks_scope(tool: str, missing: frozenset[Scope], token: Token) -> Refusal:
    """Name the tool and the scopes that the token would need; an app is to ask for them and for what it has."""
    return Refusal(
        reason=Reason.INSUFFICIENT_SCOPE,
        details={"tool": tool, "missing_scopes": sorted(str(s) for s in missing)},
        sign_in_for=token.scopes | missing if token.app is not None else None,
    )


def signing_in_again(refusal: Refusal) -> Refusal:
    """Say it to an app, which a sign-in may help."""
    return replace(refusal, sign_in_for=frozenset(Scope))


def over_limit(limit: LimitState) -> Refusal:
    """Say how long to wait."""
    return Refusal(
        reason=Reason.RATE_LIMITED,
        details={"retry_after_seconds": limit.reset_seconds, "policy": limit.policy},
        retry_after=limit.reset_seconds,
        limit=limit,
    )


def unavailable(reason: Reason) -> Refusal:
    """Say that the store or the trail is down, and when to try again."""
    return Refusal(reason=reason, details={"retry_after_seconds": RETRY_STORE_SECONDS}, retry_after=RETRY_STORE_SECONDS)
