"""merchant-mcp import: send a file of a merchant's facts, and say what became of it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from shared.domain.facts.declare import declare
from shared.domain.facts.imports import ImportStatus
from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.send_file import send_file
from shared.storage.contracts.facts import ImportRecord
from shared.transports.cli.output import AsJson, InWorkspace, fail, note, plain, say, show_json
from shared.transports.cli.past_imports import show_report
from shared.transports.cli.place import Session, session_of

STANDARD_INPUT = "-"
PATIENCE_HELP = "Seconds to wait for somebody to take the file up, and after which you are told that nothing moves."
LOOK_EVERY_SECONDS = 0.2
LONGEST_SILENCE_SECONDS = 900
"""A run of the importer takes no longer: a file that did not move for so long is nobody's any more."""
INTERRUPTED = 130
"""The exit code of a program that was ended by Ctrl-C, as shells have it."""


def moment(text: str) -> datetime:
    """Read a moment; it decides which of two exports is later, so where its offset is not said nobody guesses it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise typer.BadParameter("write it with its offset, like 2026-11-21T14:30:00Z or 2026-11-21T09:30:00-05:00")
    return at


def day(text: str) -> date:
    """Read a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a day like 2026-11-21") from None


SAID = (
    "A file is told by what is in it, never by its name. NDJSON (docs/data.md) says all about itself. An export of "
    "another system is only rows: say beside it what it does not say. Known are:"
)
EPILOG = "\n\n".join((SAID, *(f"- {each.title}" for each in FORMATS)))


def import_(
    context: typer.Context,
    *,
    file: Annotated[str, typer.Argument(help="An export; - reads standard input.", show_default=False)],
    workspace_id: InWorkspace,
    exported_at: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="When the data left its source; now, unless said."),
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="The account at that source, if the file does not name it.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="Of amounts that do not say theirs; the workspace's, unless said.")
    ] = None,
    costs_from: Annotated[
        date | None,
        typer.Option(
            parser=day, metavar="DATE", help="The first day of unit costs; the day of the export, unless said."
        ),
    ] = None,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="It does not hold everything of its account between its first and last day: it is filtered, or has "
            "another attribution window than the file before it. Nothing is taken away then.",
        ),
    ] = False,
    patience: Annotated[int, typer.Option(min=0, help=PATIENCE_HELP)] = 60,
    as_json: AsJson = False,
) -> None:
    """Import a file of a merchant's facts, and wait until tools see them. The same file again changes nothing."""
    session = session_of(context)
    session.workspace(workspace_id)
    declared = declare(
        exported_at=exported_at,
        account=account,
        currency=currency,
        costs_from=costs_from,
        partial=partial,
        now=session.now(),
    )
    with _as_file(file) as path:
        if not as_json and not session.on.imports.last_generation(workspace_id):
            settings = session.on.figures.settings(workspace_id)
            say(
                f"The first import of this workspace: days are read in {settings.timezone}, amounts that do not say "
                f"their currency in {settings.currency}. From then on the time zone stays."
            )
        sent = send_file(
            path,
            workspace_id=workspace_id,
            requested_by=session.actor,
            declared=declared,
            now=session.now(),
            imports=session.on.imports,
            objects=session.on.objects,
        )
    known = sent.status is ImportStatus.FINISHED
    try:
        with _progress(sent, shown=not as_json) as moved:
            record = sent if known else _ended(sent, workspace_id, session, patience=patience, moved=moved)
        if record.status is ImportStatus.FINISHED:
            _until_tools_see_it(record, workspace_id, session)
    except KeyboardInterrupt:
        note(
            "You have stopped waiting; the import goes on. "
            f"merchant-mcp imports show {sent.import_id} -w {workspace_id} tells what becomes of it."
        )
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        show_json({**asdict(record), "imported_before": known})
    else:
        say(f"Import {record.import_id}")
        if known:
            say(f"This file was imported before, at {plain(record.ended_at)} UTC; nothing was changed. It came to:")
        show_report(record)
    if record.status is ImportStatus.REFUSED:
        raise typer.Exit(1)


@contextmanager
def _as_file(name: str) -> Generator[Path]:
    """Give the file that is meant; what comes over standard input is kept in one while it is sent."""
    if name != STANDARD_INPUT:
        path = Path(name)
        if not path.is_file():
            raise typer.BadParameter(f"there is no file {plain(name)}", param_hint="FILE")
        yield path
        return
    with TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / "standard-input.ndjson"
        with path.open("wb") as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
        yield path


def _ended(
    sent: ImportRecord, workspace_id: str, session: Session, *, patience: int, moved: Callable[[int], None]
) -> ImportRecord:
    """Wait until the file is imported or refused."""
    seen, since, told = sent, monotonic(), False
    while True:
        record = session.on.imports.get(workspace_id, sent.import_id) or sent
        # A file that was refused before and is sent again keeps the old record until somebody takes it up.
        if record.status is ImportStatus.FINISHED or (
            record.status is ImportStatus.REFUSED and record.ended_at != sent.ended_at
        ):
            return record
        if record != seen:
            seen, since = record, monotonic()
            moved(record.bytes_read)
        silence = monotonic() - since
        if record.status is ImportStatus.RUNNING and silence > LONGEST_SILENCE_SECONDS:
            fail("The import has stopped half way; nothing of it is visible.", hint="Send the same file again.")
        if record.status is ImportStatus.RUNNING and silence >= patience and not told:
            note(
                f"The import is running, but nothing has moved for {patience} seconds. A run may take "
                f"{LONGEST_SILENCE_SECONDS // 60} minutes; sending the same file again takes it up safely."
            )
            told = True
        if record.status is not ImportStatus.RUNNING and silence >= patience:
            fail(
                f"Nobody has taken the file up for {patience} seconds.",
                hint="It is kept and will be imported when the stack runs (locally: make run).",
            )
        Event().wait(LOOK_EVERY_SECONDS)


def _until_tools_see_it(record: ImportRecord, workspace_id: str, session: Session) -> None:
    """Wait until the figures are folded; if that takes long, they follow later, and the import stands anyway."""
    since = monotonic()
    while session.on.figures.overview(workspace_id).generation < (record.generation or 0):
        if monotonic() - since > LONGEST_SILENCE_SECONDS:
            fail("The facts are imported, but the figures do not follow.", hint="Look at the projector's log.")
        Event().wait(LOOK_EVERY_SECONDS)


@contextmanager
def _progress(sent: ImportRecord, *, shown: bool) -> Generator[Callable[[int], None]]:
    """Show how far the reading has come, to people who can see it."""
    errors = Console(stderr=True)
    columns = (TextColumn("Importing"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not (shown and errors.is_terminal)) as bar:
        task = bar.add_task("", total=sent.bytes)
        yield lambda done: bar.update(task, completed=done)
