"""Objects in an S3 bucket."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from shared.storage.contracts.objects import ObjectInfo, ObjectMissing, PresignedUpload
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.objects.keys import checked_key

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

READ_AHEAD = 1 << 20
SERVER_ERROR = 500
TOO_BUSY = frozenset({"RequestTimeout", "SlowDown", "ThrottlingException"})


class S3Objects:
    """Keeps the contract of `ObjectStore` in a bucket."""

    def __init__(self, client: S3Client, *, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put_file(self, key: str, source: Path) -> None:
        with source.open("rb") as content, _told_as_unavailable():
            self._client.upload_fileobj(content, self._bucket, checked_key(key))

    def put(self, key: str, content: bytes) -> None:
        with _told_as_unavailable():
            self._client.put_object(Bucket=self._bucket, Key=checked_key(key), Body=content)

    @contextmanager
    def open(self, key: str) -> Generator[BinaryIO]:
        with _told_as_unavailable(), closing(self._opened(key)) as file:
            yield file

    def fetch(self, key: str, target: Path) -> None:
        with self.open(key) as file, target.open("wb") as copy:
            shutil.copyfileobj(file, copy)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        with _told_as_unavailable():
            for page in pages:
                for found in page.get("Contents", ()):
                    yield ObjectInfo(key=found.get("Key", ""), size=found.get("Size", 0))

    def delete(self, key: str) -> None:
        with _told_as_unavailable():
            self._client.delete_object(Bucket=self._bucket, Key=checked_key(key))

    def presign_upload(
        self, key: str, *, size: int, sha256: str, now: datetime, lifetime: timedelta
    ) -> PresignedUpload:
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        # What stands here is signed with the address, as long as the client signs by version 4 (version 2, boto3's own
        # choice in some regions, would let any length pass): S3 then takes these bytes and no others.
        url = self._client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": checked_key(key),
                "ContentLength": size,
                "ChecksumSHA256": checksum,
            },
            ExpiresIn=int(lifetime.total_seconds()),
        )
        return PresignedUpload(
            method="PUT", url=url, headers={"x-amz-checksum-sha256": checksum}, expires_at=now + lifetime
        )

    def _opened(self, key: str) -> BinaryIO:
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=checked_key(key))["Body"]
        except self._client.exceptions.NoSuchKey:
            raise ObjectMissing(key) from None
        # botocore's stream goes through itself in chunks; a reader around it goes through lines, as a file does.
        return io.BufferedReader(cast("io.RawIOBase", body), READ_AHEAD)


@contextmanager
def _told_as_unavailable() -> Generator[None]:
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status >= SERVER_ERROR or error.response.get("Error", {}).get("Code") in TOO_BUSY:
            raise StoreUnavailable("S3 did not carry out a request") from error
        raise
    except (HTTPClientError, NoConnection) as error:
        raise StoreUnavailable("S3 did not answer") from error
