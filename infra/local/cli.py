"""`merchant-mcp local`: start, empty and describe the stack of this machine."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from infra.local.folder import FolderDamaged, FolderInUse, LocalFolder, NotAStackFolder
from infra.local.pool import PROJECT, CannotStart
from shared.transports.cli.output import fail, say
from shared.transports.cli.place import Session

if TYPE_CHECKING:
    from infra.local.connection import Connection
    from infra.local.positions import Positions
    from infra.local.stack import Launch

app = typer.Typer(help="The whole stack on this machine.", no_args_is_help=True)

DATA = PROJECT / ".local"
END_IT = "End that one first: Ctrl-C where it runs."
Data = Annotated[
    Path | None, typer.Option("--data", help="The folder that the stack keeps everything in (default: .local).")
]


@app.command()
def up(
    context: typer.Context,
    *,
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535, help="0 takes any free one.")] = 8765,
    data: Data = None,
    remap_www_authenticate: Annotated[
        bool, typer.Option("--remap-www-authenticate", help="Rename the challenge, as API Gateway may do.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what the functions print.")] = False,
) -> None:
    """Start the stack and serve until Ctrl-C."""
    from infra.local.product import launch_product  # noqa: PLC0415 - who asks for help need not wait for all of it

    folder = folder_of(context, data)
    if not folder.positions.exists():
        say("This is the first start: it makes keys, workspaces and the 18 months of a sample shop.")
    serve(
        folder,
        port=port,
        launch=partial(launch_product, folder, remap_www_authenticate=remap_www_authenticate),
        verbose=verbose,
    )


def serve(
    folder: LocalFolder, *, port: int, launch: "Callable[[str, Positions], Launch[Connection]]", verbose: bool
) -> None:
    """Run a stack, and say in a sentence why it cannot run."""
    from infra.local.run import run_stack  # noqa: PLC0415 - as above
    from infra.local.stack import PortTaken  # noqa: PLC0415 - as above

    echo = logging.StreamHandler()
    echo.setLevel(logging.INFO if verbose else logging.ERROR)
    echo.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    say(f"Starting; everything is kept in {folder.path}")
    try:
        run_stack(folder, port=port, launch=launch, echo=echo, console=Console(highlight=False))
    except FolderInUse as refused:
        fail(f"{refused}.", hint=END_IT)
    except NotAStackFolder as refused:
        fail(f"{refused}.", hint="Name an empty folder, or one that is not there yet: --data DIR")
    except FolderDamaged as damaged:
        fail(f"{damaged}.", hint="Bring the file back from a copy, or begin anew: merchant-mcp local reset")
    except PortTaken as refused:
        fail(f"{refused}.", hint=f"Choose another one: PORT={port + 1} make run")
    except CannotStart as failure:
        fail(f"{failure}.", hint=f"The logs in {folder.logs} say why.")
    say("Stopped.")


@app.command()
def reset(context: typer.Context, data: Data = None) -> None:
    """Delete everything that the stack keeps: workspaces, tokens, figures, trail, keys."""
    folder = folder_of(context, data)
    try:
        folder.empty()
    except FolderInUse as refused:
        fail(f"{refused}.", hint=END_IT)
    except NotAStackFolder as refused:
        fail(f"{refused}.")
    say(f"{folder.path} is empty.")


@app.command()
def connection(context: typer.Context, data: Data = None) -> None:
    """Print how to reach the stack that is running, as JSON."""
    path = folder_of(context, data).connection
    try:
        typer.echo(path.read_text("utf-8"), nl=False)
    except FileNotFoundError:
        fail("No stack is running here.", hint="Start one: make run")


def folder_of(context: typer.Context, data: Path | None) -> LocalFolder:
    """Find the folder that is meant: `--data` may stand here or, as for all other commands, before `local`."""
    session = context.find_object(Session)
    meant = data or (session.place.data if session is not None else None) or DATA
    return LocalFolder(path=meant.resolve())
