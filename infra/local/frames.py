"""How the local stack and its worker processes talk: a length, then that many bytes of JSON."""

import asyncio
import json
import struct
from typing import Any, BinaryIO

_LENGTH = struct.Struct(">I")

Frame = dict[str, Any]


def encode(frame: Frame) -> bytes:
    """Raises `TypeError` or `ValueError` for what JSON cannot say, as Lambda's own runtime does."""
    body = json.dumps(frame, separators=(",", ":"), allow_nan=False).encode("utf-8")
    return _LENGTH.pack(len(body)) + body


def read(stream: BinaryIO) -> Frame | None:
    """The next frame, or None when the other side is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return None if len(body) < length else json.loads(body)


async def receive(stream: asyncio.StreamReader) -> Frame | None:
    """The next frame, or None when the other side is gone."""
    try:
        (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
        return json.loads(await stream.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return None
