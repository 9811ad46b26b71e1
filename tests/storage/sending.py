"""Somebody with nothing but a presigned address, who sends bytes to it over HTTP."""

from __future__ import annotations

import socket
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from threading import Thread
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette

from functions.wiring import now
from infra.local.uploads import upload_routes
from shared.storage.contracts.objects import ObjectMissing, ObjectStore, PresignedUpload
from shared.storage.objects.folder import FolderObjects

KEY = "raw/wks_1/imp_1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """A store, which somebody serves."""

    objects: ObjectStore

    def presign(
        self, content: bytes, *, key: str = KEY, lifetime: timedelta = timedelta(minutes=15)
    ) -> PresignedUpload:
        digest = sha256(content).hexdigest()
        return self.objects.presign_upload(key, size=len(content), sha256=digest, now=now(), lifetime=lifetime)

    def stored(self, key: str = KEY) -> bytes | None:
        """Read what lies under a key; None: nothing."""
        try:
            with self.objects.open(key) as file:
                return file.read()
        except ObjectMissing:
            return None


def send(
    upload: PresignedUpload,
    content: bytes,
    *,
    url: str | None = None,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> int:
    """Send bytes as the address says, but for what is given, and tell the status of the answer."""
    told = upload.headers if headers is None else headers
    return httpx.request(
        method or upload.method, url or upload.url, content=content, headers=dict(told), timeout=60
    ).status_code


def send_half(upload: PresignedUpload, content: bytes) -> None:
    """Begin to send bytes, hang up in the middle of them, and wait until the other side has noticed."""
    at = urlsplit(upload.url)
    head = [f"PUT {at.path}?{at.query} HTTP/1.1", f"Host: {at.netloc}", f"Content-Length: {len(content)}"]
    head += [f"{name}: {value}" for name, value in upload.headers.items()]
    with socket.create_connection((at.hostname or "", at.port or 80), timeout=60) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + content[: len(content) // 2])
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


@contextmanager
def served(objects: FolderObjects, listener: socket.socket) -> Generator[None]:
    """Take uploads into a folder, as the local stack does."""
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=upload_routes(objects)), lifespan="off", log_config=None, access_log=False)
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def loopback() -> Generator[socket.socket]:
    """Listen on a free port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener
