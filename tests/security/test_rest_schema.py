"""The REST API against its own description: whatever a caller sends is answered as /v1/openapi.json says."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from hashlib import sha256

import pytest
from hypothesis import settings
from schemathesis.checks import CHECKS  # pyright: ignore[reportUnknownVariableType] - it is of any check

from tests.data.tenants import PEOPLE, token, workspace
from tests.security.rest_schema import Run, ask_for_everything, behind_the_gateway
from tests.security.tally import TALLY
from tests.transports.http.api import Api
from tests.transports.http.github import LoopbackGithub
from tests.transports.http.issuer import LoopbackIssuer

NAMES: list[str] = CHECKS.get_all_names()
EXAMPLES = min(50, settings().max_examples // 20)
"""Of each operation, beside the edges of its schema; `make soak` asks for ten times as many."""


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
    return {
        "header.merchant-workspace": "wks_1",
        "path.token_id": token(api.stores).token.token_id,
        "path.member_id": "mem_adam",
        "path.import_id": api.post("/v1/imports", body).json["id"],
        "path.event_id": api.get("/v1/audit/events").json["data"][0]["id"],
    }


@pytest.mark.parametrize("caller", ["olivia", None])
def test_whoever_asks_is_answered_as_the_description_says(api: Api, caller: str | None) -> None:
    bearer = api.issuer.bearer(caller, now=api.now) if caller is not None else None
    with behind_the_gateway(api) as app:
        check(ask_for_everything(app, bearer=bearer, examples=EXAMPLES, edges=caller is None), caller or "nobody")


@pytest.mark.parametrize("caller", ["olivia", "ana", "mallory"])
def test_whoever_asks_for_what_there_is_is_answered_as_the_description_says(
    api: Api, known: Mapping[str, str], caller: str
) -> None:
    bearer = api.issuer.bearer(caller, now=api.now)
    with behind_the_gateway(api) as app:
        run = ask_for_everything(app, bearer=bearer, examples=EXAMPLES, edges=caller == "olivia", known=known)
    check(run, caller)
    assert (200 in run.statuses) == (caller != "mallory")  # who is of another workspace


def test_a_token_that_asks_about_itself_is_answered_as_the_description_says(api: Api) -> None:
    made = token(api.stores)
    with behind_the_gateway(api) as app:
        run = ask_for_everything(app, bearer=made.text, only="^/v1/tokens/self", examples=5 * EXAMPLES)
    check(run, "a token")
    assert run.statuses[200]


def check(run: Run, caller: str) -> None:
    for status, times in run.statuses.items():
        TALLY.note(f"REST by its schema, as {caller}", status, times)
    assert not run.findings, str(run)
    assert set(run.checks) >= {*NAMES}
