"""What the client of AWS's JSON services does with its connection, and with answers that are none."""

from __future__ import annotations

import ssl
from contextlib import suppress

import pytest

from functions.aws import json_client
from functions.settings import SettingMissing, Settings
from functions.wiring import now
from shared.storage.aws.json_client import DYNAMODB, SECRETS_MANAGER, AwsJsonClient, NoAnswer, Place, Refused, Service
from shared.storage.aws.retries import ATTEMPTS, retry
from shared.storage.aws.signature import Credentials
from tests.storage.clients import dynamodb_at
from tests.storage.scripted_server import SILENCE, Answer, error, scripted_aws

OWN = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_REGION": "eu-central-1"}


def of_process(service: Service = DYNAMODB, *, address: str = "", **environment: str) -> AwsJsonClient:
    process = Settings(values={**OWN, **environment})
    return json_client(service, process=process, address=address, clock=now, retry=retry(attempts=1))


def test_requests_go_over_one_connection() -> None:
    with scripted_aws(Answer({"Item": {}})) as server:
        client = dynamodb_at(server.address)
        for _ in range(3):
            client.ask("GetItem", {})

    assert (len(server.requests), server.connections) == (3, 1)


def test_a_connection_that_ended_meanwhile_costs_no_attempt() -> None:
    with scripted_aws(Answer({}, hangs_up=True), Answer({})) as server:
        client = dynamodb_at(server.address, attempts=1)
        client.ask("GetItem", {})
        assert server.hung_up.wait(timeout=60)
        client.ask("GetItem", {})

    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"Item": {}}, damaged=True),
        Answer(text="<html>"),
        Answer(text="[]"),
        Answer(text='{"Item": '),
        SILENCE,
    ],
    ids=["damaged", "no JSON", "no object", "half of it", "silence"],
)
def test_what_cannot_be_understood_is_asked_again_and_then_no_answer(answer: Answer) -> None:
    with scripted_aws(answer) as server:
        with pytest.raises(NoAnswer) as missing:
            dynamodb_at(server.address, timeout=0.2).ask("GetItem", {})

        assert missing.value.attempts == ATTEMPTS == len(server.requests)


def test_an_answer_that_comes_too_late_is_not_taken_for_that_of_the_next_request() -> None:
    with scripted_aws(SILENCE, Answer({"Count": 7})) as server:
        client = dynamodb_at(server.address, attempts=1, timeout=0.2)
        with suppress(NoAnswer):
            client.ask("Query", {})
        assert client.ask("Query", {}).body == {"Count": 7}

    assert server.connections == 2


def test_each_attempt_is_signed_anew_with_credentials_that_are_asked_for_anew() -> None:
    renewed = iter([Credentials(access_key="OLD", secret_key="o"), Credentials(access_key="NEW", secret_key="n")])
    with scripted_aws(Answer(status=500), Answer({})) as server:
        place = Place(
            address=server.address,
            region="eu-central-1",
            credentials=lambda: next(renewed),
            clock=now,
            tls=ssl.create_default_context,
        )
        AwsJsonClient(DYNAMODB, place, timeout=60, retry=retry()).ask("GetItem", {})

    assert [headers["authorization"].split("/")[0] for headers in server.headers] == [
        "AWS4-HMAC-SHA256 Credential=OLD",
        "AWS4-HMAC-SHA256 Credential=NEW",
    ]


@pytest.mark.parametrize("code", ["ValidationException", "InvalidSignatureException"])
def test_a_refusal_repeats_neither_what_was_asked_nor_the_headers(code: str) -> None:
    answer = error(code, message="x-amz-security-token: t0k3n, value: s3cr3t")
    with scripted_aws(answer) as server, pytest.raises(Refused, match=rf"^PutItem: 400 {code}$") as refused:
        dynamodb_at(server.address).ask("PutItem", {})

    assert (refused.value.code, refused.value.status) == (code, 400)


def test_a_right_that_is_missing_is_told_in_the_words_of_aws() -> None:
    words = "User: arn:aws:sts::123456789012:assumed-role/x is not authorized to perform: dynamodb:PutItem"
    with scripted_aws(error("AccessDeniedException", message=words)) as server, pytest.raises(Refused, match=words):
        dynamodb_at(server.address).ask("PutItem", {})


def test_each_service_is_asked_by_its_own_names() -> None:
    with scripted_aws(Answer({})) as server:
        of_process(DYNAMODB, AWS_ENDPOINT_URL_DYNAMODB=server.address).ask("GetItem", {})
        of_process(SECRETS_MANAGER, AWS_ENDPOINT_URL=server.address, AWS_SESSION_TOKEN="t").ask("GetSecretValue", {})

    rows, secrets = server.headers
    assert (rows["content-type"], rows["x-amz-target"]) == ("application/x-amz-json-1.0", "DynamoDB_20120810.GetItem")
    assert (secrets["content-type"], secrets["x-amz-target"]) == (
        "application/x-amz-json-1.1",
        "secretsmanager.GetSecretValue",
    )
    assert "x-amz-security-token" not in rows
    assert secrets["x-amz-security-token"] == "t"
    assert "/eu-central-1/secretsmanager/aws4_request" in secrets["authorization"]


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "dynamodb.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", "dynamodb.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "dynamodb.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", "dynamodb.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_without_an_address_the_region_is_asked(region: str, host: str) -> None:
    with pytest.raises(NoAnswer, match=f"^GetItem got no answer from {host}: PermissionError"):
        of_process(AWS_REGION=region).ask("GetItem", {})


def test_an_address_of_our_own_goes_before_those_of_the_environment() -> None:
    with scripted_aws(Answer({})) as server:
        of_process(address=server.address, AWS_ENDPOINT_URL="http://127.0.0.1:9").ask("GetItem", {})

    assert len(server.requests) == 1


def test_credentials_of_a_profile_are_botocores_to_find(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "FOUND")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "found")
    with scripted_aws(Answer({})) as server:
        process = Settings(values={"AWS_REGION": "eu-central-1"})
        json_client(DYNAMODB, process=process, address=server.address, clock=now, retry=retry()).ask("GetItem", {})

    assert "Credential=FOUND/" in server.headers[0]["authorization"]


def test_a_process_that_is_told_no_region_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(SettingMissing, match="AWS_REGION"):
        of_process(AWS_REGION="")
