"""merchant-mcp audit verify: check what was handed out, with nothing but the file and the keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from shared.domain.trail.export import Proof
from shared.domain.trail.tables import csv_head
from shared.domain.trail.verify import Verdict, verify_export
from shared.services.trail.check_signature import TrustedKeys
from shared.transports.cli.output import AsJson, fail, note, say, show_fields, show_json
from shared.transports.cli.trail_reading import Earlier, key_lines, lines_of, proof_in

FINDINGS_TOLD = 100
"""To people; --json tells all."""
VERIFY_NDJSON = "Verify the export in ndjson."
GZIP = "\x1f\udc8b"
"""Its first two bytes, of which the second is no UTF-8."""


def verify(
    *,
    file: Annotated[str, typer.Argument(help="An export in ndjson; - reads standard input.", show_default=False)],
    key: Annotated[
        list[str],
        typer.Option(help="A key that you trust, as `audit keys` prints it, or a file of them.", show_default=False),
    ],
    earlier: Earlier = None,
    workspace_id: Annotated[
        str | None, typer.Option("--workspace", "-w", help="The workspace whose trail you asked for.")
    ] = None,
    first: Annotated[int | None, typer.Option(min=1, help="The first seal that you asked for.")] = None,
    last: Annotated[int | None, typer.Option(min=1, help="The last seal that you asked for.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check an export, with nothing but the file and the keys: no stack, no account, no network."""
    trusted = TrustedKeys.of_lines(line for each in key for line in key_lines(each))
    kept = proof_in(earlier) if earlier is not None else None
    with lines_of(file) as lines:
        verdict = verify_export(_of_an_export(lines, file), check_signature=trusted.check, earlier=kept)
    if verdict.holds:
        _check_asked(verdict, workspace_id=workspace_id, first=first, last=last)
    if as_json:
        show_json(_fields(verdict))
    else:
        _tell(verdict, kept)
    if not verdict.holds:
        raise typer.Exit(1)


def _of_an_export(lines: Iterable[str], name: str) -> Iterator[str]:
    """Give the lines of a file, unless the first shows that it was made of an export and is none."""
    for number, line in enumerate(lines):
        if number == 0:
            _refuse_others(line, name)
        yield line


def _refuse_others(first_line: str, name: str) -> None:
    if first_line.startswith(GZIP):
        fail(f"{name} is packed.", hint="Unpack it first, with gunzip.")
    if first_line.startswith(csv_head()):
        fail(f"{name} is a reading in CSV, which proves nothing.", hint=VERIFY_NDJSON)
    if '"class_uid":' in first_line:
        fail(f"{name} is a reading in OCSF, which proves nothing.", hint=VERIFY_NDJSON)


def _check_asked(verdict: Verdict, *, workspace_id: str | None, first: int | None, last: int | None) -> None:
    """Refuse a file that holds and is another than the one that was asked for."""
    asked_and_found = (
        ("the workspace", workspace_id, verdict.workspace_id),
        ("the first seal", first, verdict.first.number if verdict.first is not None else None),
        ("the last seal", last, verdict.last.number if verdict.last is not None else None),
    )
    for what, asked, found in asked_and_found:
        if asked not in {None, found}:
            fail(f"The file holds, but it is not what you asked for: {what} is {found}, not {asked}.")


def _tell(verdict: Verdict, kept: Proof | None) -> None:
    if verdict.holds:
        fields = {name: value for name, value in _fields(verdict).items() if name not in {"holds", "findings"}}
        say("The file holds: its rows are those that were sealed, and the seals are in the log.")
        before = verdict.first.number - 1 if verdict.first is not None else 0
        if before:
            say("Seal 1 is not in this file." if before == 1 else f"Seals 1 to {before} are not in this file.")
        if kept is None:
            say("No proof of yours was given, so that the log only grew is not shown.")
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
