"""The address that clients are given: a plain URL on this machine, where AWS has a host name for each API.

MiniStack tells APIs apart by their host names, which no resolver here knows. So what comes to the URL is passed on
as it is, under the name of the API; nothing is decided here.
"""

from collections.abc import Sequence

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from infra.emulator.account import Account

AT_ONCE = 2
"""Requests under way; others wait. MiniStack starts a process for each, which costs this machine seconds."""
LONGEST_ANSWER = 60.0  # seconds: twice what API Gateway allows
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
NOT_PASSED_ON = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})


class Front:
    """Passes requests on to one API of an account."""

    def __init__(self, account: Account, *, api: str) -> None:
        self._address = httpx2.URL(account.address)
        self._host = f"{api}.execute-api.localhost"
        self._client = httpx2.AsyncClient(
            verify=account.trust(),
            timeout=httpx2.Timeout(LONGEST_ANSWER, pool=None),
            limits=httpx2.Limits(max_connections=AT_ONCE),
            trust_env=False,  # whatever proxy this machine has
        )

    def app(self, *, own_routes: Sequence[BaseRoute]) -> Starlette:
        """Put what is answered here beside what is passed on."""
        return Starlette(routes=[*own_routes, Route("/{path:path}", self._pass_on, methods=METHODS)])

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _pass_on(self, request: Request) -> Response:
        asked = httpx2.Request(
            request.method,
            self._address.copy_with(raw_path=_target(request)),
            headers=[*_kept(request.headers.items()), ("host", self._host)],
            content=await request.body(),
        )
        answer = await self._client.send(asked)
        passed = Response(answer.content, status_code=answer.status_code)
        passed.raw_headers.extend(
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in _kept(answer.headers.multi_items())
        )
        return passed


def _target(request: Request) -> bytes:
    """Give the path and the query as they were sent: what is escaped in them stays so."""
    query: bytes = request.scope["query_string"]
    path: bytes = request.scope["raw_path"]
    return path + b"?" + query if query else path


def _kept(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in NOT_PASSED_ON]
