"""The gateway routes requests, keeps API Gateway's limits, and says what went wrong in its words."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from infra.local.gateway import ApiRoute, Gateway, build_app
from infra.local.pool import FunctionPool
from tests.local.fixtures.meeting import meeting

pytestmark = pytest.mark.anyio

StartPool = Callable[..., Awaitable[FunctionPool]]
ROUTES = [ApiRoute("ANY /mcp", "mcp"), ApiRoute("GET /about", "mcp"), ApiRoute("ANY /v1/{proxy+}", "api")]
MIB = 1024 * 1024


class Recorder:
    """Stands where the functions are: keeps what it was asked and answers what it was told to."""

    def __init__(self, answer: object = None) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self._answer = answer or {"statusCode": 200, "body": "fine"}

    async def __call__(self, function: str, event: Mapping[str, Any]) -> object:
        self.asked.append((function, event))
        return self._answer


def calling(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8765")


def gateway_to(pool: FunctionPool, doing: Mapping[str, Any], *, timeout: float = 30) -> ASGIApp:
    """A gateway whose every request makes the toy function do this."""
    return build_app(Gateway(ROUTES, lambda _, __: pool.invoke(doing), timeout=timeout))


@pytest.mark.parametrize(
    ("path", "function", "route", "parameters"),
    [
        ("/mcp", "mcp", "ANY /mcp", None),
        ("/about", "mcp", "GET /about", None),
        ("/v1/tokens", "api", "ANY /v1/{proxy+}", {"proxy": "tokens"}),
        ("/v1/tokens/a%20b/revoke?x=1", "api", "ANY /v1/{proxy+}", {"proxy": "tokens/a b/revoke"}),
    ],
)
async def test_a_request_goes_to_the_function_of_its_route(
    path: str, function: str, route: str, parameters: dict[str, str] | None
) -> None:
    functions = Recorder()
    async with calling(build_app(Gateway(ROUTES, functions))) as client:
        answer = await client.get(path)

    ((asked, event),) = functions.asked
    assert (asked, event["routeKey"], event.get("pathParameters")) == (function, route, parameters)
    assert event["requestContext"]["requestId"] == answer.headers["apigw-requestid"]


@pytest.mark.parametrize("path", ["/", "/mcp/", "/mcp/more", "/v1", "/v1/", "/MCP", "/v2/tokens", "/about"])
async def test_an_unknown_route_is_not_found_and_reaches_no_function(path: str) -> None:
    functions = Recorder()
    async with calling(build_app(Gateway(ROUTES, functions))) as client:
        answer = await client.post(path)

    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
    assert functions.asked == []


@pytest.mark.parametrize("path", ["/", "/v1", "/MCP", "/.well-known/oauth-authorization-server"])
async def test_a_default_route_takes_what_no_other_route_takes(path: str) -> None:
    functions = Recorder()
    routes = [*ROUTES, ApiRoute("$default", "rest")]
    async with calling(build_app(Gateway(routes, functions))) as client:
        await client.get("/about")
        await client.post(path)

    assert [(asked, event["routeKey"]) for asked, event in functions.asked] == [
        ("mcp", "GET /about"),
        ("rest", "$default"),
    ]
    assert "pathParameters" not in functions.asked[1][1]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
async def test_every_method_is_the_functions_to_judge(method: str) -> None:
    functions = Recorder()
    async with calling(build_app(Gateway(ROUTES, functions))) as client:
        await client.request(method, "/mcp")

    ((_, event),) = functions.asked
    assert event["requestContext"]["http"]["method"] == method


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/v1/a%1B%5B2Jb", "/v1/a\\x1b[2Jb"),
        ("/v1/a%00%7Fb", "/v1/a\\x00\\x7fb"),
        ("/v1/tokens/mfp_1abcdefghijk" + "L" * 59, "/v1/tokens/mfp_1abcdefg***"),
        ("/mfp_12345678SEC%25%32%3545T%RET", "/mfp_12345678***"),
        ("/m%2566p_12345678SECR%252545T", "/mfp_12345678***"),
        ("/mfp_12345678SEC%" + "25" * 40 + "45T", "/mfp_12345678***…"),
        ("/a%25b", "/a%b"),
        ("/mfs_12345678SECRET/mf%72_12345678SECRET", "/mfs_12345678***/mfr_12345678***"),
    ],
)
async def test_the_log_keeps_neither_control_characters_nor_whole_tokens_of_a_path(
    caplog: pytest.LogCaptureFixture, path: str, written: str
) -> None:
    caplog.set_level(logging.INFO, "infra.local.gateway")
    async with calling(build_app(Gateway(ROUTES, Recorder()))) as client:
        await client.get(path)

    (line,) = caplog.messages
    assert line.startswith(f"GET {written} ")


async def test_the_gateway_says_itself_that_it_is_well() -> None:
    functions = Recorder()
    async with calling(build_app(Gateway(ROUTES, functions))) as client:
        answer = await client.get("/healthz")

    assert (answer.status_code, answer.json(), functions.asked) == (200, {"status": "ok"}, [])


@pytest.mark.parametrize(
    ("megabytes", "content_type"), [(11, "application/json"), (7, "application/json"), (5, "application/octet-stream")]
)
async def test_a_body_over_the_limits_of_gateway_or_lambda_is_413(megabytes: int, content_type: str) -> None:
    functions = Recorder()
    async with calling(build_app(Gateway(ROUTES, functions))) as client:
        answer = await client.post("/mcp", content=b"x" * megabytes * MIB, headers={"content-type": content_type})

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})
    assert functions.asked == []


async def test_an_answer_over_lambdas_limit_is_the_functions_failure() -> None:
    functions = Recorder({"statusCode": 200, "body": "x" * 7 * MIB})
    async with calling(build_app(Gateway(ROUTES, functions))) as client:
        answer = await client.get("/mcp")

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


@pytest.mark.parametrize(
    ("event", "status"),
    [({"do": "raise"}, 500), ({"do": "answer", "answer": {"statusCode": "?"}}, 500), ({"do": "die"}, 502)],
)
async def test_a_failing_function_is_an_error_that_says_nothing_of_it(
    start_pool: StartPool, event: dict[str, Any], status: int
) -> None:
    pool = await start_pool()
    async with calling(gateway_to(pool, event)) as client:
        answer = await client.get("/mcp")

    assert (answer.status_code, answer.json()) == (status, {"message": "Internal Server Error"})


async def test_after_a_death_the_next_request_is_answered(start_pool: StartPool) -> None:
    pool = await start_pool()
    async with calling(gateway_to(pool, {"do": "die"})) as client:
        assert (await client.get("/mcp")).status_code == 502
    async with calling(gateway_to(pool, {"do": "answer", "answer": {"statusCode": 200, "body": "back"}})) as client:
        assert (await client.get("/mcp")).text == "back"


async def test_a_function_slower_than_the_integration_timeout_is_503_and_may_finish_its_event(
    start_pool: StartPool, tmp_path: Path
) -> None:
    pool = await start_pool()
    async with meeting(tmp_path) as meet, calling(gateway_to(pool, meet.event, timeout=0.1)) as client:
        answer = await client.get("/mcp")
        assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})

        guest = await meet.next_guest()
        waiting = asyncio.create_task(pool.invoke({"do": "describe"}))
        guest.release()
        assert (await waiting)["pid"] == guest.pid
