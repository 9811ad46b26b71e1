"""Compares the facts of a file with those that are known, and writes what is news as objects, one for each bucket.

News is every version that no later export has outdone. One that says what we have, but of a later export, is news as
well, though nothing changes by it: a file of a time between the two may come in late, and must lose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from shared.domain.facts.families import Family
from shared.domain.facts.imports import Counts
from shared.domain.facts.values import microseconds
from shared.services.folds.columns import month_of
from shared.services.folds.duck import Duck, files, literal

Known = Callable[[Family, frozenset[str]], Sequence[Path]]
"""Gives the objects that hold what is known of a family in some months."""


def merge_facts(
    duck: Duck, family: Family, staged: Sequence[Path], *, exported_at: datetime, known: Known, target: Path
) -> tuple[Counts, Mapping[str, Path]]:
    """Count what the staged facts of a family are to the known ones, and write the news; give the objects by month."""
    duck.run(f"""
        CREATE OR REPLACE TEMP TABLE incoming AS
        SELECT *, {month_of(family)} AS month FROM read_parquet({files(staged)})
    """)
    months = frozenset(month for (month,) in duck.rows("SELECT DISTINCT month FROM incoming"))
    _load_known(duck, family, known(family, months))
    at = microseconds(exported_at)
    counts = _count(duck, at)
    duck.run(
        """
        CREATE OR REPLACE TEMP TABLE news AS
        SELECT i.* FROM incoming i
        LEFT JOIN known k USING (month, source, account, key)
        WHERE (i.kind = 'complete' OR k.latest IS NULL OR k.latest.at < $at::BIGINT
               OR (k.latest.at = $at::BIGINT AND k.latest.hash <> i.hash))
          AND i.rowid IN (
              SELECT min(rowid) FROM incoming GROUP BY kind, source, account, key, hash, day, until
          )
        """,
        at=at,
    )
    written: dict[str, Path] = {}
    for (month,) in duck.rows("SELECT DISTINCT month FROM news ORDER BY month"):
        path = target / f"{family}.{month}.parquet"
        duck.run(f"""
            COPY (
                SELECT kind, source, account, key, day, until, {at}::BIGINT AS exported_at, hash, unnest(fact)
                FROM news WHERE month = {literal(month)}
                ORDER BY kind, source, account, day, key, hash
            ) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)
        """)
        written[month] = path
    return counts, written


def _load_known(duck: Duck, family: Family, known: Sequence[Path]) -> None:
    """Find the latest version of each known fact; what deleted it is a version, too."""
    rows = (
        f"SELECT * FROM read_parquet({files(known)}, union_by_name = true) WHERE kind <> 'complete'"
        if known
        else "SELECT '' AS source, '' AS account, '' AS key, NULL::DATE AS day, 0 AS exported_at, '' AS hash LIMIT 0"
    )
    duck.run(f"""
        CREATE OR REPLACE TEMP TABLE known AS
        SELECT {month_of(family)} AS month, source, account, key,
               max({{'at': exported_at::BIGINT, 'hash': hash}}) AS latest
        FROM ({rows}) GROUP BY ALL
    """)


def _count(duck: Duck, at: int) -> Counts:
    """Count keys by what the file's version of them is to ours; of two versions in the file the greater hash counts."""
    ((new, changed, unchanged, older, repeated),) = duck.rows(
        """
        WITH told AS (
            SELECT month, source, account, key, max(hash) AS hash, count(*) AS times
            FROM incoming WHERE kind <> 'complete' GROUP BY ALL
        )
        SELECT count(*) FILTER (k.latest IS NULL),
               count(*) FILTER (k.latest.hash <> t.hash AND k.latest < {'at': $at::BIGINT, 'hash': t.hash}),
               count(*) FILTER (k.latest.hash = t.hash),
               count(*) FILTER (k.latest.hash <> t.hash AND k.latest > {'at': $at::BIGINT, 'hash': t.hash}),
               coalesce(sum(t.times - 1), 0)::BIGINT
        FROM told t LEFT JOIN known k USING (month, source, account, key)
        """,
        at=at,
    )
    return Counts(new=new, changed=changed, unchanged=unchanged, older=older, repeated=repeated)
