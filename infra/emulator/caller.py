"""A client of the deployed stack, as small as can be: one POST per message, one bearer per person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

ANSWER_WITHIN = 60.0  # seconds; a first call starts a process


class Refused(Exception):
    """The stack answered, with a refusal."""

    def __init__(self, status: int, body: Any) -> None:  # noqa: ANN401 - JSON
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody with a credential: a token for MCP, or a member's bearer for the REST API."""

    public_url: str
    credential: str = field(repr=False)

    def list_tools(self) -> list[str]:
        """Name the tools that the token may call.

        Raises:
            Refused: the token was not let in.

        """
        return [tool["name"] for tool in self._message("tools/list")["tools"]]

    def call(self, tool: str, **arguments: object) -> dict[str, Any]:
        """Call a tool and give its structured answer.

        Raises:
            Refused: the call was not let in.

        """
        return self._message("tools/call", name=tool, arguments=arguments)["structuredContent"]

    def rest(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Make a request of the REST API.

        Raises:
            Refused: it was not carried out.

        """
        return self._send(method, f"/v1{path}", body)

    def _message(self, method: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        return self._send("POST", "/mcp", message)["result"]

    def _send(self, method: str, path: str, body: Mapping[str, object] | None) -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"Bearer {self.credential}", "Accept": "application/json, text/event-stream"}
        answer = httpx2.request(
            method, self.public_url + path, headers=headers, json=body, timeout=ANSWER_WITHIN, trust_env=False
        )
        if not answer.is_success:
            raise Refused(answer.status_code, answer.json())
        return answer.json()
