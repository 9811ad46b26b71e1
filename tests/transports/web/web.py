"""Asks for pages as API Gateway does, and keeps cookies as a browser does."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from fastapi import FastAPI
from mangum import Mangum

from shared.services.grants.client_documents import ClientDocuments, DocumentAddress, DocumentUnreachable
from shared.services.sessions.session import begin_session, find_session, form_key
from shared.transports.issuer import Issuer
from shared.transports.web.app import TEXT_TYPES, build_pages
from shared.transports.web.parts import WebParts
from shared.transports.web.visitors import SESSION_COOKIE
from shared.transports.web.walls import Walled
from tests.data.memory_objects import MemoryObjects
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import ISSUER, KEYS, NOON

PUBLIC_URL = "https://api.test"
AUDIENCE = "merchant-mcp"
SETTINGS = "/dashboard/settings/developer/mcp"
FORM = "application/x-www-form-urlencoded"
BUILT: list[FastAPI] = []
"""The routes, built once for all tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str
    cookies: tuple[str, ...] = ()

    @property
    def location(self) -> str:
        """Where a redirect leads, as a path where it is ours."""
        return self.headers["location"].removeprefix(PUBLIC_URL)

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the document is
        return json.loads(self.text)

    @property
    def words(self) -> str:
        """What stands on the page, without its tags, in single spaces."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.text)).split())


@dataclass
class Published:
    """The web, as far as documents of clients lie in it."""

    documents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    asked: list[str] = field(default_factory=list[str])

    def fetch(self, address: DocumentAddress) -> bytes:
        url = f"https://{address.host}{address.target}"
        self.asked.append(url)
        if url not in self.documents:
            raise DocumentUnreachable("nothing is there.")
        return self.documents[url]


@dataclass
class Web:
    """One browser before the pages, over stores in memory, with a clock that stands still."""

    issuer_url: str = ISSUER
    stores: Stores = field(default_factory=memory_stores)
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    now: datetime = NOON
    client_secret: str | None = None
    published: Published = field(default_factory=Published)
    cookies: dict[str, str] = field(default_factory=dict[str, str])
    requests: int = 0

    @cached_property
    def parts(self) -> WebParts:
        return WebParts(
            keys=KEYS,
            tokens=self.stores.tokens,
            workspaces=self.stores.workspaces,
            sessions=self.stores.sessions,
            codes=self.stores.codes,
            documents=ClientDocuments(self.published),
            contacts=self.stores.contacts,
            trail=self.stores.trail,
            replies=self.stores.replies,
            evidence=self.stores.evidence,
            imports=self.stores.imports,
            figures=self.stores.figures,
            alerts=self.stores.alerts,
            open_objects=lambda: self.objects,
            issuer=Issuer(url=self.issuer_url, audience=AUDIENCE),
            client_secret=lambda: self.client_secret,
            now=lambda: self.now,
            public_url=PUBLIC_URL,
            docs_url="https://docs.test",
        )

    def sign_in(self, subject: str = "olivia", *, person: str | None = None) -> None:
        """Give the browser a session of somebody, as the callback does."""
        self.cookies[SESSION_COOKIE] = begin_session(
            issuer=self.issuer_url,
            subject=subject,
            person=person,
            replacing=None,
            now=self.now,
            sessions=self.stores.sessions,
        )

    @property
    def form_key(self) -> str:
        """What forms of the present session carry."""
        session = find_session(self.cookies.get(SESSION_COOKIE), now=self.now, sessions=self.stores.sessions)
        assert session is not None
        return form_key(session, KEYS)

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, **query: object) -> Page:
        return self.send("GET", path, query=urlencode(query, doseq=True), headers=headers)

    def post(self, path: str, *, headers: Mapping[str, str] | None = None, **fields: object) -> Page:
        """Send a form as a page of the present session does."""
        body = urlencode({"csrf": self.form_key, **fields}, doseq=True)
        browser = {"origin": PUBLIC_URL, "sec-fetch-site": "same-origin", "content-type": FORM}
        return self.send("POST", path, headers={**browser, **(headers or {})}, body=body)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: str = "",
    ) -> Page:
        self.requests += 1
        split = urlsplit(path)
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": split.path,
            "rawQueryString": query or split.query,
            "headers": {"host": "api.test", "user-agent": "browser/1", **(headers or {})},
            "cookies": [f"{name}={value}" for name, value in self.cookies.items()],
            "requestContext": {
                "http": {"method": method, "path": unquote(split.path), "sourceIp": "192.0.2.7", "userAgent": ""},
                "requestId": f"request-{self.requests}",
                "stage": "$default",
            },
            "isBase64Encoded": False,
        }
        if body:
            event["body"] = body
        given = self._handler(event)
        assert given["isBase64Encoded"] is False
        self._keep(given.get("cookies", []))
        return Page(
            status=given["statusCode"],
            headers=given["headers"],
            text=given.get("body", ""),
            cookies=tuple(given.get("cookies", [])),
        )

    def _handler(self, event: dict[str, Any]) -> dict[str, Any]:
        if not BUILT:
            BUILT.append(build_pages(self.parts))
        (app,) = BUILT
        app.state.parts = self.parts  # what routes work with is each test's own
        return Mangum(Walled(app), lifespan="off", text_mime_types=list(TEXT_TYPES))(event, None)  # pyright: ignore[reportArgumentType] - nobody looks at the context

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
