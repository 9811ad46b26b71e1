"""How a process reaches AWS: a slim client for what the way of a call asks, and boto3 for everything else.

Both read the same variables of the environment, which are AWS's own: where a service is asked (`AWS_ENDPOINT_URL` and
those of single services), whose certificates are believed (`AWS_CA_BUNDLE`), region and credentials.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from functions.settings import SettingMissing, Settings
from shared.storage.aws.json_client import DYNAMODB, SECRETS_MANAGER, AwsJsonClient, Place, Retry, Service
from shared.storage.aws.signature import Credentials

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.client import BaseClient

SILENCE_SECONDS = 1.5
"""How long the way of a call waits for an answer; three times, and a client that has five seconds is still there."""
TIMEOUT_SECONDS = 2
"""The same of everything else, which may send much."""
ATTEMPTS = 3
"""So many of two seconds stay inside the gateway's thirty."""
ENDPOINT_OF: Mapping[Service, str] = {DYNAMODB: "DYNAMODB", SECRETS_MANAGER: "SECRETS_MANAGER"}
"""What AWS calls a service at the end of `AWS_ENDPOINT_URL_`."""
SUFFIX_OF = {"cn": "amazonaws.com.cn", "eusc": "amazonaws.eu"}
"""First part of a region's name -> domain of its partition, where that is not `amazonaws.com`."""


def json_client(
    service: Service, *, process: Settings, address: str = "", clock: Callable[[], datetime], retry: Retry
) -> AwsJsonClient:
    """Make a client of a JSON service; it asks at `address`, if one is given."""
    region = _region(process)
    configured = process.get(f"AWS_ENDPOINT_URL_{ENDPOINT_OF[service]}", process.get("AWS_ENDPOINT_URL", " ")).strip()
    place = Place(
        address=address or configured or f"https://{service.name}.{region}.{_suffix(region)}",
        region=region,
        credentials=_credentials(process),
        clock=clock,
        tls=lambda: ssl.create_default_context(cafile=process.get("AWS_CA_BUNDLE", "") or None),
    )
    return AwsJsonClient(service, place, timeout=SILENCE_SECONDS, retry=retry)


def boto3_client(service: str, settings: Mapping[str, Any] = MappingProxyType({})) -> BaseClient:
    """Make a client of boto3's."""
    import boto3  # noqa: PLC0415 - costs a cold start 0.3 s: only where it is used
    from botocore.config import Config  # noqa: PLC0415 - the same

    config = Config(
        connect_timeout=TIMEOUT_SECONDS,
        read_timeout=TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        **settings,
    )
    make = cast("Callable[..., BaseClient]", boto3.client)
    return make(service, config=config)


def _suffix(region: str) -> str:
    return SUFFIX_OF.get(region.partition("-")[0], "amazonaws.com")


def _region(process: Settings) -> str:
    told = process.get("AWS_REGION", process.get("AWS_DEFAULT_REGION", " ")).strip()
    if told:
        return told
    found = cast("str | None", _session().region_name)
    if found is None:
        raise SettingMissing("AWS_REGION")
    return found


def _credentials(process: Settings) -> Callable[[], Credentials]:
    """Take a function's own credentials, which outlive its container; else have botocore find and renew some.

    A function that started from a snapshot, and an operator with a profile, have none in the environment.
    """
    if process.has("AWS_ACCESS_KEY_ID") and process.has("AWS_SECRET_ACCESS_KEY"):
        own = Credentials(
            access_key=process.get("AWS_ACCESS_KEY_ID"),
            secret_key=process.get("AWS_SECRET_ACCESS_KEY"),
            session_token=process.get("AWS_SESSION_TOKEN", "") or None,
        )
        return lambda: own
    from botocore.exceptions import NoCredentialsError  # noqa: PLC0415 - as above

    found: Any = _session().get_credentials()
    if found is None:
        raise NoCredentialsError

    def current() -> Credentials:
        frozen = found.get_frozen_credentials()
        return Credentials(access_key=frozen.access_key, secret_key=frozen.secret_key, session_token=frozen.token)

    return current


@cache
def _session() -> Session:
    import boto3  # noqa: PLC0415 - as above

    return boto3.Session()
