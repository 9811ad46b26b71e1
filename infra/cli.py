"""The command line, `merchant-mcp`: what the product can do, and the local stack beside it."""

import getpass
import os

from functions.wiring import now
from infra.local.cli import app as local
from infra.places import TROUBLES, connect
from shared.transports.cli.app import build_app


def operator() -> str:
    """Name the user of this machine, for the trail."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return f"uid-{os.getuid()}"


app = build_app(connect, now=now, operator=operator(), troubles=TROUBLES)
app.add_typer(local, name="local")


def main() -> None:
    """Run the command that was typed."""
    app()


if __name__ == "__main__":
    main()
