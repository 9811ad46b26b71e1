"""A request as API Gateway hands it over (HTTP API, payload format 2.0), for the ASGI apps behind the doors.

Mangum's own reading of it raises where a caller writes a port that is no number into `Host` or `X-Forwarded-Port`, or
where the text holds half a surrogate: outside of every wall of ours, and with what was sent in the log.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, cast
from urllib.parse import unquote

from mangum import Mangum
from mangum.handlers import HTTPGateway
from mangum.types import ASGI, LambdaHandler, Scope


class Gateway(HTTPGateway):
    """Reads whatever text an event holds, and leaves it to the app to judge it."""

    @property
    def body(self) -> bytes:
        """The bytes that were sent; of what is no base64, the text as it stands."""
        raw = (self._event.get("body") or "").encode("utf-8", "surrogatepass")
        if not self._event.get("isBase64Encoded"):
            return raw
        try:
            return base64.b64decode(raw)
        except binascii.Error:
            return raw

    @cached_property
    def scope(self) -> Scope:  # pyright: ignore[reportIncompatibleMethodOverride] # Mangum asks twice
        """The request in ASGI's form; which machine serves it, no app of ours asks."""
        event = self._event
        http = event["requestContext"]["http"]
        headers = {name.lower(): value for name, value in cast("dict[str, str]", event.get("headers") or {}).items()}
        if event.get("cookies"):
            headers["cookie"] = "; ".join(event["cookies"])
        return {
            "type": "http",
            "http_version": "1.1",
            "method": http["method"],
            "headers": [[_raw(name), _raw(value)] for name, value in headers.items()],
            "path": unquote(http["path"]) or "/",
            "raw_path": None,
            "root_path": "",
            "scheme": headers.get("x-forwarded-proto", "https"),
            "query_string": _raw(event.get("rawQueryString", "")),
            "server": None,
            "client": (http.get("sourceIp"), 0),
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "aws.event": event,
            "aws.context": self.context,
        }

    @property
    def _event(self) -> Mapping[str, Any]:
        return self.event


def behind_gateway(app: ASGI, *, text_types: Iterable[str] = ()) -> Mangum:
    """Give what answers events of the gateway by an app."""
    handler = cast("type[LambdaHandler]", Gateway)  # as Mangum's own are, by its types
    return Mangum(app, lifespan="off", custom_handlers=[handler], text_mime_types=[*text_types] or None)


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # half a surrogate is no text, and says nothing
