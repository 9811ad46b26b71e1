"""The command line, `merchant-mcp`: what the product can do, and the local stack beside it."""

from __future__ import annotations

import getpass

from functions.wiring import now
from infra.local.cli import app as local
from infra.places import TROUBLES, connect
from shared.transports.cli.app import build_app


def main() -> None:
    """Run the command that was typed."""
    app = build_app(connect, now=now, operator=getpass.getuser(), troubles=TROUBLES)
    app.add_typer(local, name="local")
    app()
