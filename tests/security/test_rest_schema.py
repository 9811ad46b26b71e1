"""The REST API against its own description: whatever a caller sends is answered as /v1/openapi.json says."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import settings
from schemathesis.checks import CHECKS  # pyright: ignore[reportUnknownVariableType] - it is of any check
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.data.tenants import PEOPLE, token, workspace
from tests.security.rest_schema import Good, Run, ask_for_everything, behind_the_gateway
from tests.security.tally import TALLY
from tests.services.trail.minutes import a_minute_passes
from tests.services.trail.sealing import KeyInMemory
from tests.transports.http.api import Api
from tests.transports.http.github import LoopbackGithub
from tests.transports.http.issuer import LoopbackIssuer

NAMES: list[str] = CHECKS.get_all_names()
EXAMPLES = min(50, settings().max_examples // 20)
"""Of each operation, beside the edges of its schema; `make soak` asks for ten times as many."""

NOT_FOR_MEMBERS = {
    "POST /v1/tokens/report-leak/github": "it is for GitHub, who signs the body: schemathesis has no key",
    "GET /v1/tokens/self": "it is for the token itself, which asks in a test of its own",
    "POST /v1/tokens/self/rotate": "it is for the token itself, which asks in a test of its own",
}
"""The operations that never give an owner an answer of success, and why."""


@pytest.fixture
def api() -> Generator[Api]:
    with LoopbackIssuer() as issuer, LoopbackGithub() as github:
        api = Api(issuer, github_keys_url=github.url)
        workspace(api.stores, issuer=issuer.url)
        workspace(api.stores, "wks_2", issuer=issuer.url, people={"mallory": PEOPLE["olivia"]})
        yield api


@pytest.fixture
def known(api: Api) -> Mapping[str, str]:
    """Something of each kind, in the workspace of the caller."""
    body = {"file_name": "orders.csv", "bytes": 3, "sha256": sha256(b"a,b").hexdigest()}
    import_id = api.post("/v1/imports", body).json["id"]
    api.now += timedelta(minutes=30)  # by then it stands still, which is an alert
    a_minute_passes(api.stores.trail, now=api.now, signer=KeyInMemory())
    return {
        "header.merchant-workspace": "wks_1",
        "path.token_id": token(api.stores).token.token_id,
        "path.member_id": "mem_adam",
        "path.import_id": import_id,
        "path.alert_id": api.get("/v1/alerts").json["data"][0]["id"],
        "path.event_id": api.get("/v1/audit/events").json["data"][-1]["id"],  # the oldest, which is sealed
    }


@pytest.fixture
def good(api: Api) -> Mapping[str, Good]:
    """What is let through where generated data is refused by a rule that no schema says.

    The token and the member that are `known` have ended by the time that some operations are asked.
    """
    suspended, resumed, revoked, rotated = ({"token_id": token(api.stores).token.token_id} for _ in range(4))
    token(api.stores, owner="adam")
    confirmation = api.post("/v1/tokens/revoke/preview", {"owner": "mem_adam"}).json["confirmation"]
    return {
        "POST /v1/tokens": Good(body={"name": "CI", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}),
        "POST /v1/tokens/revoke": Good(body={"confirmation": confirmation, "reason": "left"}),
        "POST /v1/tokens/{token_id}/suspend": Good(path=suspended, body={"reason": "odd"}),
        "POST /v1/tokens/{token_id}/resume": Good(path=resumed, body={"reason": "fine"}),
        "POST /v1/tokens/{token_id}/revoke": Good(path=revoked, body={"reason": "over"}),
        "POST /v1/tokens/{token_id}/rotate": Good(path=rotated, body={}),
        "PUT /v1/members/{member_id}/contact": Good(
            path={"member_id": "mem_olivia"}, body={"email": "olivia@shop.example"}
        ),
        "DELETE /v1/members/{member_id}/contact": Good(path={"member_id": "mem_olivia"}),
        "GET /v1/tools/preview": Good(query={"scopes": ["mcp:pnl:read"]}),
    }


@pytest.mark.parametrize("caller", ["olivia", None])
def test_whoever_asks_is_answered_as_the_description_says(api: Api, caller: str | None) -> None:
    bearer = api.issuer.bearer(caller, now=api.now) if caller is not None else None
    with behind_the_gateway(api) as app:
        check(ask_for_everything(app, bearer=bearer, examples=EXAMPLES, edges=caller is None), caller or "nobody")


@pytest.mark.parametrize("caller", ["olivia", "ana", "mallory"])
def test_whoever_asks_for_what_there_is_is_answered_as_the_description_says(
    api: Api, known: Mapping[str, str], good: Mapping[str, Good], caller: str
) -> None:
    bearer = api.issuer.bearer(caller, now=api.now)
    with behind_the_gateway(api) as app:
        run = ask_for_everything(
            app, bearer=bearer, examples=EXAMPLES, edges=caller == "olivia", known=known, good=good
        )
    check(run, caller)
    if caller == "olivia":
        described = {f"{method.upper()} {path}" for path, item in api.description["paths"].items() for method in item}
        assert described - run.accepted == NOT_FOR_MEMBERS.keys()
    elif caller == "mallory":  # who is of another workspace
        assert run.accepted <= {"POST /v1/tokens/report-leak"}, "what asks for no login"
    else:
        assert "GET /v1/imports/{import_id}" in run.accepted


def test_a_token_that_asks_about_itself_is_answered_as_the_description_says(api: Api) -> None:
    made = token(api.stores)
    with behind_the_gateway(api) as app:
        run = ask_for_everything(app, bearer=made.text, only="^/v1/tokens/self", examples=5 * EXAMPLES)
    check(run, "a token")
    assert run.accepted == {"GET /v1/tokens/self", "POST /v1/tokens/self/rotate"}


@pytest.mark.parametrize(
    ("operation", "lost"),
    [
        ("POST /v1/tokens", "token"),
        ("POST /v1/tokens/{token_id}/suspend", "status"),
        ("GET /v1/tools/preview", "tools"),
    ],
)
def test_an_answer_of_success_that_lost_a_field_is_found(
    api: Api, known: Mapping[str, str], good: Mapping[str, Good], operation: str, lost: str
) -> None:
    only = f"^{re.escape(operation.partition(' ')[2])}$"
    bearer = api.issuer.bearer("olivia", now=api.now)
    with behind_the_gateway(api) as app:
        spoiled = losing(app, lost)
        run = ask_for_everything(spoiled, bearer=bearer, examples=1, only=only, edges=False, known=known, good=good)
    assert f'"{lost}" is a required property' in run.findings[f"response_schema_conformance: {operation}"]


def losing(app: ASGIApp, field: str) -> ASGIApp:
    """Give a field another name, of the same length, in all that an app answers, but for its description."""
    right, wrong = f'"{field}":'.encode(), f'"{"x" * len(field)}":'.encode()

    async def spoiled(scope: Scope, receive: Receive, send: Send) -> None:
        async def pass_on(message: Message) -> None:
            if "body" in message and scope["path"] != "/v1/openapi.json":
                message = {**message, "body": message["body"].replace(right, wrong)}
            await send(message)

        await app(scope, receive, pass_on)

    return spoiled


def check(run: Run, caller: str) -> None:
    for status, times in run.statuses.items():
        TALLY.note(f"REST by its schema, as {caller}", status, times)
    assert not run.findings, str(run)
    assert set(run.checks) >= {*NAMES}
