"""/v1/openapi.json. That answers match it is held by `api.Api`, for every answer of every test here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from tests.transports.http.api import PUBLIC_URL, Api

ROUTES = {
    ("GET", "/v1/members"),
    ("POST", "/v1/members"),
    ("PATCH", "/v1/members/{member_id}"),
    ("DELETE", "/v1/members/{member_id}"),
    ("PUT", "/v1/members/{member_id}/contact"),
    ("DELETE", "/v1/members/{member_id}/contact"),
    ("DELETE", "/v1/members/{member_id}/identity"),
    ("POST", "/v1/tokens/revoke"),
    ("POST", "/v1/tokens/revoke/preview"),
    ("POST", "/v1/tokens/{token_id}/suspend"),
    ("POST", "/v1/tokens/{token_id}/resume"),
    ("GET", "/v1/workspace/token-policy"),
    ("PUT", "/v1/workspace/token-policy"),
    ("POST", "/v1/workspace/token-policy/preview"),
    ("GET", "/v1/imports"),
    ("POST", "/v1/imports"),
    ("GET", "/v1/imports/{import_id}"),
    ("GET", "/v1/activity"),
    ("GET", "/v1/alerts"),
    ("POST", "/v1/alerts/{alert_id}/acknowledge"),
    ("GET", "/v1/audit/events"),
    ("GET", "/v1/audit/export"),
    ("GET", "/v1/audit/proof/{event_id}"),
    ("GET", "/v1/audit/checkpoints"),
    ("GET", "/v1/audit/keys"),
    ("GET", "/v1/scopes"),
    ("GET", "/v1/tokens"),
    ("POST", "/v1/tokens"),
    ("GET", "/v1/tokens/{token_id}"),
    ("PATCH", "/v1/tokens/{token_id}"),
    ("GET", "/v1/tokens/{token_id}/evidence"),
    ("GET", "/v1/tokens/{token_id}/usage"),
    ("POST", "/v1/tokens/{token_id}/revoke"),
    ("POST", "/v1/tokens/{token_id}/rotate"),
    ("POST", "/v1/tokens/report-leak"),
    ("POST", "/v1/tokens/report-leak/github"),
    ("GET", "/v1/tokens/self"),
    ("POST", "/v1/tokens/self/rotate"),
    ("GET", "/v1/tools/preview"),
}


@pytest.fixture
def description(api: Api) -> dict[str, Any]:
    answer = api.send("GET", "/v1/openapi.json", check=False)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    return cast("dict[str, Any]", answer.json)


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in description["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def nodes(part: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any part of the document
    if isinstance(part, dict):
        yield cast("dict[str, Any]", part)
        for each in cast("dict[str, Any]", part).values():
            yield from nodes(each)
    elif isinstance(part, list):
        for each in cast("list[Any]", part):
            yield from nodes(each)


def test_every_route_is_described(description: dict[str, Any]) -> None:
    assert {(method, path) for method, path, _ in operations(description)} == ROUTES
    assert "HTTPValidationError" not in description["components"]["schemas"]  # the framework's own way to refuse
    assert description["servers"] == [{"url": PUBLIC_URL}]
    assert description["openapi"].startswith("3.1")


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    references = {node["$ref"] for node in nodes(description) if "$ref" in node}

    assert references
    for reference in references:
        part: Any = description
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_every_schema_is_one(description: dict[str, Any]) -> None:
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_says_what_it_does_and_whose_bearer_it_needs(description: dict[str, Any]) -> None:
    for _, path, operation in operations(description):
        of_token, of_anybody = (path.startswith(f"/v1/tokens/{part}") for part in ("self", "report-leak"))
        assert operation["description"].endswith(".")
        assert {"500", "503"} <= set(operation["responses"])
        if of_anybody:
            assert "security" not in operation
            continue
        assert operation["security"] == [{"token" if of_token else "member": []}]
        assert {"401", "403"} <= set(operation["responses"])
        named = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
        assert ("merchant-workspace" in named) == (not of_token)


def test_every_refusal_is_described_as_a_problem(description: dict[str, Any]) -> None:
    for _, _, operation in operations(description):
        for status, response in operation["responses"].items():
            content = response.get("content", {})  # 204 has none
            assert ("application/problem+json" in content) == (int(status) >= 400)


def test_no_body_takes_a_field_that_is_not_described(description: dict[str, Any]) -> None:
    bodies = [schema for name, schema in description["components"]["schemas"].items() if name.endswith("Body")]

    assert len(bodies) > 3
    assert all(body["additionalProperties"] is False for body in bodies)


def test_no_token_is_in_the_description(description: dict[str, Any]) -> None:
    assert re.search(r"mfp_\w{20}", str(description)) is None


def test_the_description_is_for_everybody(api: Api) -> None:
    assert api.send("GET", "/v1/openapi.json", check=False).status == 200


def test_a_report_of_github_is_described_with_the_headers_of_its_signature(
    description: dict[str, Any],
) -> None:
    operation = description["paths"]["/v1/tokens/report-leak/github"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]

    assert (schema["type"], set(schema["items"]["properties"])) == ("array", {"token", "type"})
    assert {parameter["name"].lower() for parameter in operation["parameters"]} == {
        "github-public-key-identifier",
        "github-public-key-signature",
    }
