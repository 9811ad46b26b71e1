"""The events and answers of API Gateway's payload format 2.0, by its documentation and by recordings of the service."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local.http_event import HttpAnswer, HttpRequest, MalformedAnswer, answer_of, decoded, event_of
from infra.local.pool import PROJECT

AT = datetime(2020, 3, 12, 19, 3, 58, 390000, tzinfo=UTC)
REQUEST = HttpRequest(
    method="POST",
    path="/v1/my path",
    query="parameter1=value1&parameter1=value%202&parameter2=value",
    headers=[
        ("host", "api.example:8765"),
        ("content-type", "application/json"),
        ("header1", "value1"),
        ("header2", "value1"),
        ("header2", "value2"),
        ("cookie", "cookie1=1; cookie2=2"),
        ("user-agent", "agent"),
        ("connection", "keep-alive"),
        ("content-length", "12"),
    ],
    body=b'{"say":"hi"}',
    protocol="HTTP/1.1",
    client_ip="192.0.2.1",
)


def event(request: HttpRequest = REQUEST, **parameters: str) -> dict[str, Any]:
    return event_of(request, route_key="ANY /v1/{proxy+}", path_parameters=parameters, request_id="JKJaX=", now=AT)


def test_a_request_becomes_the_event_that_the_documentation_shows() -> None:
    assert event(proxy="my path") == {
        "version": "2.0",
        "routeKey": "ANY /v1/{proxy+}",
        "rawPath": "/v1/my path",
        "rawQueryString": "parameter1=value1&parameter1=value%202&parameter2=value",
        "cookies": ["cookie1=1", "cookie2=2"],
        "headers": {
            "host": "api.example:8765",
            "content-type": "application/json",
            "header1": "value1",
            "header2": "value1,value2",
            "user-agent": "agent",
            "content-length": "12",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-proto": "http",
            "x-forwarded-port": "8765",
        },
        "queryStringParameters": {"parameter1": "value1,value 2", "parameter2": "value"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "api.example",
            "domainPrefix": "api",
            "http": {
                "method": "POST",
                "path": "/v1/my path",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": "JKJaX=",
            "routeKey": "ANY /v1/{proxy+}",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1584039838390,
        },
        "body": '{"say":"hi"}',
        "pathParameters": {"proxy": "my path"},
        "isBase64Encoded": False,
    }


RECORDED = sorted((PROJECT / "events" / "invoke").glob("[mopr]*.json"))  # mcp, oauth, page, rest


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_the_request_behind_each_event_of_the_doors_becomes_that_event_again(path: Path) -> None:
    recorded = json.loads(path.read_text())
    context = recorded["requestContext"]
    request = HttpRequest(
        method=context["http"]["method"],
        path=recorded["rawPath"],
        query=recorded["rawQueryString"],
        headers=[(name, value) for name, value in recorded["headers"].items() if not name.startswith("x-")],
        body=recorded.get("body", "").encode(),
        protocol=context["http"]["protocol"],
        client_ip=context["http"]["sourceIp"],
    )
    made = event_of(
        request,
        route_key=recorded["routeKey"],
        path_parameters=recorded.get("pathParameters", {}),
        request_id=context["requestId"],
        now=datetime.fromtimestamp(context["timeEpoch"] / 1000, UTC),
    )

    # What is said of AWS itself there cannot be true here.
    context |= {"accountId": "000000000000", "apiId": "local"}
    recorded["headers"] |= {"x-forwarded-proto": "http", "x-forwarded-port": "80"}
    del recorded["headers"]["x-amzn-trace-id"]
    assert made == recorded


def test_what_a_request_does_not_have_is_absent_and_not_null() -> None:
    bare = event(replace(REQUEST, query="", headers=[], body=b""))

    assert not bare.keys() & {"body", "cookies", "queryStringParameters", "pathParameters"}
    assert bare["isBase64Encoded"] is False


@pytest.mark.parametrize(
    ("content_type", "is_text"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/xml", True),
        ("application/javascript", True),
        ("text/plain", True),
        ("text/csv; charset=utf-8", True),
        ("application/x-www-form-urlencoded", False),
        ("application/octet-stream", False),
        ("application/problem+json", False),
        ("multipart/form-data; boundary=x", False),
        ("", False),
    ],
)
def test_a_body_is_text_for_the_media_types_of_the_recordings_and_base64_for_others(
    content_type: str, *, is_text: bool
) -> None:
    body = "naïve".encode()
    headers = [("content-type", content_type)] if content_type else []
    made = event(replace(REQUEST, headers=headers, body=body))

    assert made["isBase64Encoded"] is not is_text
    assert made["body"] == ("naïve" if is_text else base64.b64encode(body).decode())


@pytest.mark.parametrize("body", [b'{"name": "\xff"}', b'{"name": "caf\xe9"}', b'{"name": "\xed\xa0\x80"}'])
def test_text_that_is_not_utf_8_arrives_as_it_was_sent(body: bytes) -> None:
    made = event(replace(REQUEST, body=body))

    assert made["isBase64Encoded"] is True
    assert base64.b64decode(made["body"]) == body


def test_a_client_cannot_choose_its_own_address() -> None:
    made = event(replace(REQUEST, headers=[("x-forwarded-for", "203.0.113.9")]))

    assert made["requestContext"]["http"]["sourceIp"] == "192.0.2.1"
    assert made["headers"]["x-forwarded-for"] == "203.0.113.9, 192.0.2.1"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("/v1/a%20b", "/v1/a b"), ("/v1/a%2Fb", "/v1/a/b"), ("/v1/a%3Fb", "/v1/a"), ("/v1/%C3%A9", "/v1/é")],
)
def test_a_path_arrives_decoded_and_ends_at_a_decoded_question_mark(raw: str, expected: str) -> None:
    assert decoded(raw) == expected


def answer(result: object, *, remap: bool = False) -> HttpAnswer:
    return answer_of(result, request_id="JKJaX=", remap_www_authenticate=remap)


def test_an_answer_keeps_its_status_headers_cookies_and_body() -> None:
    result = {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json", "X-Many": "a,b", "X-Number": 3},
        "cookies": ["a=1; Secure", "b=2"],
        "body": '{"é":1}',
    }

    assert answer(result) == HttpAnswer(
        status=201,
        headers=[
            ("set-cookie", "a=1; Secure"),
            ("set-cookie", "b=2"),
            ("content-type", "application/json"),
            ("x-many", "a,b"),
            ("x-number", "3"),
            ("apigw-requestid", "JKJaX="),
        ],
        body='{"é":1}'.encode(),
    )


def test_a_base64_answer_goes_out_as_bytes() -> None:
    made = answer({"statusCode": 200, "isBase64Encoded": True, "body": base64.b64encode(b"\x00\xff").decode()})

    assert made.body == b"\x00\xff"


def test_a_body_without_a_type_goes_out_as_plain_text() -> None:
    assert ("content-type", "text/plain;charset=UTF-8") in answer({"statusCode": 200, "body": "hi"}).headers
    assert "content-type" not in dict(answer({"statusCode": 204}).headers)


def test_headers_of_the_connection_are_not_the_functions_to_set() -> None:
    made = answer({"statusCode": 200, "headers": {"Connection": "close", "Content-Length": "999"}, "body": "hi"})

    assert not dict(made.headers).keys() & {"connection", "content-length"}


def test_anything_without_a_status_is_the_body_of_a_good_answer() -> None:
    assert answer({"hello": "world"}) == HttpAnswer(
        status=200, headers=[("content-type", "application/json")], body=b'{"hello":"world"}'
    )
    assert answer("hello").body == b'"hello"'


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "never"},
        {"statusCode": 42},
        {"statusCode": None},
        {"statusCode": 200, "headers": ["no", "mapping"]},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "isBase64Encoded": True, "body": "not base64!"},
    ],
)
def test_what_is_no_http_answer_is_refused(result: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswer):
        answer(result)


def test_the_challenge_is_renamed_only_when_asked_for() -> None:
    result = {"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer"}}

    assert ("www-authenticate", "Bearer") in answer(result).headers
    assert answer(result, remap=True).headers[0] == ("x-amzn-remapped-www-authenticate", "Bearer")
    assert "www-authenticate" not in dict(answer(result, remap=True).headers)
