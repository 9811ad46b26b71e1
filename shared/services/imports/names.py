"""How the objects of imports and facts are called."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

DIGEST_LENGTH = 40
"""Hexadecimal digits of the SHA-256 that make an import's id: 160 bits."""

_RAW_KEY = re.compile(r"raw/(?P<workspace>[^/]+)/(?P<upload>[^/]+)\.ndjson")


@dataclass(frozen=True, slots=True)
class RawObject:
    """A file that somebody sent, by the name of its object."""

    workspace_id: str
    upload_id: str
    """The import's id, where the sender knew the bytes beforehand."""


def import_id_of(file: Path) -> str:
    """Make an import's id from the bytes of its file."""
    with file.open("rb") as content:
        return "imp_" + hashlib.file_digest(content, "sha256").hexdigest()[:DIGEST_LENGTH]


def raw_key(workspace_id: str, upload_id: str) -> str:
    """Name the object of a file that is sent."""
    return f"raw/{workspace_id}/{upload_id}.ndjson"


def read_raw_key(key: str) -> RawObject | None:
    """Tell whose file an object is; None if it is no such object."""
    found = _RAW_KEY.fullmatch(key)
    return RawObject(found["workspace"], found["upload"]) if found else None


def bucket_of(family: str, month: str) -> str:
    """Name a bucket of facts."""
    return f"{family}#{month}"


def fact_key(workspace_id: str, bucket: str, import_id: str) -> str:
    """Name the object that holds an import's part of a bucket."""
    family, _, month = bucket.partition("#")
    return f"facts/{workspace_id}/{family}/{month}/{import_id}.parquet"
