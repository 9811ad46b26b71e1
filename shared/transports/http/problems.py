"""The one table from a refusal to its status, and how it is told: `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPMethod
from types import MappingProxyType
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from shared.domain.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted
from shared.domain.text import shortened
from shared.domain.token.rotation import AlreadyRotated
from shared.domain.token.wording import without_tokens
from shared.services.find_membership import WorkspaceUnnamed
from shared.services.refusals import Reason
from shared.services.report_leaks import ReportUnfinished
from shared.storage.contracts.seals import SealLost
from shared.storage.contracts.streams import PositionInvalid, StoreUnavailable, StreamMoved
from shared.transports.http.refusals import (
    BearerRefused,
    CredentialMissing,
    IssuerUnavailable,
    Malformed,
    MethodNotAllowed,
    NotJson,
    RouteUnknown,
    SignatureRefused,
    TokenRefused,
    TooLarge,
)

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 10
"""Fields that one answer complains about."""
NAME_SHOWN = 60
"""So much of the name of a field that there is none of."""
UNAUTHORIZED = 401
SEND_A_BODY = "Send a JSON object: {} where every field may be left out. "


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind of refusal is told."""

    status: int
    title: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


FORMS: dict[type[Exception], Form] = {
    Malformed: Form(400, "The request cannot be read"),
    WorkspaceUnnamed: Form(400, "The request does not name a workspace"),
    CredentialMissing: Form(401, "Not signed in", {"WWW-Authenticate": "Bearer"}),
    BearerRefused: Form(401, "Not signed in", {"WWW-Authenticate": 'Bearer error="invalid_token"'}),
    TokenRefused: Form(401, "Not signed in"),  # or the status of its reason: see `_of_token`
    NotPermitted: Form(403, "Not permitted"),
    SignatureRefused: Form(403, "Not permitted"),  # not 401: no scheme of HTTP asks for such a signature
    NotFound: Form(404, "Not found"),
    RouteUnknown: Form(404, "Not found"),
    MethodNotAllowed: Form(405, "Method not allowed"),
    Conflict: Form(409, "Conflict"),
    TooLarge: Form(413, "The request is too large"),
    NotJson: Form(415, "Unsupported media type"),
    Invalid: Form(422, "The request breaks a rule"),
    PositionInvalid: Form(422, "The request breaks a rule"),
    SealLost: Form(500, "Something went wrong on our side"),
    IssuerUnavailable: Form(503, "Unavailable", {"Retry-After": "10"}),
    ReportUnfinished: Form(503, "Unavailable", {"Retry-After": "1"}),
    StoreUnavailable: Form(503, "Unavailable", {"Retry-After": "5"}),
    StreamMoved: Form(503, "Unavailable", {"Retry-After": "1"}),
}

INTERNAL = Form(500, "Something went wrong on our side")

WORDS: dict[type[Exception], DomainError] = {
    PositionInvalid: Invalid(
        "cursor_invalid",
        "The cursor does not belong to this list, or it is too old.",
        hint="Ask for the first page again, with the same filters.",
        field="cursor",
    ),
    StoreUnavailable: DomainError(
        "store_unavailable",
        "The service cannot reach its store at the moment.",
        hint="Nothing is wrong with the request. Repeat it after the seconds in Retry-After.",
    ),
    StreamMoved: DomainError(
        "busy",
        "Others kept changing the same thing, so this change was not made.",
        hint="Repeat the request after the seconds in Retry-After.",
    ),
}
"""What is said of the errors of storage, which have no words for callers of their own."""

OUR_FAULT = DomainError(
    "internal",
    "Something went wrong on our side.",
    hint="Try again; if it happens again, report the request_id.",
)


class FieldProblem(BaseModel):
    """One field that a body or a query has wrong."""

    field: str
    detail: str


class Problem(BaseModel):
    """An RFC 9457 problem, and what a program needs to react to it."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Where this kind of problem is explained.")
    title: str
    status: int
    detail: str
    code: str = Field(description="For programs; never changes its meaning.")
    hint: str = Field(description="How to mend it.")
    request_id: str = Field(description="What the log knows this request by.")
    field: str | None = Field(default=None, description="The field, parameter or header that is wrong.")
    errors: list[FieldProblem] | None = Field(default=None, description="Every field that is wrong, if several are.")
    workspaces: list[str] | None = Field(default=None, description="With workspace_required: the ids to choose from.")
    successor: str | None = Field(default=None, description="With already_rotated: the id of the one that lives.")
    expired_at: str | None = Field(default=None, description="With token_expired.")
    revoked_at: str | None = Field(default=None, description="With token_revoked.")
    rotated_at: str | None = Field(default=None, description="With token_rotated: when the overlap ended.")
    suspended_at: str | None = Field(default=None, description="With token_suspended.")
    retry_after_seconds: int | None = Field(default=None, description="As Retry-After says, where a token is refused.")


class ProblemResponse(JSONResponse):
    """A problem on its way out."""

    media_type = MEDIA_TYPE

    def render(self, content: object) -> bytes:
        """Write it; a token that was sent where none belongs is not repeated, wherever it would stand."""
        return without_tokens(super().render(content).decode()).encode()


def request_id_of(scope: Scope) -> str:
    """Give the gateway's id of the request, which Mangum carries along with the event."""
    return str(scope["aws.event"]["requestContext"]["requestId"])


def problem_of(error: Exception, *, docs_url: str, scope: Scope) -> ProblemResponse:
    """Tell a refusal of the table, of the framework or of the shapes; anything else is our fault and is not told."""
    match error:
        case RequestValidationError():
            return _of_shape(error, docs_url=docs_url, scope=scope)
        case HTTPException():
            said = _of_framework(error)
            headers = {"Allow": _methods_of(scope)} if isinstance(said, MethodNotAllowed) else error.headers
            return _response(form_of(said), said, docs_url=docs_url, scope=scope, headers=headers)
        case TokenRefused():
            return _of_token(error, docs_url=docs_url, scope=scope)
        case DomainError() if form_of(error) is not INTERNAL:
            return _response(form_of(error), error, docs_url=docs_url, scope=scope)
        case _ if type(error) in WORDS:
            logger.warning("the store refused", extra={"request_id": request_id_of(scope)}, exc_info=error)
            return _response(form_of(error), WORDS[type(error)], docs_url=docs_url, scope=scope)
        case _:
            # The traceback is logged by whoever called the app: the framework raises the error again.
            logger.error("the request failed", extra={"request_id": request_id_of(scope)})
            return _response(INTERNAL, OUR_FAULT, docs_url=docs_url, scope=scope)


def route_unknown() -> RouteUnknown:
    """Say that a path is none."""
    return RouteUnknown(
        "route_unknown", "Nothing lies under this path.", hint="/v1/openapi.json describes every route."
    )


def form_of(error: Exception) -> Form:
    """Find an error's place in the table: its own, or that of the kind which it is a case of."""
    return next((FORMS[kind] for kind in type(error).__mro__ if kind in FORMS), INTERNAL)


def _of_token(error: TokenRefused, *, docs_url: str, scope: Scope) -> ProblemResponse:
    """Tell a refusal of the gate as a problem: its status, its words, its facts."""
    refusal = error.refusal
    headers: dict[str, str] = {}
    if refusal.form.status == UNAUTHORIZED:
        missing = refusal.reason is Reason.CREDENTIAL_MISSING
        headers["WWW-Authenticate"] = "Bearer" if missing else 'Bearer error="invalid_token"'
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    title = next(form.title for form in FORMS.values() if form.status == refusal.form.status)
    form = Form(refusal.form.status, title, headers)
    return _response(form, error, docs_url=docs_url, scope=scope, facts=refusal.details)


def _of_framework(error: HTTPException) -> DomainError:
    match error.status_code:
        case 404:
            return route_unknown()
        case 405:
            return MethodNotAllowed(
                "method_not_allowed",
                "The path does not take this method.",
                hint="The header Allow names those it takes.",
            )
        case _:  # a body so strange that the parser gave up without saying where
            return _not_json()


def _methods_of(scope: Scope) -> str:
    """Name the methods that a path takes. The framework names those of the first route that has the path."""
    routes: Sequence[BaseRoute] = scope["app"].routes
    asked = ((method, {**scope, "method": method.value}) for method in HTTPMethod)
    return ", ".join(
        sorted(method for method, ask in asked if any(route.matches(ask)[0] is Match.FULL for route in routes))
    )


def _of_shape(error: RequestValidationError, *, docs_url: str, scope: Scope) -> ProblemResponse:
    """Name the fields that have the wrong shape; what was sent is not repeated."""
    errors: Sequence[Any] = error.errors()
    if any(each["type"] == "json_invalid" for each in errors):
        return _response(FORMS[Malformed], _not_json(), docs_url=docs_url, scope=scope)
    fields = [FieldProblem(field=_place(each["loc"]), detail=_detail(each)) for each in errors[:MOST_ERRORS]]
    no_body = any(each["type"] == "missing" and tuple(each["loc"]) == ("body",) for each in errors)
    said = Invalid(
        "request_invalid",
        "; ".join(f"{each.field}: {each.detail}" for each in fields),
        hint=f"{SEND_A_BODY if no_body else ''}/v1/openapi.json says what each route takes.",
        field=fields[0].field,
    )
    return _response(FORMS[Invalid], said, docs_url=docs_url, scope=scope, facts={"errors": fields})


def _detail(error: Mapping[str, Any]) -> str:
    """Say what is wrong, without the word that pydantic puts before what a check of ours says."""
    return str(error["msg"]).removeprefix("Value error, ")


def _not_json() -> Malformed:
    return Malformed("json_malformed", "The body is not JSON.", hint="Send one JSON object.")


def _place(loc: Sequence[str | int]) -> str:
    """Name a field: `body` alone, or the path within the body, the query or the headers."""
    return ".".join(shortened(str(part), longest=NAME_SHOWN) for part in loc[1:]) or str(loc[0])


def _response(
    form: Form,
    said: DomainError,
    *,
    docs_url: str,
    scope: Scope,
    headers: Mapping[str, str] | None = None,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> ProblemResponse:
    problem = Problem(
        type=f"{docs_url}/api#{said.code}",
        title=form.title,
        status=form.status,
        detail=said.message,
        code=said.code,
        hint=said.hint,
        request_id=request_id_of(scope),
        field=said.field,
        workspaces=list(said.workspace_ids) if isinstance(said, WorkspaceUnnamed) else None,
        successor=said.successor_id if isinstance(said, AlreadyRotated) else None,
        **facts,  # fields of `Problem`, which checks them
    )
    body = problem.model_dump(mode="json", exclude_none=True)
    return ProblemResponse(body, status_code=form.status, headers={**form.headers, **(headers or {})})
