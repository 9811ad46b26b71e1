"""Calls the API as API Gateway does, and holds each answer against the description that the API gives of itself."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, cast
from urllib.parse import unquote, urlencode

from fastapi import FastAPI
from jsonschema import Draft202012Validator
from mangum import Mangum

from shared.services.gate import Gate
from shared.transports.http import leaks
from shared.transports.http.app import TEXT_TYPES, build_api
from shared.transports.http.bearer import MemberBearers
from shared.transports.http.collaborators import Collaborators
from shared.transports.http.github_keys import GithubKeys
from shared.transports.http.hardening import Hardened
from shared.transports.issuer import Issuer
from tests.data.memory_objects import MemoryObjects
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import KEYS, NOON
from tests.transports.http.issuer import AUDIENCE, LoopbackIssuer

DOCS_URL = "https://docs.test"
NO_CONTENT = 204
PUBLIC_URL = "https://api.test"
NOWHERE = "http://127.0.0.1:9/keys"
"""Where nobody answers."""
JSON = {"content-type": "application/json"}
BUILT: list[FastAPI] = []
"""The routes, built once: that takes a third of a second."""
DESCRIPTION: dict[str, Any] = {}
"""/v1/openapi.json, read once: writing it takes a tenth of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the document is
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of a problem."""
        assert self.headers["content-type"] == "application/problem+json"
        return str(self.json["code"])


@dataclass
class Api:
    """The API over stores in memory, with a clock that stands still."""

    issuer: LoopbackIssuer
    stores: Stores = field(default_factory=memory_stores)
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    now: datetime = NOON
    github_keys_url: str = NOWHERE
    requests: int = 0
    answered: set[tuple[str, str, int]] = field(default_factory=set[tuple[str, str, int]])
    """Method, path of the description, status: what was held against the description."""

    @cached_property
    def collaborators(self) -> Collaborators:
        return Collaborators(
            keys=KEYS,
            tokens=self.stores.tokens,
            workspaces=self.stores.workspaces,
            contacts=self.stores.contacts,
            trail=self.stores.trail,
            replies=self.stores.replies,
            evidence=self.stores.evidence,
            imports=self.stores.imports,
            figures=self.stores.figures,
            alerts=self.stores.alerts,
            open_objects=lambda: self.objects,
            gate=Gate(keys=KEYS, tokens=self.stores.tokens, subjects=self.stores.subjects, audit=self.stores.audit),
            bearers=MemberBearers(Issuer(url=self.issuer.url, audience=AUDIENCE)),
            github_keys=GithubKeys(url=self.github_keys_url),
            now=lambda: self.now,
            public_url=PUBLIC_URL,
            docs_url=DOCS_URL,
        )

    @cached_property
    def description(self) -> dict[str, Any]:
        if not DESCRIPTION:
            DESCRIPTION.update(self.send("GET", "/v1/openapi.json", check=False).json)
        return DESCRIPTION

    def get(
        self, path: str, *, by: str | None = "olivia", headers: Mapping[str, str] | None = None, **query: object
    ) -> Answer:
        return self.send("GET", path, by=by, headers=headers, query=urlencode(query, doseq=True))

    def post(
        self, path: str, body: object, *, by: str | None = "olivia", headers: Mapping[str, str] | None = None
    ) -> Answer:
        return self.send("POST", path, by=by, headers={**JSON, **(headers or {})}, body=json.dumps(body))

    def patch(self, path: str, body: object, *, by: str | None = "olivia") -> Answer:
        return self.send("PATCH", path, by=by, headers=JSON, body=json.dumps(body))

    def send(
        self,
        method: str,
        path: str,
        *,
        by: str | None = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: str | bytes = "",
        check: bool = True,
    ) -> Answer:
        """Send a request, `by` somebody who is signed in; a body in bytes arrives in base64."""
        self.requests += 1
        sent = {"host": "api.test", "user-agent": "tests/1", **(headers or {})}
        if by is not None:
            sent["authorization"] = f"Bearer {self.issuer.bearer(by, now=self.now)}"
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": "ANY /v1/{proxy+}",
            "rawPath": path,
            "rawQueryString": query,
            "headers": sent,
            "requestContext": {
                "http": {"method": method, "path": unquote(path), "sourceIp": "192.0.2.7", "userAgent": "tests/1"},
                "requestId": f"request-{self.requests}",
                "stage": "$default",
            },
            "isBase64Encoded": False,
        }
        if isinstance(body, bytes):
            event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        elif body:
            event["body"] = body
        given = self._handler(event, None)
        assert given["isBase64Encoded"] is False
        answer = Answer(status=given["statusCode"], headers=given["headers"], text=given.get("body", ""))
        if check:
            self._hold_against_description(method, unquote(path), answer)
        return answer

    def _handler(self, event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - nobody looks at it
        if not BUILT:
            BUILT.append(build_api(self.collaborators))
        (api,) = BUILT
        api.state.collaborators = self.collaborators  # what routes work with is each test's own
        app = Hardened(api, docs_url=DOCS_URL, longer_bodies=leaks.LONGEST_BODIES)
        return Mangum(app, lifespan="off", text_mime_types=list(TEXT_TYPES))(event, context)

    def _hold_against_description(self, method: str, path: str, answer: Answer) -> None:
        paths = self.description["paths"]
        # Of /tokens/self and /tokens/{token_id} the plainer one is meant, whatever the method.
        described = min((each for each in paths if _matches(each, path)), key=lambda each: each.count("{"), default="")
        operation = paths[described].get(method.lower()) if described else None
        if operation is None:
            assert answer.status in {404, 405, 413, 415}
            self._validate({"$ref": "#/components/schemas/Problem"}, answer.json)
            return
        assert str(answer.status) in operation["responses"], f"{method} {described} does not tell of {answer.status}"
        self.answered.add((method, described, answer.status))
        if answer.status == NO_CONTENT:
            assert answer.text == ""
            assert "content" not in operation["responses"][str(answer.status)]
            return
        media_type = answer.headers["content-type"].partition(";")[0]
        content = operation["responses"][str(answer.status)]["content"]
        assert media_type in content, f"{method} {described} does not tell of {media_type}"
        if described == "/v1/audit/events" and media_type == "application/x-ndjson":
            for line in answer.text.splitlines():
                self._validate({"$ref": "#/components/schemas/EventView"}, json.loads(line))
        else:
            is_json = media_type.endswith("json") and media_type != "application/x-ndjson"
            self._validate(content[media_type]["schema"], answer.json if is_json else answer.text)

    def _validate(self, schema: dict[str, Any], document: object) -> None:
        closed = _closed({**schema, "components": self.description["components"]})
        validator: Any = Draft202012Validator(closed)  # its types leave the document open
        validator.validate(document)


def _matches(described: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", described), path) is not None


def _closed(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Forbid every field that a schema does not name: an answer must not say more than is described."""
    if isinstance(schema, list):
        return [_closed(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    parts = {name: _closed(part) for name, part in cast("dict[str, Any]", schema).items()}
    return {"additionalProperties": False, **parts} if "properties" in parts else parts
