"""A container of each function: what it is opened with, and what it says to whoever asks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from fastapi import FastAPI
from mangum import Mangum

from functions.projector.changes import Following
from shared.services.folds.fold_workspace import Folder
from shared.services.follow_use import UseFollower
from shared.services.gate import Gate
from shared.services.imports.import_upload import Importer
from shared.services.trail.sources import TrailSources
from shared.storage.engine import Engine
from shared.storage.objects.folder import FolderObjects
from shared.transports.http.app import TEXT_TYPES, build_api
from shared.transports.http.bearer import MemberBearers
from shared.transports.http.collaborators import Collaborators
from shared.transports.http.github_keys import GithubKeys
from shared.transports.http.hardening import Hardened
from shared.transports.issuer import Issuer
from shared.transports.mcp.answers import Place
from shared.transports.mcp.app import build_app
from tests.data.memory_queue import MemoryQueue
from tests.data.merchants import KEYS as DATA_KEYS
from tests.data.stores import Stores
from tests.data.tenants import KEYS
from tests.services.trail.sealing import KeyInMemory
from tests.transports.http.issuer import AUDIENCE

PUBLIC_URL, DOCS_URL, NOWHERE = "https://mcp.test", "https://docs.test", "http://127.0.0.1:9/keys"
SIGNER = KeyInMemory(private=derive_private_key(7, SECP256R1()))
"""The key of the log, the same in every process."""
BUILT: list[FastAPI] = []
"""The routes of the REST API, built once in a process: that takes a third of a second."""
SMALL_PART_BYTES = 1
"""Of a file that one run reads: so a file of few lines is read in many runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What somebody who asked was told."""

    status: int | None = None
    """Of HTTP; None where a function is asked by AWS."""
    code: str = ""
    """Why not, or nothing."""
    text: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.text)

    @property
    def is_done(self) -> bool:
        return not self.code and self.status in {None, 200, 201}

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.status, self.code) if part) or "done"


@dataclass(kw_only=True)
class Container:
    """The functions of one deployment, each opened when it is first asked."""

    engine: Engine = field(repr=False)
    folder: Path
    issuer: str
    now: datetime
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    _numbers: count[int] = field(default_factory=lambda: count(1), init=False, repr=False)

    @cached_property
    def stores(self) -> Stores:
        return Stores.over(self.engine)

    @cached_property
    def objects(self) -> FolderObjects:
        return FolderObjects(self.folder / "objects")

    @cached_property
    def archive(self) -> FolderObjects:
        return FolderObjects(self.folder / "archive")

    @cached_property
    def trail(self) -> TrailSources:
        on = self.stores
        return TrailSources(
            audit=on.audit, seals=on.seals, index=on.trail_index, people=on.people, open_archive=lambda: self.archive
        )

    @cached_property
    def gate(self) -> Gate:
        on = self.stores
        return Gate(keys=KEYS, tokens=on.tokens, subjects=on.subjects, audit=on.audit)

    @cached_property
    def mcp(self) -> Mangum:
        on = self.stores
        app = build_app(
            gate=self.gate,
            workspaces=on.workspaces,
            figures=on.figures,
            trail=self.trail,
            alerts=on.alerts,
            place=Place(public_url=PUBLIC_URL, docs_url=DOCS_URL),
            clock=lambda: self.now,
        )
        return Mangum(app, lifespan="off")

    @cached_property
    def rest(self) -> Mangum:
        if not BUILT:
            BUILT.append(build_api(self.collaborators))
        (api,) = BUILT
        api.state.collaborators = self.collaborators
        return Mangum(
            Hardened(api, docs_url=DOCS_URL, longer_bodies={}), lifespan="off", text_mime_types=list(TEXT_TYPES)
        )

    @cached_property
    def collaborators(self) -> Collaborators:
        on = self.stores
        return Collaborators(
            keys=KEYS,
            tokens=on.tokens,
            workspaces=on.workspaces,
            contacts=on.contacts,
            trail=self.trail,
            replies=on.replies,
            evidence=on.evidence,
            imports=on.imports,
            figures=on.figures,
            alerts=on.alerts,
            open_objects=lambda: self.objects,
            gate=self.gate,
            bearers=MemberBearers(Issuer(url=self.issuer, audience=AUDIENCE)),
            github_keys=GithubKeys(url=NOWHERE),
            now=lambda: self.now,
            public_url=PUBLIC_URL,
            docs_url=DOCS_URL,
        )

    @cached_property
    def importer(self) -> Importer:
        on = self.stores
        return Importer(
            imports=on.imports,
            figures=on.figures,
            rollups=on.figures,
            objects=self.objects,
            keys=DATA_KEYS,
            queue=self.queue,
            clock=lambda: self.now,
            part_bytes=SMALL_PART_BYTES,
        )

    @cached_property
    def folding(self) -> Folder:
        return Folder(rollups=self.stores.figures, figures=self.stores.figures, objects=self.objects)

    @cached_property
    def following(self) -> Following:
        on = self.stores
        return Following(
            folder=self.folding,
            uses=UseFollower(tokens=on.tokens, evidence=on.evidence),
            trail=self.trail,
            calls=on.counted_calls,
            now=lambda: self.now,
            meter=_never_altered,
        )

    def answer(self, app: Mangum, event: dict[str, Any]) -> Seen:
        """Hand a request to an app, as API Gateway does."""
        event["requestContext"]["requestId"] = f"request-{id(self)}-{next(self._numbers)}"
        answer = app(event, None)  # pyright: ignore[reportArgumentType] - nobody reads the Lambda context
        status, text = answer["statusCode"], answer["body"]
        return Seen(status=status, code=_code_in(text), text=text, headers=answer["headers"])


def _code_in(text: str) -> str:
    """Say why an answer is none: the code of a problem, the reason of a refusal, or that a tool failed."""
    match json.loads(text):
        case {"code": str(code)}:
            return code
        case {"error": {"data": {"reason": str(reason)}}}:
            return reason
        case {"error": {"code": code}}:
            return f"JSON-RPC {code}"
        case {"result": {"isError": True, **result}}:
            return f"tool error {result.get('structuredContent')}"
        case _:
            return ""


def _never_altered(tampering: object) -> None:
    raise AssertionError(f"the product itself altered its trail: {tampering}")
