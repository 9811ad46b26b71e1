"""What the commands of the trail read: files of lines, the proof that somebody kept, keys."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from shared.domain.errors import Invalid
from shared.domain.trail.export import Proof
from shared.domain.trail.note import read_checkpoint, read_note
from shared.domain.trail.reading import read_proof
from shared.services.trail.check_signature import TrustedKeys
from shared.transports.cli.files import lines_in, text_of
from shared.transports.cli.output import fail

STANDARD_INPUT = "-"
KEYS_ARE_PRINTED = "merchant-mcp audit keys prints them."

Earlier = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="The export before, or its last line: what you have seen already."),
]


def proof_in(file: Path) -> Proof:
    """Read the proof at the end of an export, or alone in a file."""
    line = ""
    with lines_of(str(file)) as lines:
        for line in lines:  # noqa: B007 - the last one is meant
            pass
    try:
        proof = read_proof(line)
        read_checkpoint(read_note(proof.note).text)
    except ValueError:
        fail(f"{file} does not end with the proof of an export.", hint="Give an export in ndjson, or its last line.")
    return proof


def proof_of(workspace_id: str, file: Path) -> Proof:
    """Read the proof that somebody kept of a workspace."""
    proof = proof_in(file)
    if proof.workspace_id != workspace_id:
        fail(f"That proof is of {proof.workspace_id}.", hint=f"Give the last line of an export of {workspace_id}.")
    return proof


def checkpoint_size(proof: Proof) -> int:
    """Say how many leaves the log of a proof had."""
    return read_checkpoint(read_note(proof.note).text).size


def key_lines(key: str) -> list[str]:
    """Give the lines that an option means: it is a key, or the name of a file of keys."""
    try:
        TrustedKeys.of_lines([key])
    except Invalid:
        return _keys_in(key)
    return [key]


def _keys_in(file: str) -> list[str]:
    """Read a file of keys, in which empty lines and those that begin with # are nobody's."""
    try:
        # An editor of Windows puts a mark in front.
        lines = text_of(Path(file)).splitlines()
    except (OSError, ValueError):
        fail(f"{file} is neither a key of a log nor a file of keys.", hint=KEYS_ARE_PRINTED)
    keys: list[str] = []
    for number, line in enumerate(map(str.strip, lines), start=1):
        if line and not line.startswith("#"):
            try:
                TrustedKeys.of_lines([line])
            except Invalid as refused:
                fail(f"{file}, line {number}: {refused.message}", hint=KEYS_ARE_PRINTED)
            keys.append(line)
    return keys


@contextmanager
def lines_of(name: str) -> Generator[Iterable[str]]:
    """Read a file as `read_export` wants it."""
    try:
        if name == STANDARD_INPUT:
            with TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline="\n", errors="surrogateescape") as lines:
                yield lines_in(lines, name=name)
        else:
            with Path(name).open(encoding="utf-8", newline="\n", errors="surrogateescape") as lines:
                yield lines_in(lines, name=name)
    except OSError as error:
        fail(f"{name} cannot be read: {error.strerror}.")
