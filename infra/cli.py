"""The command line, `merchant-mcp`: what the product can do, and the local stack beside it."""

import typer

from infra.local.cli import app as local

app = typer.Typer(
    help="A merchant's figures over MCP, each answer on an audit trail.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # among the locals of a traceback would be tokens
)
app.add_typer(local, name="local")


def main() -> None:
    """Run the command that was typed."""
    app()
