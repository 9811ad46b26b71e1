from __future__ import annotations

import ast
import importlib
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from shared.domain.errors import DomainError
from shared.domain.token.commands import RenameToken
from shared.domain.token.policy import ANYTHING
from shared.services.change_token import change_token
from shared.storage.sqlite.engine import SqliteEngine
from shared.transports.http.hardening import HEADERS, LONGEST_BODY
from shared.transports.http.problems import FORMS, form_of
from shared.transports.http.refusals import DoorRefusal
from tests.data.engines import MeddledEngine
from tests.data.stores import memory_stores
from tests.data.tenants import KEYS, NOON, origin
from tests.data.tenants import token as token_of
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import DOCS_URL, JSON, Api
from tests.transports.http.issuer import LoopbackIssuer

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs/api.md"
BODY = {"name": "CI", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}
OF_TOOLS = {"fx_rate_missing", "invalid_date_range", "no_data", "range_too_long"}
"""Refusals of questions about figures, which only tools ask; the modules are shared with what works out alerts."""
OF_REFRESHES = {"grant_moved", "grant_required"}
"""Refusals of a refresh, which only an app asks for: it is told `invalid_grant` (RFC 6749)."""
SECRET = "mfp_" + "7Kq2" * 17
BUG = "the table core-x7 has no column of that name"


@cache
def modules_behind_the_api() -> frozenset[str]:
    """Everything of ours that a route may come to: what a process has loaded that serves the API and nothing else."""
    program = "import shared.transports.http.app, sys; print(*(name for name in sys.modules if 'shared.' in name))"
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT)
    return frozenset(name for name in ran.stdout.split() if name.startswith("shared."))


def kinds_of_refusal() -> set[type[DomainError]]:
    """Every class of refusal that a route may meet."""
    for module in modules_behind_the_api():
        importlib.import_module(module)

    def below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    return {kind for kind in below(DomainError) if kind.__module__ in modules_behind_the_api()} - {DoorRefusal}


def test_every_kind_of_refusal_has_its_status() -> None:
    assert [kind for kind in kinds_of_refusal() if not set(kind.__mro__) & set(FORMS)] == []


def test_no_status_in_the_table_is_one_of_success() -> None:
    assert {form.status for form in FORMS.values()} == {400, 401, 403, 404, 405, 409, 413, 415, 422, 500, 503}


def source_of(module: str) -> Path:
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin)


def codes_in_the_source() -> dict[str, set[int]]:
    """Every code with which a refusal is made, and the statuses of the classes that it is made with."""
    statuses = {kind.__name__: form_of(kind.__new__(kind)).status for kind in kinds_of_refusal()}
    found: dict[str, set[int]] = {}
    for path in map(source_of, modules_behind_the_api()):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(code)), *_]) if kind in statuses:
                    found.setdefault(code, set()).add(statuses[kind])
                case ast.Call(func=ast.Name(id="DomainError"), args=[ast.Constant(value=str(code)), *_]):
                    found.setdefault(code, set())
                case _:
                    pass
    return found


def test_every_refusal_behind_the_api_says_how_to_mend_it() -> None:
    kinds = {kind.__name__ for kind in kinds_of_refusal()}
    silent = [
        f"{path}:{node.lineno}"
        for path in map(source_of, modules_behind_the_api())
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds
        if node.args and isinstance(node.args[0], ast.Constant) and "hint" not in {each.arg for each in node.keywords}
    ]
    assert silent == []


def test_every_code_of_a_problem_is_explained_in_the_docs_with_its_status() -> None:
    row = re.compile(r'^\| <a id="(\w+)"></a>`(\w+)` \| (\d{3}) \|', re.MULTILINE)
    explained = {code: int(status) for code, anchor, status in row.findall(DOCS.read_text("utf-8")) if code == anchor}

    codes = codes_in_the_source()
    assert len(codes) > 20
    assert set(codes) - set(explained) == OF_TOOLS | OF_REFRESHES
    assert {code: known for code in explained if (known := codes.get(code, set()) - {explained[code]})} == {}


def test_a_problem_says_what_happened_how_to_mend_it_and_where_it_is_explained(api: Api) -> None:
    answer = api.get(f"/v1/tokens/{'0' * 16}")

    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json == {
        "type": f"{DOCS_URL}/api#token_not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is no such token.",
        "code": "token_not_found",
        "hint": "List the tokens to see their ids.",
        "request_id": "request-1",
    }


def test_every_field_that_is_wrong_is_named(api: Api) -> None:
    answer = api.post("/v1/tokens", {"name": 7, "scopes": ["mcp:pnl:read", 8], "lives": 30})

    assert (answer.status, answer.code) == (422, "request_invalid")
    assert [each["field"] for each in answer.json["errors"]] == ["name", "scopes.1", "lives"]


def test_what_was_sent_is_not_repeated(api: Api) -> None:
    answer = api.post("/v1/tokens", {**BODY, "expires_in_days": "mfp_a_secret_in_the_wrong_field"})

    assert answer.status == 422
    assert "a_secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/workspace/token-policy", {"networks": [SECRET]}),
        ("PUT", "/v1/workspace/token-policy", {"scopes": [SECRET]}),
        ("PUT", "/v1/workspace/token-policy", {SECRET: 1}),
        ("POST", "/v1/tokens", {**BODY, "scopes": [SECRET]}),
        ("POST", "/v1/tokens", {**BODY, SECRET: {SECRET: SECRET}}),
        ("POST", "/v1/members", {"subject": SECRET, "role": SECRET}),
    ],
)
def test_a_token_in_the_wrong_field_is_not_repeated(api: Api, method: str, path: str, body: object) -> None:
    answer = api.send(method, path, by="olivia", headers=JSON, body=json.dumps(body))

    assert answer.status == 422
    assert SECRET[:24] not in answer.text


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/token", "/v1/tokens/", "/v1/tokens/x/y", "/v2/tokens", "/", "//v1/tokens"]
)
def test_a_path_that_is_none_is_a_problem(api: Api, path: str) -> None:
    answer = api.send("GET", path, by="olivia")

    assert (answer.status, answer.code) == (404, "route_unknown")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/tokens/0000000000000000", "GET, PATCH"),
        ("PUT", "/v1/tokens", "GET, POST"),
        ("GET", "/v1/tokens/0000000000000000/revoke", "POST"),
        ("POST", "/v1/audit/events", "GET"),
        ("POST", "/v1/openapi.json", "GET"),
        ("HEAD", "/v1/scopes", "GET"),
        ("OPTIONS", "/v1/scopes", "GET"),
        ("BREW", "/v1/scopes", "GET"),
        ("PATCH", "/v1/tokens/self", "GET"),  # these are no ids, whatever is asked of them
        ("GET", "/v1/tokens/revoke", "POST"),
        ("GET", "/v1/tokens/report-leak", "POST"),
    ],
)
def test_a_method_that_is_not_taken_is_a_problem_that_names_those_that_are(
    api: Api, method: str, path: str, allowed: str
) -> None:
    answer = api.send(method, path, by="olivia")

    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


def test_of_a_field_that_is_none_a_clean_line_is_repeated(api: Api) -> None:
    answer = api.post("/v1/tokens", {"name": "CI", "scopes": ["mcp:pnl:read"], f"fi\u200b\x1beld{'x' * 100}": 1})

    assert (answer.status, answer.code) == (422, "request_invalid")
    assert answer.json["field"].startswith("field")
    assert len(answer.json["field"]) <= 60


@pytest.mark.parametrize(
    "body", ["{", "", "{'name': 1}", '{"name": NaN, "x": ' + "9" * 5_000 + "}", "[" * 10_000, "\ufeff{}"]
)
def test_a_body_that_is_no_json_is_refused(api: Api, body: str) -> None:
    answer = api.send("POST", "/v1/tokens", by="olivia", headers=JSON, body=body)

    assert (answer.status, answer.code) in {(400, "json_malformed"), (422, "request_invalid")}


def test_who_sends_no_body_is_told_what_an_empty_one_is(api: Api) -> None:
    for path in ("/v1/tokens/any/rotate", "/v1/tokens/revoke/preview"):  # every field of these may be left out
        answer = api.send("POST", path, by="olivia")

        assert (answer.status, answer.code) == (422, "request_invalid")
        assert answer.json["hint"].startswith("Send a JSON object: {} ")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", "json"]
)
def test_a_body_that_is_not_declared_as_json_is_refused(api: Api, content_type: str) -> None:
    headers = {"content-type": content_type} if content_type else {}

    answer = api.send("POST", "/v1/tokens", by="olivia", headers=headers, body=json.dumps(BODY))

    assert (answer.status, answer.code) == (415, "not_json")
    assert api.get("/v1/tokens").json["data"] == []


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_may_be_declared_in_every_way_that_the_standard_has(api: Api, content_type: str) -> None:
    answer = api.send("POST", "/v1/tokens", by="olivia", headers={"content-type": content_type}, body=json.dumps(BODY))

    assert answer.status == 201


def test_a_body_may_be_so_long_and_no_longer(api: Api) -> None:
    body = json.dumps(BODY)

    longest = api.send("POST", "/v1/tokens", by="olivia", headers=JSON, body=body.ljust(LONGEST_BODY))
    longer = api.send("POST", "/v1/tokens", by="olivia", headers=JSON, body=body.ljust(LONGEST_BODY + 1))

    assert longest.status == 201
    assert (longer.status, longer.code) == (413, "body_too_large")


def test_every_answer_carries_the_headers_of_safety(api: Api, issuer: LoopbackIssuer) -> None:
    answers = [
        api.post("/v1/tokens", BODY),
        api.get("/v1/tokens"),
        api.get("/v1/tokens", by=None),
        api.get("/v1/nowhere"),
        api.send("POST", "/v1/tokens", by="olivia", headers=JSON, body="x" * (LONGEST_BODY + 1)),
        api.send("POST", "/v1/tokens", by="olivia", body="x"),
        api.send("GET", "/v1/openapi.json", check=False),
        broken(issuer).post("/v1/tokens", BODY),
    ]

    assert [answer.status for answer in answers] == [201, 200, 401, 404, 413, 415, 200, 500]
    for answer in answers:
        assert {name: answer.headers.get(name.lower()) for name in HEADERS} == HEADERS
    assert HEADERS["Cache-Control"] == "no-store"


def test_a_bug_is_told_as_a_bug_and_nothing_more(issuer: LoopbackIssuer, caplog: pytest.LogCaptureFixture) -> None:
    answer = broken(issuer).post("/v1/tokens", BODY)

    assert (answer.status, answer.code) == (500, "internal")
    assert answer.json["request_id"] == "request-1"
    assert BUG not in answer.text
    assert "Traceback" not in answer.text
    assert BUG in caplog.text
    assert any(getattr(record, "request_id", None) == "request-1" for record in caplog.records)


def broken(issuer: LoopbackIssuer) -> Api:
    """An API over a store with a bug."""

    def bug(_: int) -> None:
        raise RuntimeError(BUG)

    engine = MeddledEngine()
    api = Api(issuer, memory_stores(engine))
    workspace_of(api.stores, issuer=issuer.url)
    engine.meddle = bug
    return api


def test_a_store_that_is_locked_is_a_reason_to_wait(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    api.stores = memory_stores(SqliteEngine(path, patience_seconds=0.01))
    workspace_of(api.stores, issuer=api.issuer.url)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    answer = api.post("/v1/tokens", BODY)
    other.close()

    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "store_unavailable", "5")
    assert "sqlite" not in answer.text.lower()
    assert api.post("/v1/tokens", BODY).status == 201


def test_a_change_that_others_keep_overtaking_is_a_reason_to_try_again(issuer: LoopbackIssuer) -> None:
    engine = MeddledEngine()
    api = Api(issuer, memory_stores(engine))
    workspace_of(api.stores, issuer=issuer.url)
    token = token_of(api.stores).token

    def overtake(number: int) -> None:
        command = RenameToken(name=f"another name {number}", renamed_by="mem_adam", policy=ANYTHING, at=NOON)
        change_token(token.token_id, command, origin=origin(), keys=KEYS, tokens=api.stores.tokens)

    engine.meddle = overtake
    answer = api.patch(f"/v1/tokens/{token.token_id}", {"name": "mine"})

    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "busy", "1")
