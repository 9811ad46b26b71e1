"""A fold of a workspace as a whole: what several rollups are made of is worked out once."""

from __future__ import annotations

from pathlib import Path

from shared.domain.facts.families import Family
from shared.domain.facts.settings import Settings
from shared.services.folds.current_facts import load_facts
from shared.services.folds.duck import Duck, open_duck
from shared.services.folds.figures import FOLDS, TABLES


def tables(duck: Duck) -> dict[str, int]:
    """Give the number of each table that there is; one that is made anew has another."""
    return dict(duck.rows("SELECT table_name, table_oid FROM duckdb_tables()"))


def test_no_fold_makes_a_table_anew(tmp_path: Path) -> None:
    with open_duck(tmp_path) as duck:
        for family in Family:
            load_facts(duck, family, [])
        for build in TABLES:
            build(duck, Settings())
        made = tables(duck)
        for fold in FOLDS.values():
            list(fold(duck, Settings(), 1))
            now = tables(duck)
            assert {name: now[name] for name in made} == made
            made = now
