"""The product's own client of DynamoDB, for whatever answers at an address."""

from __future__ import annotations

import ssl

from functions.wiring import now
from infra.emulator.account import CREDENTIALS, REGION
from shared.storage.aws.json_client import DYNAMODB, AwsJsonClient, Place
from shared.storage.aws.signature import Credentials
from shared.storage.dynamodb.conflicts import retry_of_dynamodb

EMULATED = Credentials(
    access_key=CREDENTIALS["aws_access_key_id"], secret_key=CREDENTIALS["aws_secret_access_key"], session_token=None
)


def dynamodb_at(
    address: str, *, credentials: Credentials = EMULATED, attempts: int = 3, timeout: float = 60
) -> AwsJsonClient:
    """Make a client as the wiring does, of an emulator's account."""
    place = Place(
        address=address, region=REGION, credentials=lambda: credentials, clock=now, tls=ssl.create_default_context
    )
    return AwsJsonClient(DYNAMODB, place, timeout=timeout, retry=retry_of_dynamodb(attempts=attempts))
