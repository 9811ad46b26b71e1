"""Puts the facts of a file, or of a part of it, on the disk, one file for each family, as the merge reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from shared.domain.facts.families import Family
from shared.domain.facts.header import Claim
from shared.domain.facts.lines import Fact
from shared.services.folds.columns import ROW, fact_columns, struct
from shared.services.folds.duck import Duck, literal, open_duck
from shared.services.folds.duck import files as in_files

MOST_CONNECTORS = 50
"""That a report names; a shop has ten, but a file may claim what it likes."""


GROUP = 8 * 2_048
"""Rows that are read together or not at all: some hundredths of a large part. DuckDB counts in steps of 2,048."""


def stage_facts(facts: Iterable[Fact], claims: Callable[[], Iterable[Claim]], folder: Path) -> Mapping[Family, Path]:
    """Write facts, as they come, and then claims; say where each family lies."""
    written: dict[Family, Path] = {}
    with ExitStack() as stack:
        files: dict[Family, TextIO] = {}

        def file_of(family: Family) -> TextIO:
            if family not in files:
                written[family] = folder / f"{family}.ndjson"
                files[family] = stack.enter_context(written[family].open("w", encoding="utf-8"))
            return files[family]

        for fact in facts:
            kind = "deleted" if fact.deleted else "fact"
            day = "null" if fact.day is None else f'"{fact.day}"'
            file_of(fact.family).write(
                f'{{"kind":"{kind}",{_account(fact.source, fact.account)},"key":{json.dumps(fact.key)},"day":{day},'
                f'"until":null,"hash":"{fact.content_hash()}","fact":{fact.body}}}\n'
            )
        for claim in claims():
            for first, last in _by_month(claim):
                file_of(claim.family).write(
                    f'{{"kind":"complete",{_account(claim.source, claim.account)},"key":"","day":{json.dumps(first)},'
                    f'"until":{json.dumps(last)},"hash":"","fact":{{}}}}\n'
                )
    with open_duck(folder) as duck:
        return {family: _pack(duck, family, path) for family, path in written.items()}


def connectors_of(duck: Duck, staged: Sequence[Path]) -> tuple[str, ...]:
    """Name the sources that staged facts and claims are of; of very many, the first by name."""
    if not staged:
        return ()
    found = duck.rows(
        f"SELECT DISTINCT source FROM read_parquet({in_files(staged)}) ORDER BY source LIMIT {MOST_CONNECTORS}"
    )
    return tuple(source for (source,) in found)


def _pack(duck: Duck, family: Family, lines: Path) -> Path:
    """Make a Parquet file of a family's lines: a tenth of their size, for they may lie in the bucket for a while.

    It is in the order of the days and in small groups, of which the merge reads those of the month that it is at.
    """
    columns = {**ROW, "fact": struct(fact_columns(family))}
    described = ", ".join(f"{literal(name)}: {literal(type_)}" for name, type_ in columns.items())
    packed = lines.with_suffix(".staged.parquet")
    duck.run(f"""
        COPY (
            SELECT * FROM read_json({literal(str(lines))}, format = 'newline_delimited', columns = {{{described}}})
            ORDER BY day
        ) TO {literal(str(packed))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP})
    """)
    lines.unlink()
    return packed


@lru_cache(maxsize=1024)
def _account(source: str, account: str) -> str:
    return f'"source":{json.dumps(source)},"account":{json.dumps(account)}'


def _by_month(claim: Claim) -> Iterable[tuple[str | None, str | None]]:
    """Cut a claim at the ends of months, because each part lies with the facts that it speaks of."""
    if claim.first is None or claim.last is None:
        yield None, None
        return
    first, last = date.fromisoformat(claim.first), date.fromisoformat(claim.last)
    while first <= last:
        next_month = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        yield first.isoformat(), min(last, next_month - timedelta(days=1)).isoformat()
        first = next_month
