"""Of two folds at once, the one that claimed the workspace last may store; a slower one before it cannot undo it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared.domain.facts.rollups import Figure, Overview, Rollup
from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.storage.contracts.facts import LedgerEntry
from shared.storage.contracts.streams import StreamMoved
from shared.storage.engine import Engine
from shared.storage.rows.rollups import StoredRollups
from tests.data.merchants import WORKSPACE, Merchant, as_file, header, order


class Interrupted(StoredRollups):
    """Lets something else happen between a run's last look at the facts and its first write."""

    def __init__(self, engine: Engine, meanwhile: Merchant, *files: bytes) -> None:
        super().__init__(engine)
        self._meanwhile = meanwhile
        self._files = list(files)
        self.seen: list[Sequence[LedgerEntry]] = []

    def ledger(self, workspace_id: str) -> Sequence[LedgerEntry]:
        self.seen.append(super().ledger(workspace_id))
        return self.seen[-1]

    def store(
        self, workspace_id: str, rollups: Sequence[Rollup], overview: Overview, *, gone: Sequence[Rollup] = (), run: str
    ) -> None:
        for file in self._files:
            self._meanwhile.import_bytes(file)
            self._meanwhile.fold()
        super().store(workspace_id, rollups, overview, gone=gone, run=run)


def test_a_slow_fold_does_not_store_over_a_later_one() -> None:
    merchant = Merchant()
    merchant.import_bytes(as_file([header("2026-11-10T00:00:00Z"), order(1)]))
    later = as_file([header("2026-11-11T00:00:00Z"), order(2)])
    slow = Interrupted(merchant.engine, merchant, later)
    tools = Folder(rollups=slow, figures=merchant.figures, objects=merchant.objects)

    with pytest.raises(StreamMoved):
        fold_workspace(WORKSPACE, tools=tools)

    assert [entry.generation for entry in slow.seen[0]] == [1]
    assert merchant.overview().generation == 2
    assert merchant.month("2026-10").total(Figure.ORDERS) == 2
    assert fold_workspace(WORKSPACE, tools=tools) is None, "its mark was taken up by the later run"


def test_a_fold_takes_up_every_import_there_is() -> None:
    merchant = Merchant()
    for day in range(1, 4):
        merchant.import_bytes(as_file([header(), order(day, f"2026-10-0{day}")]))
    overview = merchant.fold()

    assert overview is not None
    assert (overview.generation, merchant.month("2026-10").total(Figure.ORDERS)) == (3, 3)
    assert merchant.fold() is None


def test_a_row_says_which_generation_last_changed_it() -> None:
    merchant = Merchant()
    merchant.import_lines(header("2026-11-10T00:00:00Z"), order(1, "2026-09-05"), order(2, "2026-10-05"))
    merchant.import_lines(header("2026-11-11T00:00:00Z"), order(3, "2026-10-06"))

    assert [(month.month, month.generation) for month in merchant.months()] == [("2026-09", 1), ("2026-10", 2)]
