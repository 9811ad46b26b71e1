"""merchant-mcp rebuild: make what follows from the sealed trail anew."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared.services.trail.rebuild_index import Rebuilt, rebuild_index
from shared.transports.cli.output import AsJson, show_json, show_table
from shared.transports.cli.place import Session, session_of
from shared.transports.cli.workspaces import every_workspace


def rebuild(
    context: typer.Context,
    *,
    workspace_id: Annotated[
        str | None, typer.Option("--workspace", "-w", help="The id of a workspace; without it, all of them.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the index of the trail anew from the archive, and put right what differs. Calls may go on."""
    session = session_of(context)
    rows = every_workspace(session) if workspace_id is None else [session.workspace(workspace_id)]
    done = {row.workspace.workspace_id: _rebuilt(row.workspace.workspace_id, session, as_json=as_json) for row in rows}
    if as_json:
        show_json([{"workspace": each, **asdict(rebuilt)} for each, rebuilt in done.items()])
        return
    show_table(
        ("WORKSPACE", "SEALS READ", "DOCUMENTS", "WRITTEN", "DELETED"),
        ((each, rebuilt.seals, rebuilt.documents, rebuilt.written, rebuilt.deleted) for each, rebuilt in done.items()),
        nothing="There is no workspace yet.",
    )


def _rebuilt(workspace_id: str, session: Session, *, as_json: bool) -> Rebuilt:
    trail = session.on.trail
    with session.on.scratch_index() as scratch, _progress(workspace_id, shown=not as_json) as moved:
        return rebuild_index(
            workspace_id,
            seals=trail.seals,
            index=trail.index,
            archive=trail.open_archive(),
            scratch=scratch,
            progress=moved,
        )


@contextmanager
def _progress(workspace_id: str, *, shown: bool) -> Generator[Callable[[int, int], None]]:
    """Show how many seals were read, to people who can see it."""
    errors = Console(stderr=True)
    columns = (TextColumn(f"Seals of {workspace_id}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not (shown and errors.is_terminal)) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
