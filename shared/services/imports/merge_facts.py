"""Compares the facts of a file with those that are known, and writes what is news as objects, one for each bucket.

News is every version that no later export has outdone. One that says what we have, but of a later export, is news as
well, though nothing changes by it: a file of a time between the two may come in late, and must lose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from shared.domain.facts.families import Family
from shared.domain.facts.imports import Counts
from shared.domain.facts.values import microseconds
from shared.services.folds.columns import is_in_months, month_of
from shared.services.folds.duck import Duck, files, literal

Known = Callable[[Family, Sequence[str]], Sequence[Path]]
"""Gives the objects that hold what is known of a family in some months."""
AT_ONCE = 100_000
"""Rows of the file that are compared at a time, or a whole month of more: each time costs some 20 milliseconds."""


def merge_facts(
    duck: Duck,
    family: Family,
    staged: Sequence[Path],
    *,
    exported_at: datetime,
    known: Known,
    target: Path,
    at_once: int = AT_ONCE,
) -> tuple[Counts, Mapping[str, Path]]:
    """Count what the staged facts of a family are to the known ones, and write the news; give the objects by month.

    It goes by a few months at a time. So there is never much more than a month at hand, however large the file is.
    """
    at = microseconds(exported_at)
    duck.run(
        f"CREATE OR REPLACE TEMP VIEW file AS SELECT *, {month_of(family)} AS month FROM read_parquet({files(staged)})"
    )
    duck.run("CREATE OR REPLACE TEMP TABLE untold (source VARCHAR, account VARCHAR, key VARCHAR)")
    came_to: list[Counts] = []
    written: dict[str, Path] = {}
    for months in _together(duck.rows("SELECT month, count(*) FROM file GROUP BY month ORDER BY month"), at_once):
        span = is_in_months(family, months[0], months[-1])
        duck.run(f"CREATE OR REPLACE TEMP TABLE incoming AS SELECT * FROM file WHERE {span}")
        _load_known(duck, family, known(family, months))
        came_to.append(_count(duck, at))
        _note_untold(duck, at)
        written |= _write_news(duck, family, target, at)
    return _added_up(came_to, gone=_count_gone(duck)), written


def _together(months: Iterable[tuple[str, int]], at_once: int) -> Iterator[list[str]]:
    """Part months, each with its number of rows, into those that are compared at a time."""
    together: list[str] = []
    there = 0
    for month, rows in months:
        if together and there + rows > at_once:
            yield together
            together, there = [], 0
        together.append(month)
        there += rows
    if together:
        yield together


def _write_news(duck: Duck, family: Family, target: Path, at: int) -> Mapping[str, Path]:
    """Write the news, an object for each month that there are any of."""
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
        written[month] = target / f"{family}.{month}.parquet"
        duck.run(f"""
            COPY (
                SELECT kind, source, account, key, day, until, {at}::BIGINT AS exported_at, hash, unnest(fact)
                FROM news WHERE month = {literal(month)}
                ORDER BY kind, source, account, day, key, hash
            ) TO {literal(str(written[month]))} (FORMAT parquet, COMPRESSION zstd)
        """)
    return written


def _load_known(duck: Duck, family: Family, known: Sequence[Path]) -> None:
    """Find the latest version of each known fact (what deleted it is a version, too), and the claims on them."""
    stored = f"SELECT * FROM read_parquet({files(known)}, union_by_name = true)"
    rows = stored if known else "SELECT *, 0 AS exported_at FROM incoming LIMIT 0"
    duck.run(f"""
        CREATE OR REPLACE TEMP TABLE claims AS
        SELECT source, account, day, until, exported_at::BIGINT AS at FROM ({rows}) WHERE kind = 'complete'
    """)
    duck.run(f"""
        CREATE OR REPLACE TEMP TABLE known AS
        WITH versions AS (
            SELECT {month_of(family)} AS month, source, account, key,
                   max({{'at': exported_at::BIGINT, 'hash': hash, 'kind': kind, 'day': day}}) AS last
            FROM ({rows}) WHERE kind <> 'complete' GROUP BY ALL
        )
        SELECT month, source, account, key, {{'at': last.at, 'hash': last.hash}} AS latest, last.day AS day,
               last.kind = 'fact' AS is_fact, {_claimed("versions", "last.day")} > last.at AS is_claimed
        FROM versions
    """)


def _claimed(table: str, day: str) -> str:
    """Write when a known export last said that it held everything of a day of the table's account; 0: none did."""
    return f"""coalesce((
        SELECT max(claims.at) FROM claims
        WHERE claims.source = {table}.source AND claims.account = {table}.account
          AND (claims.day IS NULL OR {day} BETWEEN claims.day AND claims.until)
    ), 0)"""


def _count(duck: Duck, at: int) -> Counts:
    """Count keys by what the file's version of them is to ours; of two versions in the file the greater hash counts."""
    ((new, changed, unchanged, older, repeated),) = duck.rows(
        f"""
        WITH told AS (
            SELECT month, source, account, key, max(hash) AS hash, arg_max(day, hash) AS day, count(*) AS times
            FROM incoming WHERE kind <> 'complete' GROUP BY ALL
        ), compared AS (
            SELECT times, CASE
                WHEN {_claimed("told", "told.day")} > greatest($at::BIGINT, coalesce(k.latest.at, 0)) THEN 'older'
                WHEN k.latest IS NULL OR (k.is_claimed AND k.latest.at < $at::BIGINT) THEN 'new'
                WHEN k.latest.hash = told.hash THEN 'unchanged'
                WHEN k.latest < {{'at': $at::BIGINT, 'hash': told.hash}} THEN 'changed'
                ELSE 'older' END AS came_to
            FROM told LEFT JOIN known k USING (month, source, account, key)
        )
        SELECT count(*) FILTER (came_to = 'new'), count(*) FILTER (came_to = 'changed'),
               count(*) FILTER (came_to = 'unchanged'), count(*) FILTER (came_to = 'older'),
               coalesce(sum(times - 1), 0)::BIGINT
        FROM compared
        """,
        at=at,
    )
    return Counts(new=new, changed=changed, unchanged=unchanged, older=older, repeated=repeated)


def _note_untold(duck: Duck, at: int) -> None:
    """Remember the facts that held until now, and of which the file tells nothing in a month that it claims to tell."""
    duck.run(
        """
        INSERT INTO untold
        SELECT source, account, key FROM known k
        WHERE k.is_fact AND NOT k.is_claimed AND k.latest.at < $at::BIGINT
          AND EXISTS (
              SELECT 1 FROM incoming claim
              WHERE claim.kind = 'complete' AND claim.source = k.source AND claim.account = k.account
                AND (claim.day IS NULL OR k.day BETWEEN claim.day AND claim.until)
          )
          AND NOT EXISTS (
              SELECT 1 FROM incoming told
              WHERE told.kind <> 'complete' AND told.source = k.source AND told.account = k.account
                AND told.key = k.key
          )
        """,
        at=at,
    )


def _count_gone(duck: Duck) -> int:
    """Count those of them that the file tells nowhere: a fact may have moved to another month."""
    ((gone,),) = duck.rows("""
        SELECT count(*) FROM untold u
        WHERE NOT EXISTS (
            SELECT 1 FROM file f
            WHERE f.kind <> 'complete' AND f.source = u.source AND f.account = u.account AND f.key = u.key
        )
    """)
    return gone


def _added_up(months: Sequence[Counts], *, gone: int) -> Counts:
    return Counts(
        new=sum(each.new for each in months),
        changed=sum(each.changed for each in months),
        unchanged=sum(each.unchanged for each in months),
        older=sum(each.older for each in months),
        repeated=sum(each.repeated for each in months),
        gone=gone,
    )
