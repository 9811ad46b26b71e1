"""A question as it goes over the wire or onto a command line, and what comes back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, unquote, unquote_plus, urlencode

from shared.storage.engine import Item
from shared.transports.web.visitors import FORM_KEY, SESSION_COOKIE
from tests.transports.http.api import PUBLIC_URL
from tests.transports.mcp.shop import MODERN, envelope
from tests.walls.github import signature_of
from tests.walls.sessions import csrf_of
from tests.walls.vocabulary import FOLDER, MARK, SIGNATURE, Door, Operation

WITH_BODY = {"POST", "PATCH", "PUT"}
Values = Mapping[str, Any]
"""What is sent for each parameter of an operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAsk:
    """A request through the gateway."""

    door: Door
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str
    request_id: str
    ip: str
    cookies: Sequence[str] = ()

    @property
    def is_mcp(self) -> bool:
        return self.door in {Door.TOOL, Door.METHOD, Door.PAGE}

    @property
    def sent(self) -> str:
        """Everything that the asker knows because they sent it."""
        headers = "\n".join(self.headers.values())
        cookies = "\n".join(self.cookies)
        told = (self.path, unquote(self.path), self.query, unquote_plus(self.query), headers, cookies)
        return "\n".join((*told, self.body, unquote_plus(self.body)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAsk:
    """A command of the operator."""

    words: Sequence[str]

    @property
    def sent(self) -> str:
        return "\n".join(self.words)


Ask = HttpAsk | CommandAsk


@dataclass(slots=True, kw_only=True)
class Answer:
    """What came back, to the last byte, and what it took."""

    text: str
    """Status, headers and body, or exit code and both outputs."""
    status: int
    """HTTP status, or exit code."""
    refused: bool
    broken: bool
    """Whether it owns up to a fault of ours."""
    code: str | None = None
    """Of a REST problem."""
    operations: Counter[str] = field(default_factory=Counter[str])
    """Of the store."""
    written: Sequence[Item] = ()
    """Every row that was written, as it was and as it is."""


def http_answer(ask: HttpAsk, given: Mapping[str, Any]) -> Answer:
    status, body = int(given["statusCode"]), str(given.get("body", ""))
    headers = cast("Mapping[str, str]", given.get("headers") or {})
    head = "\n".join(f"{name}: {value}" for name, value in sorted(headers.items()))
    document = _document(body) if "json" in headers.get("content-type", "") else {}
    error = "error" in document or document.get("result", {}).get("isError", False)
    to_sign_in = headers.get("location", "").startswith("/auth/sign-in")
    return Answer(
        text=f"{status}\n{head}\n\n{body}",
        status=status,
        refused=status >= 400 or to_sign_in or bool(ask.is_mcp and error),
        broken=status >= 500 or '"internal"' in body,
        code=document.get("code"),
    )


def _document(body: str) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:  # NDJSON
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def command_answer(code: object, out: str, err: str) -> Answer:
    ended = code if isinstance(code, int) else 1
    return Answer(text=f"exit {ended}\n{out}\n{err}", status=ended, refused=ended != 0, broken=ended > 2)


def worded(
    operation: Operation,
    values: Values,
    *,
    word: str,
    ip: str,
    bearer: str | None,
    request_id: str,
    folder: Path,
) -> Ask:
    """Put a question in the form of its door."""
    said: dict[str, Any] = {name: _marked(value, word, folder) for name, value in values.items()}
    if operation.door is Door.COMMAND:
        return CommandAsk(words=_words(operation, said))
    if operation.door is Door.SITE:
        return _of_a_browser(operation, said, word=word, ip=ip, session_id=bearer, request_id=request_id)
    headers = {
        "host": "shop.test",
        "user-agent": f"{word} agent/1",
        "accept": "application/json, text/event-stream" if operation.is_mcp else "application/json",
        **({"authorization": f"Bearer {bearer}"} if bearer is not None else {}),
        **{name: str(value) for name, value in _part("header", said).items()},
    }
    body: Any = _part("body", said)
    match operation.door:
        case Door.REST | Door.PAGE:
            method, _, template = operation.name.partition(" ")
            if any(name.startswith("[].") for name in body):
                body = [{name.removeprefix("[]."): value for name, value in body.items()}]
        case Door.TOOL:
            body = _message("tools/call", {"name": operation.name, "arguments": _part("argument", said)}, headers)
            method, template = "POST", "/mcp"
        case Door.METHOD:
            body = _message(operation.name, _part("param", said), headers)
            method, template = "POST", "/mcp"
    text = json.dumps(body) if method in WITH_BODY else ""
    headers |= {name: signature_of(text) for name, value in headers.items() if value == SIGNATURE}
    path = {name: quote(str(value), safe="") for name, value in _part("path", said).items()}
    return HttpAsk(
        door=operation.door,
        method=method,
        path=template.format(**path),
        query=urlencode(_part("query", said), doseq=True),
        headers={**headers, **({"content-type": "application/json"} if method in WITH_BODY else {})},
        body=text,
        request_id=request_id,
        ip=ip,
    )


def _of_a_browser(
    operation: Operation, said: Mapping[str, Any], *, word: str, ip: str, session_id: str | None, request_id: str
) -> HttpAsk:
    """Ask for a page, or send the form that a page of the same session would."""
    method, _, template = operation.name.partition(" ")
    path = {name: quote(str(value), safe="") for name, value in _part("path", said).items()}
    headers = {"host": "shop.test", "user-agent": f"{word} browser/1", "accept": "text/html"}
    form = ""
    if method in WITH_BODY:
        form = urlencode({FORM_KEY: csrf_of(session_id or ""), **_part("form", said)}, doseq=True)
        headers |= {"content-type": "application/x-www-form-urlencoded", "origin": PUBLIC_URL}
    return HttpAsk(
        door=operation.door,
        method=method,
        path=template.format(**path),
        query=urlencode(_part("query", said), doseq=True),
        headers=headers,
        body=form,
        request_id=request_id,
        ip=ip,
        cookies=[f"{SESSION_COOKIE}={session_id}"] if session_id is not None else [],
    )


def _message(method: str, params: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    """Make a JSON-RPC message of the era that the headers name."""
    if headers.get("mcp-protocol-version") == MODERN:
        params = {**params, "_meta": envelope()}
        headers["mcp-method"] = method
        if "name" in params:
            headers["mcp-name"] = params["name"]
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    return message if method.startswith("notifications/") else {**message, "id": 7}


def _words(operation: Operation, said: Mapping[str, Any]) -> list[str]:
    """Write a command: switches are said or not, a list is an option that is repeated."""
    words = operation.words.split()
    for name, value in said.items():
        if not name.startswith("--"):
            continue
        if value is True:
            words.append(name)
        elif isinstance(value, list):
            words += [f"{name}={each}" for each in cast("list[str]", value)]
        elif value is not False:
            words.append(f"{name}={value}")
    return [*words, "--", *(str(said[name]) for name in operation.takes if not name.startswith("--"))]


def _part(where: str, said: Mapping[str, Any]) -> dict[str, Any]:
    return {name.partition(".")[2]: value for name, value in said.items() if name.startswith(f"{where}.")}


def _marked(value: Any, word: str, folder: Path) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return value.replace(MARK, word).replace(FOLDER, str(folder))
    if isinstance(value, list):
        return [_marked(each, word, folder) for each in cast("list[Any]", value)]
    return value
