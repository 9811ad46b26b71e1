"""`python -m infra.emulator`: deploy the built template into an emulated account, and have it live its whole story."""

import json
import logging
import os
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from functions.wiring import Wiring, settings_of_stack
from infra.emulator.account import Account
from infra.emulator.deploy import STACK, DeployFailed
from infra.emulator.ministack import LOG, MiniStackFailed
from infra.emulator.stack import ISSUER_KEY, EmulatedStack, emulated_stack
from infra.emulator.story import PROGRAM, NotAsPromised, Story
from infra.emulator.transcript import Transcript
from infra.local.connection import Connection, show
from infra.local.folder import write_private
from infra.local.product import connect
from infra.local.stack import PortTaken
from shared.transports.cli.output import fail

LAST_LINES = 30
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""How people and their terminals end a program."""


def main(
    *,
    stay: Annotated[bool, typer.Option("--stay", envvar="STAY", help="Stay up afterwards, until Ctrl-C.")] = False,
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535, help="0 takes any free one.")] = 0,
    connection: Annotated[Path | None, typer.Option(help="Where to write how to reach it, for programs.")] = None,
) -> None:
    """Deploy the built template into an emulated account, have it live its whole story, and end all of it."""
    for number in ENDINGS:
        signal.signal(number, _stop)
    console = Console(highlight=False, soft_wrap=True)
    transcript = Transcript(lambda line: console.print(line, markup=False))
    with TemporaryDirectory(prefix="merchant-mcp-emulator-") as temporary:
        folder = Path(temporary)
        logging.basicConfig(filename=folder / "emulator.log", level=logging.WARNING)
        try:
            with emulated_stack(folder, port=port, transcript=transcript) as stack:
                enter(stack.account)
                wiring = Wiring(settings_of_stack(STACK))
                Story(stack=stack, wiring=wiring, transcript=transcript).tell()
                transcript.close()
                if stay:
                    _stay(stack, wiring, console, where=connection or folder / "connection.json")
        except PortTaken as taken:
            fail(f"{taken}.", hint="Choose another one: --port")
        except (DeployFailed, MiniStackFailed, NotAsPromised) as failure:
            _show_log(folder / LOG)
            fail(str(failure))
        finally:
            _end_children()


def enter(account: Account) -> None:
    """Have this process work in the emulated account, whatever account the shell of its user works in."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(account.environment)


def _stay(stack: EmulatedStack, wiring: Wiring, console: Console, *, where: Path) -> None:
    """Tell how to reach the stack, and serve until a signal comes."""
    made = connect(wiring, stack.issuer, public_url=stack.public_url, now=datetime.now(UTC))
    write_private(where, json.dumps(_document(made, stack), indent=2) + "\n")
    show(made, console, where=where)
    console.print("\n[bold]For the command line[/bold]")
    for name, value in stack.account.environment.items():
        console.print(f"export {name}={value}", markup=False)
    console.print(f"{PROGRAM} --stack {STACK} token list --workspace wks_sample", markup=False)
    console.print("\n[bold green]Ready.[/bold green] Ctrl-C ends it, and nothing is kept.")
    Event().wait()


def _document(made: Connection, stack: EmulatedStack) -> dict[str, object]:
    account = {
        "address": stack.account.address,
        "plain_address": stack.account.plain_address,
        "certificate": str(stack.account.certificate),
    }
    issuer_key = stack.account.certificate.with_name(ISSUER_KEY)
    return {**made.document(), "account": account, "issuer_key": str(issuer_key)}


def _show_log(path: Path) -> None:
    if path.exists():
        sys.stderr.write("\n".join(path.read_text(errors="replace").splitlines()[-LAST_LINES:]) + "\n")


def _end_children() -> None:
    """End what a signal cut loose: one that comes while a program is being started leaves nobody to wait for it."""
    for listed in Path("/proc/self/task").glob("*/children"):
        for child in listed.read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)


def _stop(number: int, _frame: FrameType | None) -> None:
    """End as somebody asked; from now on no signal keeps the end from ending everything."""
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    sys.stderr.write("\nEnding it and removing its files ...\n")
    sys.exit(128 + number)


if __name__ == "__main__":
    typer.run(main)
