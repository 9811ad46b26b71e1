"""The front of the emulated stack passes requests on as they are, under the API's name."""

from __future__ import annotations

import ssl
import threading
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from infra.emulator.account import Account
from infra.emulator.certificate import make_certificate
from infra.emulator.front import Front
from infra.local.stack import HOST

pytestmark = pytest.mark.anyio


@dataclass
class Gateway:
    """What stands behind the front: it keeps what comes, and always says the same."""

    account: Account
    lines: list[str] = field(default_factory=list[str])
    headers: list[list[tuple[str, str]]] = field(default_factory=list[list[tuple[str, str]]])
    bodies: list[bytes] = field(default_factory=list[bytes])


@pytest.fixture
def gateway(tmp_path: Path) -> Generator[Gateway]:
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    make_certificate(HOST, certificate=certificate, key=key)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            gateway.lines.append(self.requestline)
            gateway.headers.append(self.headers.items())
            gateway.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(429)
            for name, value in (("Retry-After", "7"), ("X-Twice", "1"), ("X-Twice", "2"), ("Content-Length", "2")):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"no")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        address = f"https://{HOST}:{server.server_port}"
        gateway = Gateway(account=Account(address=address, plain_address="", certificate=certificate))
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield gateway
        server.shutdown()
        serving.join()


async def own(_: Request) -> Response:
    return PlainTextResponse("ours")


@pytest.fixture
async def client(gateway: Gateway) -> AsyncGenerator[httpx2.AsyncClient]:
    front = Front(gateway.account, api="a1b2c3d4")
    transport = httpx2.ASGITransport(app=front.app(own_routes=[Route("/own", own)]))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8765") as client:
        yield client
    await front.close()


async def test_a_request_arrives_as_it_was_sent_under_the_name_of_the_api(
    client: httpx2.AsyncClient, gateway: Gateway
) -> None:
    headers = [("Authorization", "Bearer x"), ("X-Several", "1"), ("X-Several", "2")]

    await client.post("/v1/a%2Fb%20c?q=%2B&q=2", headers=headers, content=b"\x00\xff")

    (came,) = gateway.headers
    assert gateway.lines == ["POST /v1/a%2Fb%20c?q=%2B&q=2 HTTP/1.1"]
    assert gateway.bodies == [b"\x00\xff"]
    assert [value for name, value in came if name.lower() == "host"] == ["a1b2c3d4.execute-api.localhost"]
    assert [value for name, value in came if name.lower() == "x-several"] == ["1", "2"]
    assert ("authorization", "Bearer x") in [(name.lower(), value) for name, value in came]


async def test_an_answer_comes_back_as_it_was_given(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/mcp", content=b"{}")

    assert (answer.status_code, answer.content) == (429, b"no")
    assert answer.headers["retry-after"] == "7"
    assert answer.headers.get_list("x-twice") == ["1", "2"]
    assert answer.headers.get_list("content-length") == ["2"]


async def test_what_the_front_answers_itself_goes_no_further(client: httpx2.AsyncClient, gateway: Gateway) -> None:
    assert (await client.get("/own")).text == "ours"
    assert gateway.lines == []
