"""An account of the emulated AWS as it looks from outside: addresses, credentials, and clients that know both."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import boto3
from botocore.config import Config

REGION = "us-east-1"
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
"""Of the account's root, whom no policy binds; each function has the credentials of its role."""

# An answer is waited for as long as the slowest function may take; nothing is asked twice, as that might do it twice.
PATIENT = Config(max_pool_connections=40, read_timeout=900, retries={"mode": "standard", "total_max_attempts": 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where an emulated AWS is reached, and by whom."""

    address: str
    plain_address: str
    """The same over plain HTTP, which policies refuse: for them to be tried, and for who needs nothing but stores."""
    certificate: Path
    """What vouches for `address`."""

    def client(self, service: str, *, plain: bool = False) -> Any:  # noqa: ANN401 - boto3 makes the class at run time
        """Make a client of a service."""
        make = cast("Callable[..., Any]", boto3.client)
        return make(
            service,
            region_name=REGION,
            endpoint_url=self.plain_address if plain else self.address,
            verify=str(self.certificate),
            config=PATIENT,
            **CREDENTIALS,
        )

    def trust(self) -> ssl.SSLContext:
        """Give what a program of ours needs to speak to `address`."""
        return ssl.create_default_context(cafile=str(self.certificate))

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program is told that shall work here instead of in AWS."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_CA_BUNDLE": str(self.certificate),
            "AWS_DEFAULT_REGION": REGION,
            **{name.upper(): value for name, value in CREDENTIALS.items()},
        }
