"""A whole product in this process, asked as API Gateway asks it, with a meter at all that an attack could cost."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any, cast

import pytest
from argon2 import PasswordHasher
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from mangum import Mangum

from functions.gateway import behind_gateway
from functions.settings import Settings
from infra.local.http_event import HttpRequest, decoded, event_of
from shared.domain.scopes import Scope
from shared.services.create_token import NewToken
from shared.services.credentials.verified import VerifiedCredentials
from shared.services.denials import Denials
from shared.services.gate import Gate
from shared.services.grants.client_documents import ClientDocuments
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.transports.http.app import TEXT_TYPES as OF_THE_API
from shared.transports.http.app import build_app as build_rest
from shared.transports.http.bearer import MemberBearers
from shared.transports.http.collaborators import Collaborators
from shared.transports.http.github_keys import GithubKeys
from shared.transports.issuer import Issuer
from shared.transports.mcp.app import McpApp
from shared.transports.mcp.app import build_app as build_mcp
from shared.transports.web.app import TEXT_TYPES as OF_PAGES
from shared.transports.web.app import build_web
from shared.transports.web.oauth.fetch_document import FetchDocument
from shared.transports.web.parts import WebParts
from tests.data.memory_objects import MemoryObjects
from tests.data.stores import Stores
from tests.data.tenants import KEYS, token, workspace
from tests.transports.http.api import NOWHERE
from tests.transports.http.issuer import AUDIENCE
from tests.transports.mcp.shop import PLACE, Clock
from tests.walls.world import CopiedEngine, Inside

IP = "203.0.113.7"
OF_OTHERS = ("/v1/", "/dashboard", "/auth/", "/oauth/", "/.well-known/oauth-authorization-server")
"""How paths begin that are not of the MCP server."""
WRITES = frozenset({"put", "update", "delete", "transact"})
"""Of the store's operations those that change something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer, and all that it took."""

    status: int
    headers: Mapping[str, str]
    text: str
    cookies: Sequence[str]
    operations: Counter[str]
    """What was asked of the store, by kind."""
    hashes: int
    """How often argon2 ran."""
    logged: Sequence[str]
    """Lines as CloudWatch gets them: of the log, and of metrics."""

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the document is
        return json.loads(self.text)

    @property
    def writes(self) -> int:
        return sum(times for name, times in self.operations.items() if name in WRITES)

    @property
    def shown(self) -> str:
        """All that a caller sees."""
        return "\n".join((*self.headers.values(), *self.cookies, self.text))

    @property
    def costs(self) -> Mapping[str, int]:
        """What it took of what is dear, by name; what it did not take is not named."""
        return {**{name: times for name, times in self.operations.items() if times}, **self._hashes}

    @property
    def _hashes(self) -> Mapping[str, int]:
        return {"argon2": self.hashes} if self.hashes else {}


class Product:
    """A deployment with one workspace, `wks_1`, whose owner has a token; `wks_2` is somebody else's."""

    def __init__(self, *, issuer: str, github_keys_url: str = NOWHERE, plan: str = "plus") -> None:
        self.clock = Clock()
        self.engine = CopiedEngine()
        self.objects = MemoryObjects()
        self.stores = Stores.over(self.engine)
        settings = {"STORE": "sqlite", "OIDC_ISSUER": issuer, "CORE_TABLE": "core-of-the-stack"}
        self.inside = Inside(Settings(values=settings), memory=self.engine, bucket=self.objects)
        self.hashes = 0
        self.requests = 0
        self.issuer = Issuer(url=issuer, audience=AUDIENCE)
        self.gate = self._gate()
        self.mcp = build_mcp(
            gate=self.gate,
            workspaces=self.inside.workspaces,
            figures=self.inside.figures,
            trail=self.inside.trail,
            alerts=self.inside.alerts,
            place=PLACE,
            clock=self.clock,
        )
        self._mcp = behind_gateway(self.mcp)
        self._github_keys_url = github_keys_url
        self._others: dict[str, Mangum] = {}
        workspace(self.stores, plan=plan, issuer=issuer)
        workspace(self.stores, "wks_2", issuer=issuer, people={})
        self.token = self.new_token()

    def new_token(self) -> NewToken:
        """Make a token of the owner, with all scopes."""
        return token(self.stores, scopes=frozenset(Scope), at=self.clock())

    def container(self) -> McpApp:
        """Begin another container of `/mcp`: it has met no token yet."""
        self.gate = self._gate()
        door = self.mcp.door
        self.mcp = replace(self.mcp, door=replace(door, gate=replace(self.gate, resource=door.gate.resource)))
        self._mcp = behind_gateway(self.mcp)
        return self.mcp

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        body: bytes | str = b"",
        query: str = "",
        *,
        request_id: str | None = None,
        ip: str = IP,
    ) -> Answered:
        """Send a request through the gateway."""
        self.requests += 1
        lines = headers.items() if isinstance(headers, Mapping) else headers
        request = HttpRequest(
            method=method,
            path=decoded(path),
            query=query,
            headers=[("host", "mcp.shop.test"), *((name.lower(), value) for name, value in lines)],
            body=body.encode() if isinstance(body, str) else body,
            protocol="HTTP/1.1",
            client_ip=ip,
        )
        event = event_of(
            request,
            route_key="$default",
            path_parameters={},
            request_id=request_id or f"gateway-{self.requests}",
            now=self.clock(),
        )
        return self.hand(event)

    def hand(self, event: dict[str, Any]) -> Answered:
        """Hand an event to the function of its path, as Lambda does: as JSON."""
        event = json.loads(json.dumps(event))
        path = event.get("rawPath", "")
        handler = self._rest if path.startswith("/v1/") else self._site if self.is_of_others(path) else self._mcp
        before, hashes, printed = self.engine.operations.copy(), self.hashes, StringIO()
        with listening() as heard, redirect_stdout(printed):
            answer = handler(event, None)  # pyright: ignore[reportArgumentType] - nobody looks at the context
        spent = Counter(self.engine.operations)
        spent.subtract(before)
        return Answered(
            status=answer["statusCode"],
            headers=answer.get("headers", {}),
            text=answer.get("body", ""),
            cookies=answer.get("cookies", ()),
            operations=+spent,
            hashes=self.hashes - hashes,
            logged=(*heard, *printed.getvalue().splitlines()),
        )

    def trail(self, *kinds: str, workspace_id: str = "wks_1") -> Iterator[AuditEntry]:
        """Read the whole trail of a workspace, the newest first; kinds name the types that are wanted."""
        matching, position = AuditFilter(types=frozenset(kinds)), None
        while True:
            page = self.stores.audit.entries(
                workspace_id, matching=matching, limit=100, now=self.clock(), after=position
            )
            yield from page.items
            if (position := page.next) is None:
                return

    def _gate(self) -> Gate:
        return replace(self.inside.gate, verified=VerifiedCredentials(), denials=Denials())

    def is_of_others(self, path: str) -> bool:
        """Tell whether the gateway gives a path to the function of REST and pages."""
        return path.startswith(OF_OTHERS) or path == "/"

    @property
    def _rest(self) -> Mangum:
        if "rest" not in self._others:
            app = build_rest(self._collaborators())
            self._others["rest"] = behind_gateway(app, text_types=OF_THE_API)
        return self._others["rest"]

    @property
    def _site(self) -> Mangum:
        if "site" not in self._others:
            self._others["site"] = Mangum(build_web(self.parts), lifespan="off", text_mime_types=list(OF_PAGES))
        return self._others["site"]

    def _collaborators(self) -> Collaborators:
        here = self.inside
        return Collaborators(
            keys=KEYS,
            tokens=here.tokens,
            workspaces=here.workspaces,
            contacts=here.contacts,
            trail=here.trail,
            replies=here.replies,
            evidence=here.evidence,
            imports=here.imports,
            figures=here.figures,
            alerts=here.alerts,
            open_objects=lambda: self.objects,
            gate=self.gate,
            bearers=MemberBearers(self.issuer),
            github_keys=GithubKeys(url=self._github_keys_url),
            now=self.clock,
            public_url=PLACE.public_url,
            docs_url=PLACE.docs_url,
        )

    @property
    def parts(self) -> WebParts:
        """Give what the pages work with."""
        here = self.inside
        return WebParts(
            keys=KEYS,
            tokens=here.tokens,
            workspaces=here.workspaces,
            sessions=here.sessions,
            codes=here.codes,
            documents=ClientDocuments(FetchDocument(allow_loopback=False)),
            contacts=here.contacts,
            trail=here.trail,
            replies=here.replies,
            evidence=here.evidence,
            imports=here.imports,
            figures=here.figures,
            alerts=here.alerts,
            open_objects=lambda: self.objects,
            issuer=self.issuer,
            client_secret=lambda: None,
            now=self.clock,
            public_url=PLACE.public_url,
            docs_url=PLACE.docs_url,
        )


def numbers_of(product: Product) -> Sequence[int]:
    """Give the numbers of the calls that stand in the trail, each as often as it stands there."""
    return sorted(cast("int", entry.data["number"]) for entry in product.trail("mcp.call"))


class _Ear(logging.Handler):
    """Keeps what is logged as the functions write it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.setFormatter(LambdaPowertoolsFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        # Lambda's root logger takes warnings; our own takes more.
        if record.levelno >= logging.WARNING or record.name.startswith("shared"):
            self.lines.append(self.format(record))


@contextmanager
def listening() -> Generator[Sequence[str]]:
    """Keep the lines that are logged in this block, whoever logs them."""
    ear, root, ours = _Ear(), logging.getLogger(), logging.getLogger("shared")
    level = ours.level
    root.addHandler(ear)
    ours.setLevel(logging.INFO)
    try:
        yield ear.lines
    finally:
        ours.setLevel(level)
        root.removeHandler(ear)


@contextmanager
def counting_hashes(product: Product) -> Generator[None]:
    """Have the product know how often argon2 runs."""

    def counted(run: Any) -> Any:  # noqa: ANN401 - either method of a hasher
        def run_and_count(self: PasswordHasher, *given: Any) -> Any:  # noqa: ANN401 - the same
            product.hashes += 1
            return run(self, *given)

        return run_and_count

    with pytest.MonkeyPatch.context() as patch:
        for name in ("hash", "verify"):
            patch.setattr(PasswordHasher, name, counted(getattr(PasswordHasher, name)))
        yield
