"""The facts that hold now: of each key the last version, unless a later export had no such fact any more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.domain.facts.families import Family
from shared.services.folds.columns import ROW, fact_columns, month_of
from shared.services.folds.duck import Duck, files


def load_rows(duck: Duck, family: Family, paths: Sequence[Path]) -> None:
    """Make the view `{family}_rows` of all that was ever told: versions, deletions, claims, with every column there is.

    An object has the columns that its family had when it was written; those that came later are null in it.
    """
    columns = {**ROW, "exported_at": "BIGINT", **fact_columns(family)}
    empty = ", ".join(f'NULL::{type_} AS "{name}"' for name, type_ in columns.items())
    stored = f"UNION ALL BY NAME SELECT * FROM read_parquet({files(paths)}, union_by_name = true)" if paths else ""
    duck.run(f"""
        CREATE OR REPLACE TEMP VIEW {family}_rows AS
        SELECT *, {month_of(family)} AS month FROM ((SELECT {empty} LIMIT 0) {stored})
    """)


def load_facts(duck: Duck, family: Family, paths: Sequence[Path]) -> None:
    """Make the table `{family}_facts` of the facts that hold now, and the view of `load_rows`.

    A version may lie in another month than the one that it replaces: its day was corrected. Two imports at the same
    time may have stored one version twice; it counts once.
    """
    load_rows(duck, family, paths)
    if not paths:  # most families of most merchants, and the statement below is the dearest to plan of all
        duck.run(f"CREATE OR REPLACE TEMP TABLE {family}_facts AS SELECT * EXCLUDE (kind, until) FROM {family}_rows")
        return
    duck.run(f"""
        CREATE OR REPLACE TEMP TABLE {family}_facts AS
        WITH last_told AS (
            SELECT * FROM {family}_rows WHERE kind <> 'complete'
            QUALIFY row_number() OVER (
                PARTITION BY source, account, key ORDER BY exported_at DESC, hash DESC
            ) = 1
        )
        SELECT * EXCLUDE (kind, until) FROM last_told
        WHERE kind = 'fact' AND NOT EXISTS (
            SELECT 1 FROM {family}_rows AS claim
            WHERE claim.kind = 'complete' AND claim.source = last_told.source AND claim.account = last_told.account
              AND claim.exported_at > last_told.exported_at
              AND (claim.day IS NULL OR last_told.day BETWEEN claim.day AND claim.until)
        )
    """)
