"""`merchant-mcp local`: start, empty and describe the stack of this machine."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Never

import typer
from rich.console import Console

from infra.local.folder import FolderInUse, LocalFolder, NotAStackFolder
from infra.local.pool import PROJECT, CannotStart

if TYPE_CHECKING:
    from infra.local.connection import Connection
    from infra.local.positions import Positions
    from infra.local.stack import Launch

app = typer.Typer(help="The whole stack on this machine.", no_args_is_help=True)
console = Console(highlight=False)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)

DATA = PROJECT / ".local"
Data = Annotated[Path, typer.Option("--data", help="The folder that the stack keeps everything in.")]


@app.command()
def up(
    *,
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535, help="0 takes any free one.")] = 8765,
    data: Data = DATA,
    remap_www_authenticate: Annotated[
        bool, typer.Option("--remap-www-authenticate", help="Rename the challenge, as API Gateway may do.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what the functions print.")] = False,
) -> None:
    """Start the stack and serve until Ctrl-C."""
    from infra.local.product import launch_product  # noqa: PLC0415 - who asks for help need not wait for all of it

    folder = LocalFolder(path=data.resolve())
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
    console.print(f"Starting; everything is kept in {folder.path}", markup=False, soft_wrap=True)
    try:
        run_stack(folder, port=port, launch=launch, echo=echo, console=console)
    except FolderInUse as refused:
        fail(str(refused))
    except PortTaken as refused:
        fail(f"{refused}. Choose another one: PORT={port + 1} make run")
    except CannotStart as failure:
        fail(f"{failure}; {folder.logs} tells why")
    console.print("Stopped.")


@app.command()
def reset(data: Data = DATA) -> None:
    """Delete everything that the stack keeps: workspaces, tokens, figures, trail, keys."""
    folder = LocalFolder(path=data.resolve())
    try:
        folder.empty()
    except (FolderInUse, NotAStackFolder) as refused:
        fail(str(refused))
    console.print(f"{folder.path} is empty.", markup=False, soft_wrap=True)


@app.command()
def connection(data: Data = DATA) -> None:
    """Print how to reach the stack that is running, as JSON."""
    path = LocalFolder(path=data.resolve()).connection
    try:
        typer.echo(path.read_text("utf-8"), nl=False)
    except FileNotFoundError:
        fail("no stack is running here; start one with `make run`")


def fail(complaint: str) -> Never:
    """End with a complaint in place of a traceback."""
    complaints.print(f"Error: {complaint}", markup=False)
    raise typer.Exit(1)
