"""What the issuer knows the stack by: a secret that an operator puts where the template made room for one."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import boto3  # noqa: TID251 - it fills the moto that the wiring asks
import pytest
from moto import mock_aws

from functions.settings import Settings
from functions.wiring import Wiring
from shared.services.credentials.keys import KeysUnusable
from tests.storage.loopback_aws import loopback_aws

Put = Callable[[str], Wiring]


@pytest.fixture
def put() -> Generator[Put]:
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        session: Any = boto3.Session()
        secrets = session.client("secretsmanager")

        def put_secret(text: str) -> Wiring:
            arn: str = secrets.create_secret(Name="OidcClientSecret", SecretString=text)["ARN"]
            return Wiring(Settings(values={"OIDC_CLIENT_SECRET_ARN": arn}))

        with loopback_aws({"secretsmanager": secrets}) as aws:
            environment.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", aws.address)
            yield put_secret


def test_a_secret_that_was_put_there_is_the_clients(put: Put) -> None:
    assert put('{"client_secret": "s3cr3t of the issuer"}').oidc_client_secret == "s3cr3t of the issuer"


def test_as_the_template_makes_it_there_is_none_and_the_client_is_public(put: Put) -> None:
    assert put("{}").oidc_client_secret is None


def test_where_no_room_was_made_for_one_nobody_is_asked() -> None:
    assert Wiring(Settings(values={})).oidc_client_secret is None
    assert Wiring(Settings(values={"OIDC_CLIENT_SECRET_ARN": ""})).oidc_client_secret is None


@pytest.mark.parametrize(
    "text", ['{"secret": "s3cr3t"}', '{"client_secret": 7}', '{"client_secret": ""}', '"s3cr3t"', "[]"]
)
def test_what_is_put_there_in_another_form_is_told_in_words_without_the_secret(put: Put, text: str) -> None:
    with pytest.raises(KeysUnusable) as refused:
        _ = put(text).oidc_client_secret

    assert '{"client_secret": "..."}' in str(refused.value)
    assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize(("said", "trusted"), [({}, False), ({"OAUTH_LOOPBACK_CLIENTS": "1"}, True)])
def test_documents_of_clients_may_lie_on_this_machine_only_where_that_is_said(
    said: dict[str, str], *, trusted: bool
) -> None:
    assert Wiring(Settings(values=said)).trusts_loopback_clients is trusted
