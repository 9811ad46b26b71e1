"""The Python client with its OAuth provider, as documented: no credential, a browser, a call."""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken


class Kept:
    """What a client keeps, for as long as it runs."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def say(*words: str) -> None:
    """Print a line at once: somebody waits for it."""
    print(*words, flush=True)  # noqa: T201 - a program's output


async def main(url: str, tool: str, mode: str) -> None:
    """Print where a person is to go, then what they let the client see."""
    came: asyncio.Queue[dict[str, list[str]]] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readline()).decode().split(" ")[1]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\nConnection: close\r\n\r\nYou can close this window.")
        await writer.drain()
        writer.close()
        if parameters := parse_qs(urlsplit(asked).query):
            await came.put(parameters)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    redirect = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"

    async def send_there(address: str) -> None:
        say("OPEN", address)

    async def come_back() -> AuthorizationCodeResult:
        said = {name: values[0] for name, values in (await came.get()).items()}
        if "error" in said:
            raise SystemExit(f"the person said {said['error']}")
        return AuthorizationCodeResult(code=said["code"], state=said.get("state"), iss=said.get("iss"))

    kept = Kept()
    metadata = OAuthClientMetadata.model_validate(
        {"client_name": "Python with OAuth", "redirect_uris": [redirect], "token_endpoint_auth_method": "none"}
    )
    provider = OAuthClientProvider(
        server_url=url,
        client_metadata=metadata,
        storage=kept,
        redirect_handler=send_there,
        callback_handler=come_back,
    )
    async with (
        httpx2.AsyncClient(auth=provider, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        listed = await client.list_tools()
        say("SCOPE", (kept.tokens and kept.tokens.scope) or "")
        say("TOOLS", *(known.name for known in listed.tools))
        result = await client.call_tool(tool, {})
        say("RESULT", json.dumps(result.structured_content))
    server.close()


asyncio.run(main(*sys.argv[1:]))
