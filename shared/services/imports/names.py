"""How the objects of imports and facts are called."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.domain.facts.imports import Declared
from shared.domain.moments import moment

DIGEST_LENGTH = 40
"""Hexadecimal digits of the SHA-256 that make an import's id: 160 bits."""
VERSION_LENGTH = 16

NOTHING_DECLARED = Declared()

_IMPORT_ID = re.compile(rf"imp_[0-9a-f]{{{DIGEST_LENGTH}}}", re.ASCII)
_RAW_KEY = re.compile(r"raw/(?P<workspace>[^/]+)/(?P<file>(?P<upload>[^/.]+)[^/]*)")


@dataclass(frozen=True, slots=True)
class RawObject:
    """A file that somebody sent, by the name of its object."""

    workspace_id: str
    upload_id: str
    """The import's id, where the sender knew the bytes beforehand; without any ending that a file name has."""
    file_name: str


def import_id(digest: str, declared: Declared = NOTHING_DECLARED) -> str:
    """Make an import's id from the SHA-256 of its bytes, in hexadecimal digits, and from what is said beside them.

    The same bytes for another account are another import.
    """
    if declared != NOTHING_DECLARED:
        said = [
            moment(declared.exported_at) if declared.exported_at is not None else None,
            declared.account,
            declared.currency,
            declared.costs_from.isoformat() if declared.costs_from is not None else None,
            declared.is_complete,
        ]
        digest = hashlib.sha256(json.dumps([digest, *said]).encode()).hexdigest()
    return f"imp_{digest[:DIGEST_LENGTH]}"


def import_id_of(file: Path, declared: Declared = NOTHING_DECLARED) -> str:
    """Make the id of the import of a file."""
    with file.open("rb") as content:
        return import_id(hashlib.file_digest(content, "sha256").hexdigest(), declared)


def is_import_id(text: str) -> bool:
    """Tell whether a text may be the id of an import."""
    return _IMPORT_ID.fullmatch(text) is not None


def raw_key(workspace_id: str, upload_id: str) -> str:
    """Name the object of a file that is sent."""
    return f"raw/{workspace_id}/{upload_id}"


def read_raw_key(key: str) -> RawObject | None:
    """Tell whose file an object is; None if it is no such object."""
    found = _RAW_KEY.fullmatch(key)
    return RawObject(found["workspace"], found["upload"], found["file"]) if found else None


def bucket_of(family: str, month: str) -> str:
    """Name a bucket of facts."""
    return f"{family}#{month}"


def version_of(objects: Mapping[str, Path]) -> str:
    """Make the version of an import's objects, which are given by bucket, from what is in them."""
    digest = hashlib.sha256()
    for bucket, path in sorted(objects.items()):
        with path.open("rb") as content:
            digest.update(f"{bucket} {hashlib.file_digest(content, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()[:VERSION_LENGTH]


def fact_key(workspace_id: str, bucket: str, import_id: str, version: str = "") -> str:
    """Name the object that holds an import's part of a bucket; never are two contents written under one name."""
    family, _, month = bucket.partition("#")
    name = f"{import_id}.{version}" if version else import_id  # without: as imports of the first release left them
    return f"facts/{workspace_id}/{family}/{month}/{name}.parquet"


def staging_key(workspace_id: str, import_id: str, run: str, name: str) -> str:
    """Name an object that a run leaves for the next one; no two runs ever write under one name."""
    return f"staging/{workspace_id}/{import_id}/{run}/{name}"
