"""A key in KMS, which never leaves it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Protocol

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from shared.storage.contracts.streams import StoreUnavailable

SERVER_ERROR = 500
TOO_BUSY = "ThrottlingException"


class KmsClient(Protocol):
    """What we use of boto3's client."""

    def get_public_key(self, **request: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        """Give the public key of a pair."""
        ...

    def sign(self, **request: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        """Sign a message."""
        ...


class KmsSigner:
    """Keeps the contract of `Signer` with a key of the spec ECC_NIST_P256."""

    def __init__(self, client: KmsClient, *, arn: str) -> None:
        self._client = client
        self._arn = arn
        self._public_key: bytes | None = None

    @property
    def public_key(self) -> bytes:
        if self._public_key is None:
            with _told_as_unavailable():
                self._public_key = bytes(self._client.get_public_key(KeyId=self._arn)["PublicKey"])
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        with _told_as_unavailable():
            answer = self._client.sign(
                KeyId=self._arn, Message=message, MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256"
            )
        return answer["Signature"]


@contextmanager
def _told_as_unavailable() -> Generator[None]:
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status >= SERVER_ERROR or error.response.get("Error", {}).get("Code") == TOO_BUSY:
            raise StoreUnavailable("KMS did not sign") from error
        raise
    except (HTTPClientError, NoConnection) as error:
        raise StoreUnavailable("KMS did not answer") from error
