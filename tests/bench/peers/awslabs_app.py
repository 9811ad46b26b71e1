"""awslabs-mcp-lambda-handler, which takes events itself. Whatever version it is asked at, it speaks 2024-11-05."""

# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUntypedFunctionDecorator=false
# It is installed in .venv-bench, which no type checker looks into.

from __future__ import annotations

from typing import Any

from awslabs.mcp_lambda_handler import MCPLambdaHandler

server: Any = MCPLambdaHandler(name="awslabs", version="1")


@server.tool()
def echo(text: str) -> str:
    """Echo."""
    return text


def handler(event: Any, context: Any) -> Any:  # noqa: ANN401 - as Lambda calls it
    return server.handle_request(event, context)
