"""One run of a local stack: takes the folder and the port, has made what must be there, tells people and programs."""

import asyncio
import logging
import os
from collections.abc import Callable
from functools import partial

from rich.console import Console

from infra.local.connection import Connection, show
from infra.local.folder import LocalFolder
from infra.local.logs import logs_in
from infra.local.positions import Positions
from infra.local.stack import HOST, Launch, Stack, listen


def run_stack(
    folder: LocalFolder,
    *,
    port: int,
    launch: Callable[[str, Positions], Launch[Connection]],
    echo: logging.Handler,
    console: Console,
) -> None:
    """Run until SIGINT or SIGTERM; `launch` gets the address that the stack will have.

    Raises:
        FolderInUse: another stack runs on the folder.
        NotAStackFolder: the folder holds something else.
        PortTaken: the port is in use.
        CannotStart: a function that requests wait for does not start.

    """

    def ready(connection: Connection) -> None:
        connection.write(folder.connection)
        show(connection, console, where=folder.connection, mailbox=folder.mailbox)
        console.print("\n[bold green]Ready.[/bold green] Ctrl-C ends it.")

    folder.prepare()
    with folder.hold() as hold, listen(port) as listener:
        public_url = f"http://{HOST}:{listener.getsockname()[1]}"
        hold.describe(f"process {os.getpid()} at {public_url}")
        folder.connection.unlink(missing_ok=True)  # of a run that was killed: whoever waits for it waits for ours
        positions = Positions(folder.positions)
        try:
            launched = launch(public_url, positions)
            with logs_in(folder.logs, [spec.name for spec in launched.plan.functions], echo=echo):
                stack = Stack(launched.plan, positions)
                waiting = partial(console.print, f"{launched.awaited} ...")
                asyncio.run(stack.run(listener, launched, waiting=waiting, ready=ready))
        finally:
            folder.connection.unlink(missing_ok=True)
            positions.close()
