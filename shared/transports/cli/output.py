"""What a command prints: tables for people, JSON for programs. Data can neither move the cursor nor pass for markup."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Never, cast

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.domain.token.wording import without_tokens

WIDTH_OF_A_PIPE = 2_000
"""Columns for output that no terminal shows: each row of a table that is searched should be one line."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
InWorkspace = Annotated[str, typer.Option("--workspace", "-w", help="The id of a workspace.")]


def plain(value: object) -> str:
    """Write a value so that a terminal shows it and does nothing else: controls and the like as escapes."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, cast("Sequence[object]", value)))
    return "".join(char if _is_plain(char) else char.encode("unicode_escape").decode() for char in str(value))


def show_json(document: object) -> None:
    """Print JSON, pure ASCII: what a name holds stays inside its quotes on every terminal."""
    typer.echo(json.dumps(document, indent=2, default=_as_json))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, nothing: str) -> None:
    """Print rows under their columns, or what to say where there is none."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(value)) for value in row))
    if table.row_count:
        _print(table)
    else:
        say(nothing)


def show_fields(fields: Mapping[str, object]) -> None:
    """Print one thing, a field a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in fields.items():
        table.add_row(Text(name.replace("_", " ")), Text(plain(value)))
    _print(table)


def say(sentence: str) -> None:
    """Print a sentence."""
    typer.echo(plain(sentence))


def note(sentence: str) -> None:
    """Tell whoever waits something that is not part of the answer."""
    typer.echo(plain(sentence), err=True)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone; no answer is a no."""
    if yes:
        return
    try:
        agreed = typer.confirm(plain(question))
    except typer.Abort:
        if sys.stdin.isatty():  # somebody was there, and pressed Ctrl-C
            raise
        typer.echo(err=True)  # the question has no end of line
        fail("Nobody answered, so nothing was done.", hint="Where nobody can be asked, say --yes.")
    if not agreed:
        raise typer.Abort


def fail(message: str, *, hint: str = "") -> Never:
    """End with one line that says what happened and how to mend it, and repeats no token that was typed."""
    typer.echo(without_tokens(plain(f"Error: {message} {hint}".strip())), err=True)
    raise typer.Exit(1)


def _is_plain(char: str) -> bool:
    return unicodedata.category(char)[0] != "C" and char not in "\u2028\u2029"


def _as_json(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value)} is not JSON")


def _print(table: Table) -> None:
    # The console is made anew each time: it writes to what is standard output at that time.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE)
    with console.capture() as printed:
        console.print(table)
    for line in printed.get().splitlines():
        typer.echo(line.rstrip())
