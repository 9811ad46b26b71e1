"""fastmcp behind Mangum: an app for every event, as an app's session manager can run once only."""

# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUntypedFunctionDecorator=false
# It is installed in .venv-bench, which no type checker looks into.

from __future__ import annotations

from typing import Any

from fastmcp import FastMCP
from mangum import Mangum

server: Any = FastMCP("fastmcp")


@server.tool
def echo(text: str) -> str:
    """Echo."""
    return text


def handler(event: Any, context: Any) -> Any:  # noqa: ANN401 - as Lambda calls it
    app = server.http_app(stateless_http=True, json_response=True)
    return Mangum(app)(event, context)
