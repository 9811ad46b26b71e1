"""merchant-mcp audit export, prove, keys and checkpoint: hand out the trail and what proves it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer

from shared.domain.errors import NotFound
from shared.domain.trail.events import ExportForm
from shared.services.trail.export_trail import WITHIN_TWO_MINUTES, Wanted
from shared.services.trail.hand_out_trail import hand_out_trail
from shared.services.trail.prove_event import prove_event
from shared.transports.cli.output import InWorkspace, fail, note, plain
from shared.transports.cli.place import session_of
from shared.transports.cli.trail_reading import Earlier, checkpoint_size, proof_of

app = typer.Typer()


def _no_file_yet(output: Path | None) -> Path | None:
    """Refuse a file that is there, before anything is handed out: it may be the only one that proves what was."""
    if output is not None and output.is_file():
        fail(f"{output} is there already.", hint="Give another name, or delete it first.")
    return output


Into = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        dir_okay=False,
        callback=_no_file_yet,
        help="Into a new file of this name, whole or not at all.",
    ),
]


@app.command()
def export(
    context: typer.Context,
    *,
    workspace_id: InWorkspace,
    first: Annotated[
        int | None, typer.Option(min=1, help="The first seal; 1, or the next after --earlier.", show_default=False)
    ] = None,
    last: Annotated[int | None, typer.Option(min=1, help="The last seal.", show_default="the newest")] = None,
    form: Annotated[
        ExportForm, typer.Option("--format", help="ndjson proves itself; ocsf and csv are readings of it.")
    ] = ExportForm.NDJSON,
    earlier: Earlier = None,
    output: Into = None,
) -> None:
    """Hand out the trail as it was sealed. docs/audit-format.md says how a stranger checks it."""
    session = session_of(context)
    session.workspace(workspace_id)
    kept = proof_of(workspace_id, earlier) if earlier is not None else None
    lines = hand_out_trail(
        workspace_id,
        Wanted(
            first=first or (kept.seal + 1 if kept is not None else 1),
            last=last,
            earlier_size=checkpoint_size(kept) if kept is not None else None,
        ),
        form=form,
        origin=session.origin,
        now=session.now(),
        trail=session.on.trail,
    )
    write(lines, output)


@app.command()
def prove(
    context: typer.Context,
    *,
    event_id: Annotated[str, typer.Argument(help="The id of an event.", show_default=False)],
    workspace_id: InWorkspace,
    earlier: Earlier = None,
    output: Into = None,
) -> None:
    """Hand out one event and what proves it, and none of its neighbours."""
    session = session_of(context)
    session.workspace(workspace_id)
    lines = prove_event(
        workspace_id,
        event_id,
        now=session.now(),
        trail=session.on.trail,
        earlier_size=checkpoint_size(proof_of(workspace_id, earlier)) if earlier is not None else None,
    )
    write(lines, output)


@app.command()
def keys(context: typer.Context) -> None:
    """Print every key that the log was ever signed with, a line each."""
    lines = session_of(context).on.trail.seals.keys()
    if not lines:
        raise _nothing_signed()
    write(lines, None)


@app.command()
def checkpoint(context: typer.Context) -> None:
    """Print the newest signed checkpoint of the log, for whoever watches that it only grows."""
    signed = session_of(context).on.trail.seals.note()
    if signed is None:
        raise _nothing_signed()
    write(signed[1].splitlines(), None)


def write(lines: Iterable[str], output: Path | None) -> None:
    """Write lines as they are: to standard output, or into a file or a device."""
    written = (f"{line}\n".encode() for line in _read(lines))
    if output is None:
        _print(written)
        return
    try:
        if output.exists():
            with output.open("wb") as device:
                device.writelines(written)
        else:
            _write_file(written, output)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}.")
    note(f"Wrote {plain(output)}.")


def _read(lines: Iterable[str]) -> Iterator[str]:
    """Read what is to be written: what fails here is no fault of where it goes."""
    try:
        yield from lines
    except OSError as error:
        fail(f"The trail cannot be read: {error}.")


def _print(lines: Iterable[bytes]) -> None:
    out = typer.get_binary_stream("stdout")
    try:
        out.writelines(lines)
        out.flush()
    except BrokenPipeError:  # whoever reads has enough: Click ends without a word
        raise
    except OSError as error:
        # Python writes at its end what is still in the buffer, and would fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        fail(f"Standard output cannot be written: {error.strerror}.")


def _write_file(lines: Iterable[bytes], output: Path) -> None:
    """Give a file its name when all lines are in it."""
    with NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as part:
        unnamed = Path(part.name)
        try:
            part.writelines(lines)
            part.close()
            unnamed.replace(output)
        finally:
            unnamed.unlink(missing_ok=True)


def _nothing_signed() -> NotFound:
    return NotFound("nothing_sealed", "The log has not been signed yet.", hint=WITHIN_TWO_MINUTES)
