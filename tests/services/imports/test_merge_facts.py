"""What a file comes to beside what is known is found in bounded memory, however long a time the file is of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from shared.domain.facts.families import Family
from shared.domain.facts.imports import Counts
from shared.services.folds.columns import fact_columns
from shared.services.folds.duck import Duck, literal, open_duck
from shared.services.imports.merge_facts import merge_facts
from tests.data.merchants import Merchant, header, order

MONTHS = 36
FACTS = 150_000
LITTLE = "40MB"
"""Less than these facts take, and more than those of some months do."""


def stage(duck: Duck, path: Path) -> None:
    """Write expenses of three years as the reading of a file leaves them."""
    values = {"id": "n::VARCHAR", "amount": "n::BIGINT", "vendor": "repeat(md5(n::VARCHAR), 3)"}
    fact = ", ".join(
        f'"{name}" := {values.get(name, f"NULL::{type_}")}' for name, type_ in fact_columns(Family.EXPENSE).items()
    )
    duck.run(f"""
        COPY (
            SELECT 'fact' AS kind, 'books' AS source, 'main' AS account, n::VARCHAR AS key,
                   (DATE '2023-11-01' + to_months((n * {MONTHS} // {FACTS})::INTEGER))::DATE AS day,
                   NULL::DATE AS until, md5(n::VARCHAR) AS hash, struct_pack({fact}) AS fact
            FROM range({FACTS}) facts(n)
        ) TO {literal(str(path))} (FORMAT parquet, ROW_GROUP_SIZE 2048)
    """)  # noqa: S608 - of our own columns


def test_a_file_that_is_larger_than_memory_is_compared_with_what_is_known_by_few_months_at_a_time(
    tmp_path: Path,
) -> None:
    asked: list[int] = []
    known: dict[str, Path] = {}

    def known_of(_family: Family, months: Sequence[str]) -> Sequence[Path]:
        asked.append(len(months))
        return [known[month] for month in months if month in known]

    def merged(day: int, folder: Path) -> Counts:
        folder.mkdir()
        counts, written = merge_facts(
            duck,
            Family.EXPENSE,
            [tmp_path / "staged"],
            exported_at=datetime(2026, 11, day, tzinfo=UTC),
            known=known_of,
            target=folder,
            at_once=2 * FACTS // MONTHS + 1,
        )
        known.update(written)
        return counts

    with open_duck(tmp_path, memory=LITTLE) as duck:
        stage(duck, tmp_path / "staged")

        assert merged(1, tmp_path / "first") == Counts(new=FACTS)
        assert merged(2, tmp_path / "second") == Counts(unchanged=FACTS)

    assert len(known) == MONTHS
    assert asked == [2] * MONTHS


def test_a_fact_that_has_moved_to_another_month_is_not_gone_and_one_that_is_told_nowhere_is() -> None:
    merchant = Merchant()
    claim = {"type": "order", "from": "2026-09-01", "to": "2026-10-31"}
    merchant.import_lines(header(complete=[claim]), order("1", "2026-09-05"), order("2", "2026-09-05"))

    later = header("2026-11-21T12:00:00Z", complete=[claim])
    merchant.now = datetime(2026, 11, 22, tzinfo=UTC)
    report = merchant.import_lines(later, order("1", "2026-10-05"))

    assert report.counts == {"order": Counts(new=1, gone=1)}
