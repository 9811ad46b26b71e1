"""The way of a request through the credential, the limit and the trail.

    enter    who is it, may it come in, is there room         -> Pass or Refusal
    (the tool runs)
    settle   write the call to the trail, or withhold the answer

Store operations when the token is known to the container: a call under a limit on the token itself costs two writes and
no read; under a limit on something larger two writes and one read of the token row; a request that is not counted one
read. A test counts them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain import limits
from shared.domain.activity import CallDenied, CallEvent, is_recorded
from shared.domain.plans import Counted, LimitSubject, Plan, plan_of
from shared.domain.token.policy import is_within
from shared.domain.token.state import Token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed
from shared.services.credentials.verified import VerifiedCredentials
from shared.services.denials import Denials, Denied
from shared.services.refusals import LimitState, Reason, Refusal, over_limit, signing_in_again, unavailable
from shared.services.verify_token import KnownToken, refusal_of, shows_access_token, verify_token
from shared.storage.contracts.audit import AuditLog, TrailConflict
from shared.storage.contracts.streams import Origin, StoreUnavailable
from shared.storage.contracts.tokens import Admitted, Arrival, NotAdmitted, SubjectStore, TokenRow, TokenStore

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the gate needs to know of a request."""

    authorization: str | None = field(repr=False)
    method: str
    """The JSON-RPC method."""
    tool: str | None
    """The name of the tool, if it is one of ours."""
    is_call: bool
    """Whether it is a `tools/call` that will be answered; a notification never is."""
    counts: bool = True
    """Whether it takes a place in the window where the plan counts such requests."""
    request_id: str
    ip: str | None
    user_agent: str | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A request that was let in: on whose behalf, under which terms, as which call."""

    row: TokenRow
    """The token as its row was when the request was let in."""
    plan: Plan
    number: int
    """The number of the call (0: not a counted call)."""
    limit: LimitState | None
    """Where the limit stands, if the request was counted."""
    origin: Origin

    @property
    def token(self) -> Token:
        """The token."""
        return self.row.token


def _unmetered(_: Reason) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The collaborators of the call path, and what one container remembers."""

    keys: CredentialKeys = field(repr=False)
    tokens: TokenStore
    subjects: SubjectStore
    audit: AuditLog
    verified: VerifiedCredentials = field(default_factory=VerifiedCredentials)
    denials: Denials = field(default_factory=Denials)
    resource: str | None = None
    """The address that access tokens must have been made for (RFC 8707); None: none is taken here."""
    meter: Callable[[Reason], None] = _unmetered
    """Told of every refusal, those of garbage too, which no trail could hold."""

    def enter(self, request: Request) -> Pass | Refusal:
        """Let a request in and count it, or say why not; the refusal of a known token goes into the trail."""
        answer = self._enter(request)
        if isinstance(answer, Refusal):
            self.meter(answer.reason)
            if self.resource is not None and shows_access_token(request.authorization):
                return signing_in_again(answer)
        return answer

    def _enter(self, request: Request) -> Pass | Refusal:
        try:
            known = verify_token(request.authorization, keys=self.keys, tokens=self.tokens, verified=self.verified)
            if isinstance(known, Refusal):
                return known
            if known.resource is not None and known.resource != self.resource:
                logger.warning("token refused", extra={"reason": "other_resource", "token_id": known.token_id})
                return Refusal(reason=Reason.TOKEN_UNKNOWN)
            counted = _is_counted(known, request)
            answer = self.denials.recall(known.known_as, now=request.now, counted=counted) or self._admit(
                known, request
            )
        except StoreUnavailable:
            logger.exception("store unavailable", extra={"request_id": request.request_id})
            return unavailable(Reason.STORE_UNAVAILABLE)
        if isinstance(answer, Pass):
            return answer
        self._note(answer, known, request)
        return _told_now(answer, request.now)

    def settle(self, event: CallEvent, let_in: Pass) -> Refusal | None:
        """Write a call to the trail. A refusal means: do not give the answer away."""
        try:
            self.audit.record(event, workspace_id=let_in.token.workspace_id, origin=let_in.origin)
        except (StoreUnavailable, TrailConflict):
            logger.exception("audit unavailable", extra={"request_id": let_in.origin.request_id})
            self.meter(Reason.AUDIT_UNAVAILABLE)
            return replace(unavailable(Reason.AUDIT_UNAVAILABLE), limit=let_in.limit)
        return None

    def _admit(self, known: KnownToken, request: Request) -> Pass | Denied:
        plan = plan_of(known.plan)
        row, counting = self._count(plan, known, request)
        refusal = refusal_of(row, known, ip=request.ip, now=request.now, keys=self.keys)
        if row is not None and _has_moved(row, known) and is_sealed(row, self.keys):
            # The workspace has other terms since this container last looked: they decide, so ask again.
            self.verified.learn(known.known_as, row.terms)
            return self._admit(replace(known, plan=row.terms.plan, networks=row.terms.networks, row=row), request)
        if row is None or refusal is not None:
            return _denied(refusal, row)
        if isinstance(counting, NotAdmitted):
            return _full(counting, plan, row, request.now)
        return Pass(
            row=row,
            plan=plan,
            number=counting.number if counting is not None else 0,
            limit=_left(counting, plan, request.now) if counting is not None else None,
            origin=_origin(request, row.token.owner_id),
        )

    def _count(
        self, plan: Plan, known: KnownToken, request: Request
    ) -> tuple[TokenRow | None, Admitted | NotAdmitted | None]:
        """Count the request where the plan counts it (None: nowhere), and give the token row as it is now."""
        arrival = Arrival(
            request_id=request.request_id,
            now=request.now,
            is_call=request.is_call,
            token_id=known.token_id,
            generation=known.generation,
        )
        if _is_counted(known, request) and plan.limit_subject is LimitSubject.TOKEN:
            counting = self.tokens.admit(known.token_id, arrival, limit=plan.per_minute, plan=plan.key)
            return counting.row, counting
        row = known.row or self.tokens.get(known.token_id)
        if (
            row is None
            or not _is_counted(known, request)
            or _has_moved(row, known)
            or refusal_of(row, known, ip=request.ip, now=request.now, keys=self.keys) is not None
        ):
            return row, None
        subject = "workspace" if plan.limit_subject is LimitSubject.WORKSPACE else f"member:{row.token.owner_id}"
        return row, self.subjects.admit(row.token.workspace_id, subject, arrival, limit=plan.per_minute)

    def _note(self, denied: Denied, known: KnownToken, request: Request) -> None:
        """Remember a refusal, and write it down if its count says so; a trail that is down changes no refusal."""
        self.denials.remember(known.known_as, denied)
        count = self.denials.count(known.token_id, denied.refusal.reason, now=request.now)
        if denied.workspace_id is None or not is_recorded(count):
            return
        event = CallDenied(
            token_id=known.token_id,
            reason=denied.refusal.reason,
            method=request.method,
            tool=request.tool,
            count=count,
            at=request.now,
        )
        try:
            self.audit.record(event, workspace_id=denied.workspace_id, origin=_origin(request, denied.owner_id))
        except (StoreUnavailable, TrailConflict):
            logger.exception("a refusal was not recorded", extra={"request_id": request.request_id})


def _is_counted(known: KnownToken, request: Request) -> bool:
    """Tell whether a request takes a place in the window: none does from a network that is shut out, or too late."""
    counts = request.is_call or plan_of(known.plan).counted is Counted.REQUESTS
    return request.counts and counts and not known.is_over(request.now) and is_within(known.networks, request.ip)


def _has_moved(row: TokenRow, known: KnownToken) -> bool:
    return (row.terms.plan, row.terms.networks) != (known.plan, known.networks)


def _origin(request: Request, owner_id: str) -> Origin:
    """A call acts for the token's owner; which token it was stands in the event."""
    return Origin(actor=owner_id, request_id=request.request_id, ip=request.ip, user_agent=request.user_agent)


def _denied(refusal: Refusal | None, row: TokenRow | None) -> Denied:
    """Make a denial; a row that is gone or not sealed by us names no workspace whose trail could be trusted with it."""
    if row is None or refusal is None or refusal.reason is Reason.TOKEN_UNKNOWN:
        return Denied(refusal=Refusal(reason=Reason.TOKEN_UNKNOWN), workspace_id=None, owner_id="")
    return Denied(refusal=refusal, workspace_id=row.token.workspace_id, owner_id=row.token.owner_id)


def _left(counting: Admitted, plan: Plan, now: datetime) -> LimitState:
    return LimitState(
        policy=plan.key,
        quota=plan.per_minute,
        window_seconds=int(limits.WINDOW.total_seconds()),
        remaining=max(0, plan.per_minute - counting.used),
        reset_seconds=limits.seconds_until(limits.start_of(counting.slot + limits.REACH + 1), now),
    )


def _full(counting: NotAdmitted, plan: Plan, row: TokenRow, now: datetime) -> Denied:
    slot = limits.effective_slot(counting.window, limits.slot_of(now))
    opens_at = limits.start_of(limits.opens(counting.window, slot, plan.per_minute))
    limit = LimitState(
        policy=plan.key,
        quota=plan.per_minute,
        window_seconds=int(limits.WINDOW.total_seconds()),
        remaining=0,
        reset_seconds=0,
    )
    refusal = Refusal(reason=Reason.RATE_LIMITED, limit=limit)
    return Denied(refusal=refusal, workspace_id=row.token.workspace_id, owner_id=row.token.owner_id, opens_at=opens_at)


def _told_now(denied: Denied, now: datetime) -> Refusal:
    """Fill in how long a full window lasts from now on."""
    limit = denied.refusal.limit
    if denied.opens_at is None or limit is None:
        return denied.refusal
    return over_limit(replace(limit, reset_seconds=limits.seconds_until(denied.opens_at, now)))
