"""Refuses a file in which one key says two things, where these would be two parts of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.domain.facts.families import Family
from shared.services.folds.duck import Duck, files
from shared.services.imports.file_text import FileRefused


def check_told_once(duck: Duck, family: Family, staged: Sequence[Path], *, hint: str) -> None:
    """Look whether the staged facts of a family say different things of one key.

    Raises:
        FileRefused: they do.

    """
    if not staged:
        return
    ((repeated,),) = duck.rows(f"""
        SELECT count(*) FROM (
            SELECT 1 FROM read_parquet({files(staged)}) WHERE kind <> 'complete'
            GROUP BY source, account, key HAVING min(hash) <> max(hash)
        )
    """)
    if repeated:
        raise FileRefused(
            "key_repeated",
            f"Several rows say different things under one key; keys of type `{family}`: {repeated:,}.",
            hint=hint,
        )
