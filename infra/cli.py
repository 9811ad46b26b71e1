"""The command line, `merchant-mcp`: what the product can do, and the local stack beside it."""

import getpass
import os
import sys
from pathlib import Path

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
    for stream, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, stream) is None:  # whoever started us has closed it, as cron and daemons may
            setattr(sys, stream, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - until the process ends
    app()


if __name__ == "__main__":
    main()
