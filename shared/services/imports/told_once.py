"""Refuses a file in which one key stands twice, where the rows would be two parts of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.domain.facts.families import Family
from shared.services.folds.duck import Duck, files
from shared.services.imports.file_text import FileRefused
from shared.services.imports.formats.format import Once


def check_told_once(duck: Duck, family: Family, staged: Sequence[Path], once: Once) -> None:
    """Look whether the staged facts of a family tell one key in several rows.

    Raises:
        FileRefused: they do.

    """
    if not staged:
        return
    several = "count(DISTINCT hash) > 1" if once.equal_are_one else "count(*) > 1"
    figures = " OR ".join(f"coalesce(fact.{name}, 0) <> 0" for name in once.figures) or "true"
    ((repeated,),) = duck.rows(f"""
        SELECT count(*) FROM (
            SELECT 1 FROM read_parquet({files(staged)}) WHERE kind <> 'complete'
            GROUP BY source, account, key HAVING {several} AND bool_or({figures})
        )
    """)
    if repeated:
        raise FileRefused(
            "key_repeated",
            f"Several rows are of one key, so all but one would be lost; keys of type `{family}`: {repeated:,}.",
            hint=once.hint,
        )
