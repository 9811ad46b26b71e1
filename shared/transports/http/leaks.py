"""/v1/tokens/report-leak: end a token that was seen where it should not be. No login; a stranger is told nothing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, Field

from shared.domain.token.decider import LEAK_REPORT
from shared.services.report_leaks import report_leaks
from shared.storage.contracts.streams import Origin
from shared.transports.http.collaborators import Now, Parts
from shared.transports.http.github import Finding, Verdict, check_signature, findings_in, verdict_on
from shared.transports.http.openapi import refused_with
from shared.transports.http.problems import request_id_of

router = APIRouter(prefix="/tokens/report-leak", tags=["leaks"])

ANYBODY = "anonymous"
GITHUB = "github"
LONGEST_BODIES = {"/v1/tokens/report-leak/github": 1024 * 1024}
"""One report of GitHub's may hold many findings."""
SIGNED_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "array", "items": Finding.model_json_schema()}}},
    }
}
"""The description of a body that FastAPI does not read: the signature is over its bytes."""


class Leak(BaseModel):
    """What was found. Other fields are ignored, not refused as elsewhere: the refusal would have to name them."""

    token: str = Field(strict=True, description="The whole token, as it was found.")


class LeakReceived(BaseModel):
    """Always the same."""

    received: Literal[True] = True


def _reporter(request: Request) -> Origin:
    # The trail that a merchant reads does not name a stranger who helped; our access log knows the request by its id.
    return Origin(actor=LEAK_REPORT, request_id=request_id_of(request.scope))


Reporter = Annotated[Origin, Depends(_reporter)]


async def _bytes(request: Request) -> bytes:
    return await request.body()


def _findings(
    body: Annotated[bytes, Depends(_bytes)],
    now: Now,
    parts: Parts,
    github_public_key_identifier: Annotated[str, Header(description="Which of GitHub's keys it is signed with.")] = "",
    github_public_key_signature: Annotated[
        str, Header(description="ECDSA with P-256 and SHA-256 over the body, DER in base64.")
    ] = "",
) -> list[Finding]:
    """Read a report that GitHub has signed."""
    key = parts.github_keys.find(github_public_key_identifier, now=now)
    check_signature(body, signature=github_public_key_signature, key=key)
    return findings_in(body)


@router.post("", status_code=202, responses=refused_with(400, 413, 415, 422, 500, 503))
def report(body: Leak, reporter: Reporter, now: Now, parts: Parts) -> LeakReceived:
    """Report a token that you found, by all of it. If it is one of ours and alive, it is revoked before this answer.

    Its owner and the owners and admins of its workspace are told. You are told nothing about it.
    """
    report_leaks([body.token], source=ANYBODY, origin=reporter, now=now, keys=parts.keys, tokens=parts.tokens)
    return LeakReceived()


@router.post("/github", responses=refused_with(400, 403, 413, 415, 422, 500, 503), openapi_extra=SIGNED_BODY)
def report_from_github(
    findings: Annotated[list[Finding], Depends(_findings)], reporter: Reporter, now: Now, parts: Parts
) -> list[Verdict]:
    """Take a report of GitHub's secret scanning, and say which of its findings are tokens of ours.

    Those that are alive are revoked before this answer.
    """
    ours = report_leaks(
        [finding.token for finding in findings],
        source=GITHUB,
        origin=reporter,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
    )
    return [verdict_on(finding, ours=ours) for finding in findings]
