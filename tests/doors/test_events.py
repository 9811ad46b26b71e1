"""The inputs of the doors are what AWS sends: the same form as the local gateway and pumps give them."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from functions.wiring import now
from infra.local.functions import ROUTES
from infra.local.http_event import HttpRequest, event_of
from infra.local.pumps import StoredObject, object_created, scheduled
from infra.local.queue_pump import message_received
from tests.doors.events import INVOKE, PLACEHOLDER

REQUESTS = sorted(
    path.stem for path in INVOKE.glob("*.json") if path.stem.startswith(("mcp_", "oauth_", "page_", "rest_"))
)


def written(name: str) -> dict[str, Any]:
    return json.loads((INVOKE / f"{name}.json").read_text(encoding="utf-8"))


def form(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Give what is left of a thing when its values are taken away."""
    if isinstance(value, dict):
        return {name: form(inner) for name, inner in cast("dict[str, Any]", value).items()}
    return type(value).__name__


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_has_the_form_that_the_gateway_gives_it(name: str) -> None:
    request = written(name)
    seen = request["requestContext"]["http"]
    made = event_of(
        HttpRequest(
            method=seen["method"],
            path=request["rawPath"],
            query=request["rawQueryString"],
            headers=list(request["headers"].items()),
            body=request.get("body", "").encode(),
            protocol=seen["protocol"],
            client_ip=seen["sourceIp"],
        ),
        route_key=request["routeKey"],
        path_parameters=request.get("pathParameters", {}),
        request_id="request-1",
        now=now(),
    )

    assert form({**made, "headers": {}}) == form({**request, "headers": {}})
    assert (made.get("body"), made.get("queryStringParameters")) == (
        request.get("body"),
        request.get("queryStringParameters"),
    )


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_one_that_its_route_takes(name: str) -> None:
    request = written(name)
    (route,) = (route for route in ROUTES if route.key == request["routeKey"])

    assert route.parameters(request["requestContext"]["http"]["method"], request["rawPath"]) == request.get(
        "pathParameters", {}
    )


def test_an_upload_is_told_with_all_that_the_local_pump_tells() -> None:
    stored = StoredObject(key="raw/wks_1/orders.ndjson", size=1, stamp="1")
    ours = object_created("bucket", stored, now=now())["Records"][0]
    (theirs,) = written("s3_object_created")["Records"]

    assert ours.keys() <= theirs.keys()
    assert ours["s3"].keys() <= theirs["s3"].keys()
    assert ours["s3"]["object"].keys() <= theirs["s3"]["object"].keys()


def test_a_message_is_told_with_all_that_the_local_pump_tells() -> None:
    (ours,) = message_received("imports", "raw/wks_1/orders")["Records"]
    (theirs,) = written("sqs_import_part")["Records"]

    assert ours.keys() <= theirs.keys()
    assert ours["attributes"].keys() <= theirs["attributes"].keys()


@pytest.mark.parametrize(("name", "function"), [("schedule_sweep", "sweeper"), ("schedule_seal", "sealer")])
def test_a_tick_has_the_form_that_the_local_schedule_gives_it(name: str, function: str) -> None:
    assert form(written(name)) == form(scheduled(function, now=now()))


def test_no_input_holds_a_credential_of_its_own() -> None:
    for path in INVOKE.glob("*.json"):
        authorization = written(path.stem).get("headers", {}).get("authorization", "Bearer {{none}}")
        assert PLACEHOLDER.fullmatch(authorization.removeprefix("Bearer "))
