"""How long it takes, and how much memory, to check a file of a million rows: ours and the second verifier in turn."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from shared.domain.moments import moment
from shared.domain.trail.archival import archived
from shared.domain.trail.export import Head, Proof, leaves_line
from shared.domain.trail.merkle import inclusion_path, leaf_hash, nodes_of, root
from shared.domain.trail.note import Checkpoint, NamedKey, Note, Signature
from shared.domain.trail.seal import Seal, seal_rows
from shared.storage.rows.envelope import enveloped
from tests.bench.table import say_table
from tests.data.examples import NOON, ORIGIN, tool_called
from tests.services.trail.sealing import LOG_NAME, KeyInMemory

ROWS, ROWS_A_SEAL = 1_000_000, 2_000
SECOND = timedelta(seconds=1)
ROOT = Path(__file__).parents[2]
VERIFIERS = {
    "merchant-mcp audit verify": ("-m", "infra.cli", "audit", "verify"),
    "the second verifier": ("tests/domain/trail/second/second_verifier.py",),
}
"""What is printed -> the program, which takes a file and `--key` with a file of keys."""
MIB = 2**20
KIB_A_MIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a verifier."""

    seconds: float
    processor_seconds: float
    peak_mib: float


def say_verifying(rows: int = ROWS) -> None:
    """Print it; the file is made first."""
    with TemporaryDirectory() as folder:
        file, keys = Path(folder, "trail.ndjson"), Path(folder, "keys")
        _make(file, keys, rows=rows)
        runs = [_run((*program, str(file), "--key", str(keys))) for program in VERIFIERS.values()]
        size = file.stat().st_size / MIB
    say_table(
        f"A file of {rows:,} rows under {rows // ROWS_A_SEAL:,} seals, {size:,.0f} MiB",
        ("", "seconds", "processor", "peak MiB", "rows a second"),
        (
            (
                name,
                f"{run.seconds:.1f}",
                f"{run.processor_seconds:.1f}",
                f"{run.peak_mib:.0f}",
                f"{rows / run.seconds:,.0f}",
            )
            for name, run in zip(VERIFIERS, runs, strict=True)
        ),
    )


def _make(file: Path, keys: Path, *, rows: int) -> None:
    """Write a file as the product exports it, the only workspace of its log."""
    signer, log, last = KeyInMemory(), list[bytes](), None
    key = NamedKey(name=LOG_NAME, public=signer.public_key)
    keys.write_text(f"{key}\n", encoding="utf-8")
    with file.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"{Head(workspace_id='ws1', first_seal=1, last_seal=rows // ROWS_A_SEAL).line}\n")
        for first in range(0, rows, ROWS_A_SEAL):
            last, lines = _sealed(first, after=last)
            out.writelines(f"{line}\n" for line in lines)
            log.append(last.hash)
        if last is None:
            raise ValueError("a file has at least one seal")
        text = str(Checkpoint(origin=LOG_NAME, size=len(log), root=root(len(log), nodes_of(log))))
        signature = Signature(name=LOG_NAME, key_id=key.key_id, signature=signer.sign(text.encode()))
        proof = Proof(
            workspace_id="ws1",
            seal=last.number,
            hash=last.hash,
            index=len(log) - 1,
            path=inclusion_path(len(log) - 1, len(log), nodes_of(log)),
            note=str(Note(text=text, signatures=(signature,))),
        )
        out.write(f"{proof.line}\n")


def _sealed(first: int, *, after: Seal | None) -> tuple[Seal, Sequence[str]]:
    """Give a seal with its lines."""
    lines = [*_rows(first)]
    leaves = [leaf_hash(line.encode()) for line in lines]
    seal = seal_rows(leaves, workspace_id="ws1", after=after, at=moment(NOON + (first + ROWS_A_SEAL) * SECOND))
    return seal, [seal.line, leaves_line(leaves), *lines]


def _rows(first: int) -> Iterator[str]:
    for number in range(first + 1, first + ROWS_A_SEAL + 1):
        call = tool_called(number=number, arguments_hash="5f0c" * 8, at=NOON + number * SECOND)
        row = enveloped(call, stream="token:tok1", seq=number, workspace_id="ws1", origin=ORIGIN)
        data = row.pop("data")
        if isinstance(data, dict):
            yield archived(row, data, pseudonym=lambda who: f"psn_{who}", salt=f"{number:032x}")


def _run(program: Sequence[str]) -> Run:
    """Run a verifier, which has to find nothing."""
    began = perf_counter()
    process = subprocess.Popen(
        [sys.executable, *program], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{program[0]} did not find that the file holds")
    return Run(
        seconds=perf_counter() - began,
        processor_seconds=used.ru_utime + used.ru_stime,
        peak_mib=used.ru_maxrss / KIB_A_MIB,
    )
