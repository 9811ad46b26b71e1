"""/v1/tokens/self: what a token may do here with itself as its only credential: look at itself, and rotate itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from fastapi.security.base import SecurityBase

from shared.services.gate import Request as GateRequest
from shared.services.refusals import Reason, Refusal
from shared.services.rotate_token_once import rotate_self
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenRow
from shared.transports.http.bodies import CreatedToken, TokenView
from shared.transports.http.collaborators import Now, Parts, ip_of, user_agent_of
from shared.transports.http.made import MADE_BEFORE, IdempotencyKey, answer_of
from shared.transports.http.openapi import BODY, SELF, refused_with
from shared.transports.http.problems import request_id_of
from shared.transports.http.refusals import TokenRefused
from shared.transports.http.rotation import RotateTokenBody

router = APIRouter(prefix="/tokens/self", tags=["with the token itself"])

# Only for the description of the API: the gate reads the header itself, to say what is wrong with it.
_scheme: SecurityBase = HTTPBearer(
    scheme_name="token", auto_error=False, description="A token (`mfp_...` or `mfs_...`), as at /mcp."
)

DOTS_OF_A_SIGN_IN = 2
NOT_A_SIGN_IN = (
    "This route takes the token itself (mfp_... or mfs_...), not the sign-in of a member: "
    "with that, ask for /v1/tokens/ and the id of the token."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """The token that a request came with, let in by the gate."""

    row: TokenRow
    origin: Origin


def _bearer(request: Request, parts: Parts, now: Now) -> Bearer:
    """Let the token in as /mcp does, but count it on no limit: who has used up a window may still rotate."""
    answer = parts.gate.enter(
        GateRequest(
            authorization=request.headers.get("authorization"),
            method=f"{request.method} {request.url.path}",
            tool=None,
            is_call=False,
            counts=False,
            request_id=request_id_of(request.scope),
            ip=ip_of(request),
            user_agent=user_agent_of(request),
            now=now,
        )
    )
    if isinstance(answer, Refusal):
        is_sign_in = answer.reason is Reason.TOKEN_MALFORMED and _looks_like_a_sign_in(request)
        raise TokenRefused(answer, hint=NOT_A_SIGN_IN if is_sign_in else None)
    # What a token does to itself is its own doing, not its owner's.
    return Bearer(row=answer.row, origin=replace(answer.origin, actor=f"token:{answer.token.token_id}"))


def _looks_like_a_sign_in(request: Request) -> bool:
    """Tell whether a JWT was sent: three parts with dots between them, of which a token has none."""
    return request.headers.get("authorization", "").count(".") == DOTS_OF_A_SIGN_IN


async def _described(bearer: Annotated[Bearer, Depends(_bearer)], _: Annotated[object, Security(_scheme)]) -> Bearer:
    return bearer


OwnToken = Annotated[Bearer, Depends(_described)]


@router.get("", responses=refused_with(*SELF))
def get(own: OwnToken, now: Now) -> TokenView:
    """Look at the token that the request is made with."""
    return TokenView.of(own.row, now=now)


@router.post(
    "/rotate",
    status_code=201,
    response_model=CreatedToken,
    responses={**MADE_BEFORE, **refused_with(400, *SELF, *BODY, 422)},
)
def rotate(
    body: RotateTokenBody, own: OwnToken, now: Now, parts: Parts, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Give the token a successor with its scopes or fewer, shown in this answer only. Repeat it with its key."""
    made = rotate_self(
        own.row.token,
        body.wanted(),
        key=idempotency_key,
        origin=own.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        workspaces=parts.workspaces,
        replies=parts.replies,
        evidence=parts.evidence,
        audit=parts.trail.audit,
    )
    return answer_of(made, now)
