"""merchant-mcp audit: hand out the trail and what proves it, and check what was handed out."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer

from shared.domain.errors import Invalid, NotFound
from shared.domain.trail.events import ExportForm
from shared.domain.trail.export import Proof
from shared.domain.trail.note import read_checkpoint, read_note
from shared.domain.trail.reading import read_proof
from shared.domain.trail.verify import Verdict, verify_export
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.export_trail import WITHIN_TWO_MINUTES, Wanted
from shared.services.trail.hand_out_trail import hand_out_trail
from shared.services.trail.prove_event import prove_event
from shared.transports.cli.output import AsJson, InWorkspace, fail, note, plain, say, show_fields, show_json
from shared.transports.cli.place import session_of

app = typer.Typer()

STANDARD_INPUT = "-"
FINDINGS_TOLD = 100
"""To people; --json tells all."""

Earlier = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="The export before, or its last line: what you have seen already."),
]
Into = Annotated[
    Path | None, typer.Option("--output", "-o", dir_okay=False, help="Into this file, whole or not at all.")
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
    """Hand out the trail as it was sealed. docs/audit.md says how a stranger checks it."""
    session = session_of(context)
    session.workspace(workspace_id)
    kept = _proof_in(earlier) if earlier is not None else None
    lines = hand_out_trail(
        workspace_id,
        Wanted(
            first=first or (kept.seal + 1 if kept is not None else 1),
            last=last,
            earlier_size=read_checkpoint(read_note(kept.note).text).size if kept is not None else None,
        ),
        form=form,
        origin=session.origin,
        now=session.now(),
        trail=session.on.trail,
    )
    _write(lines, output)


@app.command()
def prove(
    context: typer.Context,
    *,
    event_id: Annotated[str, typer.Argument(help="The id of an event.", show_default=False)],
    workspace_id: InWorkspace,
    output: Into = None,
) -> None:
    """Hand out one event and what proves it, and none of its neighbours."""
    session = session_of(context)
    session.workspace(workspace_id)
    _write(prove_event(workspace_id, event_id, now=session.now(), trail=session.on.trail), output)


@app.command()
def keys(context: typer.Context) -> None:
    """Print every key that the log was ever signed with, a line each."""
    lines = session_of(context).on.trail.seals.keys()
    if not lines:
        raise _nothing_signed()
    _write(lines, None)


@app.command()
def checkpoint(context: typer.Context) -> None:
    """Print the newest signed checkpoint of the log, for whoever watches that it only grows."""
    signed = session_of(context).on.trail.seals.note()
    if signed is None:
        raise _nothing_signed()
    _write(signed[1].splitlines(), None)


@app.command()
def verify(
    *,
    file: Annotated[str, typer.Argument(help="An export in ndjson; - reads standard input.", show_default=False)],
    key: Annotated[
        list[str],
        typer.Option(help="A key that you trust, as `audit keys` prints it, or a file of them.", show_default=False),
    ],
    earlier: Earlier = None,
    as_json: AsJson = False,
) -> None:
    """Check an export, with nothing but the file and the keys: no stack, no account, no network."""
    trusted = TrustedKeys.of_lines(line for each in key for line in _key_lines(each))
    kept = _proof_in(earlier) if earlier is not None else None
    with _lines_of(file) as lines:
        verdict = verify_export(lines, check_signature=trusted.check, earlier=kept)
    if as_json:
        show_json(_fields(verdict))
    else:
        _tell(verdict, kept)
    if not verdict.holds:
        raise typer.Exit(1)


def _tell(verdict: Verdict, kept: Proof | None) -> None:
    if verdict.holds:
        fields = {name: value for name, value in _fields(verdict).items() if name not in {"holds", "findings"}}
        say("The file holds: its rows are those that were sealed, and the seals are in the log.")
        show_fields({**fields, "compared_with": f"your proof of seal {kept.seal}" if kept is not None else "no proof"})
        note("Keep its last line: give it as --earlier when you export and check the next file.")
        return
    count = len(verdict.findings)
    say(f"The file does not hold: {count} {'finding' if count == 1 else 'findings'}.")
    for finding in verdict.findings[:FINDINGS_TOLD]:
        where = f" (line {finding.line})" if finding.line is not None else ""
        say(f"{finding.fault}{where}: {finding.detail}. {finding.fault.meaning}")
    if count > FINDINGS_TOLD:
        say(f"And {count - FINDINGS_TOLD} more: --json shows them.")


def _fields(verdict: Verdict) -> dict[str, object]:
    seen = verdict.checkpoint
    return {
        "holds": verdict.holds,
        "workspace": verdict.workspace_id,
        "first_seal": verdict.first.number if verdict.first is not None else None,
        "last_seal": verdict.last.number if verdict.last is not None else None,
        "rows": verdict.rows,
        "last_sealed_at": verdict.last.at if verdict.last is not None else None,
        "log": seen.origin if seen is not None else None,
        "seals_in_the_log": seen.size if seen is not None else None,
        "findings": [
            {"fault": each.fault, "line": each.line, "detail": each.detail, "meaning": each.fault.meaning}
            for each in verdict.findings
        ],
    }


def _key_lines(key: str) -> list[str]:
    """Give the lines that an option means: it is a key, or the name of a file of keys."""
    try:
        TrustedKeys.of_lines([key])
    except Invalid:
        try:
            return Path(key).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            fail(f"{key} is neither a key of a log nor a file of keys.", hint="merchant-mcp audit keys prints them.")
    return [key]


def _proof_in(file: Path) -> Proof:
    """Read the proof at the end of an export, or alone in a file."""
    line = ""
    with _lines_of(str(file)) as lines:
        for line in lines:  # noqa: B007 - the last one is meant
            pass
    try:
        proof = read_proof(line)
        read_checkpoint(read_note(proof.note).text)
    except ValueError:
        fail(f"{file} does not end with the proof of an export.", hint="Give an export in ndjson, or its last line.")
    return proof


@contextmanager
def _lines_of(name: str) -> Generator[Iterable[str]]:
    """Read a file as `read_export` wants it."""
    try:
        if name == STANDARD_INPUT:
            with TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline="\n", errors="surrogateescape") as lines:
                yield lines
        else:
            with Path(name).open(encoding="utf-8", newline="\n", errors="surrogateescape") as lines:
                yield lines
    except OSError as error:
        fail(f"{name} cannot be read: {error.strerror}.")


def _write(lines: Iterable[str], output: Path | None) -> None:
    """Write lines as they are; a file gets its name when all of them are in it."""
    if output is None:
        out = typer.get_binary_stream("stdout")
        out.writelines(f"{line}\n".encode() for line in lines)
        out.flush()
        return
    try:
        with NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as part:
            unnamed = Path(part.name)
            try:
                part.writelines(f"{line}\n".encode() for line in lines)
                part.close()
                unnamed.replace(output)
            finally:
                unnamed.unlink(missing_ok=True)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}.")
    note(f"Wrote {plain(output)}.")


def _nothing_signed() -> NotFound:
    return NotFound("nothing_sealed", "The log has not been signed yet.", hint=WITHIN_TWO_MINUTES)
