"""A report of GitHub's secret scanning behind API Gateway, which hands a body over as text or in base64."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator, Mapping
from dataclasses import replace

import pytest

from functions.wiring import now
from tests.data.tenants import token as token_of
from tests.doors.events import event
from tests.doors.opening import Answer, Doors
from tests.transports.http.github import REPORT, LoopbackGithub, finding, signed


@pytest.fixture
def github() -> Generator[LoopbackGithub]:
    with LoopbackGithub() as serving:
        yield serving


@pytest.fixture
def doors(doors: Doors, github: LoopbackGithub) -> Doors:
    """A container that has just been told where the keys are."""
    told = {**doors.settings, "token_api": {**doors.settings["token_api"], "GITHUB_KEYS_URL": github.url}}
    return replace(doors, settings=told, running="", _handlers={})


def sent(doors: Doors, body: bytes, headers: Mapping[str, str], *, in_base64: bool) -> Answer:
    request = event("rest_report_leak", leaked_token="none")
    request["rawPath"] = request["requestContext"]["http"]["path"] = REPORT
    request["routeKey"] = request["requestContext"]["routeKey"] = f"POST {REPORT}"
    request["headers"] |= {**headers, "content-length": str(len(body))}
    request["isBase64Encoded"] = in_base64
    request["body"] = base64.b64encode(body).decode() if in_base64 else body.decode()
    return doors.send("token_api", request)


@pytest.mark.parametrize("in_base64", [False, True], ids=["as text", "in base64"])
def test_a_report_is_believed_by_the_bytes_that_github_signed(
    doors: Doors, github: LoopbackGithub, *, in_base64: bool
) -> None:
    made = token_of(doors.stores, at=now())
    body = json.dumps([finding(made.text), finding("mfp_\U0001f511")], ensure_ascii=False, indent=1).encode()

    for _ in range(3):
        answer = sent(doors, body, signed(body), in_base64=in_base64)
        assert (answer.status, [each["label"] for each in answer.json]) == (200, ["true_positive", "false_positive"])
    assert len(github.asked) == 1
    refused = doors.ask("mcp_server", "mcp_revoked_token", revoked_token=made.text)
    assert (refused.status, refused.json["error"]["data"]["reason"]) == (401, "token_revoked")


@pytest.mark.parametrize("in_base64", [False, True], ids=["as text", "in base64"])
def test_another_byte_is_not(doors: Doors, *, in_base64: bool) -> None:
    body = json.dumps([finding("mfp_x")]).encode()

    answer = sent(doors, body + b" ", signed(body), in_base64=in_base64)

    assert (answer.status, answer.json["code"]) == (403, "signature_invalid")
