"""What a presigned address promises, of a folder and of S3: one object, these bytes, for a while, and nothing else."""

from __future__ import annotations

import base64
import re
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from functions.settings import Settings
from functions.wiring import Wiring, now
from shared.storage.contracts.objects import PresignedUpload
from shared.storage.objects.folder import FolderObjects
from shared.storage.objects.tickets import Tickets
from tests.storage.sending import KEY, Uploads, send, send_half

CONTENT = b"a file of a merchant's facts\n" * 50_000
SAME_LENGTH = CONTENT[:-2] + b"!\n"
OLDER = b"what lay there before"


def checksum(content: bytes) -> dict[str, str]:
    return {"x-amz-checksum-sha256": base64.b64encode(sha256(content).digest()).decode()}


def test_the_bytes_arrive_under_their_key_and_nowhere_else(uploads: Uploads) -> None:
    upload = uploads.presign(CONTENT)

    assert send(upload, CONTENT) == 200
    assert uploads.stored() == CONTENT
    assert [found.key for found in uploads.objects.list("")] == [KEY]


def test_an_upload_whose_answer_got_lost_is_sent_again_to_the_same_address(uploads: Uploads) -> None:
    upload = uploads.presign(CONTENT)

    assert [send(upload, CONTENT), send(upload, CONTENT)] == [200, 200]
    assert uploads.stored() == CONTENT


WRONG: dict[str, Callable[[PresignedUpload], int]] = {
    "other bytes": lambda upload: send(upload, SAME_LENGTH),
    "other bytes, with their checksum": lambda upload: send(upload, SAME_LENGTH, headers=checksum(SAME_LENGTH)),
    "more bytes": lambda upload: send(upload, CONTENT + b"x"),
    "fewer bytes": lambda upload: send(upload, CONTENT[:-1]),
    "no bytes": lambda upload: send(upload, b""),
    "no checksum": lambda upload: send(upload, CONTENT, headers={}),
    "another key": lambda upload: send(upload, CONTENT, url=upload.url.replace("imp_1", "imp_2")),
    "another tenant": lambda upload: send(upload, CONTENT, url=upload.url.replace("wks_1", "wks_2")),
    "no signature": lambda upload: send(upload, CONTENT, url=upload.url.partition("?")[0]),
    "another signature": lambda upload: send(upload, CONTENT, url=upload.url[:-4] + "0000"),
    "reading": lambda upload: send(upload, b"", method="GET"),
    "deleting": lambda upload: send(upload, b"", method="DELETE"),
}


@pytest.mark.parametrize("what", WRONG)
def test_anything_else_is_refused_and_changes_nothing(uploads: Uploads, what: str) -> None:
    uploads.objects.put(KEY, OLDER)
    upload = uploads.presign(CONTENT)

    assert 400 <= WRONG[what](upload) < 500
    assert uploads.stored() == OLDER
    assert [found.key for found in uploads.objects.list("")] == [KEY]


def test_an_address_is_refused_after_its_time(uploads: Uploads) -> None:
    upload = uploads.presign(CONTENT, lifetime=timedelta(seconds=1))

    while now() < upload.expires_at + timedelta(seconds=1):
        send(upload, b"", method="GET")  # passes the time

    assert send(upload, CONTENT) == 403
    assert uploads.stored() is None


def test_an_upload_that_breaks_off_leaves_nothing(uploads: Uploads) -> None:
    send_half(uploads.presign(CONTENT), CONTENT)

    assert uploads.stored() is None
    assert send(uploads.presign(CONTENT), CONTENT) == 200


def test_a_key_that_leads_elsewhere_gets_no_address(uploads: Uploads) -> None:
    with pytest.raises(ValueError, match="cannot be the key"):
        uploads.presign(CONTENT, key="raw/../facts/wks_1/order")


# --- in AWS -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_the_wiring_signs_length_and_digest_for_the_bucket_of_the_region(
    monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    for name, value in {"DEFAULT_REGION": region, "ACCESS_KEY_ID": "nobody", "SECRET_ACCESS_KEY": "nothing"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    objects = Wiring(Settings(values={"BUCKET": "the-bucket"})).objects

    upload = Uploads(objects=objects).presign(CONTENT)

    query = parse_qs(urlsplit(upload.url).query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;host;x-amz-checksum-sha256"]
    assert query["X-Amz-Expires"] == ["900"]
    host = urlsplit(upload.url).hostname
    assert host == ("the-bucket.s3.amazonaws.com" if region == "us-east-1" else f"the-bucket.s3.{region}.amazonaws.com")


# --- on this machine --------------------------------------------------------------------------------------------------


def test_a_body_of_no_stated_length_is_refused_by_the_folder(folder_uploads: Uploads) -> None:
    upload = folder_uploads.presign(CONTENT)

    answer = httpx.put(upload.url, content=iter([CONTENT]), headers=dict(upload.headers))

    assert answer.status_code == 411
    assert folder_uploads.stored() is None


@pytest.mark.parametrize("name", ["size", "sha256", "expires"])
def test_no_word_of_an_address_can_be_changed(folder_uploads: Uploads, name: str) -> None:
    upload = folder_uploads.presign(CONTENT)
    (value,) = parse_qs(urlsplit(upload.url).query)[name]
    other = {"size": str(len(CONTENT) + 1), "sha256": sha256(SAME_LENGTH).hexdigest(), "expires": str(int(1e10))}[name]

    assert send(upload, CONTENT, url=upload.url.replace(f"{name}={value}", f"{name}={other}")) == 403
    assert folder_uploads.stored() is None


@pytest.mark.parametrize("expires", ["soon", "9" * 17, "-" + "9" * 17, "9" * 30, "-1"])
def test_an_address_of_no_time_that_there_is_is_refused(folder_uploads: Uploads, expires: str) -> None:
    url = re.sub(r"expires=\d+", f"expires={expires}", folder_uploads.presign(CONTENT).url)

    assert send(folder_uploads.presign(CONTENT), CONTENT, url=url) == 403
    assert folder_uploads.stored() is None


def test_of_an_upload_that_is_refused_no_byte_stays_on_the_disk(folder_uploads: Uploads, tmp_path: Path) -> None:
    send(folder_uploads.presign(CONTENT), SAME_LENGTH)
    send_half(folder_uploads.presign(CONTENT), CONTENT)
    give_up = now() + timedelta(seconds=30)
    while [*(tmp_path / "objects" / ".unfinished").iterdir()] and now() < give_up:
        send(folder_uploads.presign(CONTENT), b"", method="GET")  # who hung up is noticed in between

    (key,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert key.name == ".ticket-key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_processes_that_begin_at_once_agree_on_the_key(tmp_path: Path) -> None:
    def presign(each: FolderObjects) -> PresignedUpload:
        return Uploads(objects=each).presign(CONTENT)

    objects = [FolderObjects(tmp_path / "objects", reached_at="http://127.0.0.1:1") for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        given = list(pool.map(presign, objects))

    tickets = Tickets(tmp_path / "objects" / ".ticket-key")
    for upload in given:
        query = {name: value for name, (value,) in parse_qs(urlsplit(upload.url).query).items()}
        assert tickets.read(KEY, query, now=now()).size == len(CONTENT)
