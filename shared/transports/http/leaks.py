"""/v1/tokens/report-leak: end a token that was seen where it should not be. No login; the answer tells nothing."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from shared.services.report_leak import report_leak
from shared.storage.contracts.streams import Origin
from shared.transports.http.bodies import Body
from shared.transports.http.collaborators import Now, Parts
from shared.transports.http.github import Finding, Verdict, findings_in, verdict_on
from shared.transports.http.openapi import refused_with
from shared.transports.http.problems import request_id_of

router = APIRouter(prefix="/tokens/report-leak", tags=["leaks"])

LONGEST_TEXT = 500
ANYBODY = "anonymous"
GITHUB = "github"


class LeakBody(Body):
    """What was found."""

    token: str = Field(max_length=LONGEST_TEXT, description="The whole token, as it was found.")


class LeakReceived(BaseModel):
    """Always the same."""

    received: Literal[True] = True


def _reporter(request: Request) -> Origin:
    # What a reporter's client calls itself is theirs to choose: it stays out of the trail of a stranger's workspace.
    ip = request.client.host if request.client is not None else None
    return Origin(actor="system:leak_report", request_id=request_id_of(request.scope), ip=ip)


Reporter = Annotated[Origin, Depends(_reporter)]


@router.post("", status_code=202, responses=refused_with(400, 413, 415, 422, 500, 503))
def report(body: LeakBody, reporter: Reporter, now: Now, parts: Parts) -> LeakReceived:
    """Report a token that you found, by all of it. If it is one of ours and alive, it dies before this answer.

    Its owner and the owners and admins of its workspace are told. You are told nothing about it.
    """
    report_leak(body.token, source=ANYBODY, origin=reporter, now=now, keys=parts.keys, tokens=parts.tokens)
    return LeakReceived()


async def _findings(request: Request, parts: Parts) -> list[Finding]:
    return findings_in(await request.body(), headers=request.headers, keys=parts.github_keys)


@router.post("/github", responses=refused_with(400, 401, 413, 415, 500, 503))
def report_from_github(
    findings: Annotated[list[Finding], Depends(_findings)], reporter: Reporter, now: Now, parts: Parts
) -> list[Verdict]:
    """Take the findings of GitHub's secret scanning, signed by GitHub; the answer says which were tokens of ours."""
    return [
        verdict_on(
            finding,
            ours=report_leak(
                finding.token, source=GITHUB, origin=reporter, now=now, keys=parts.keys, tokens=parts.tokens
            ),
        )
        for finding in findings
    ]
