"""Of two runs over one file, the one that ends the import decides what its facts are, whatever the other comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.settings import Settings
from shared.services.imports.import_upload import import_upload
from shared.storage.contracts.facts import ImportRecord, LedgerEntry
from shared.storage.engine import Engine
from shared.storage.rows.rollups import StoredRollups
from tests.data.merchants import WORKSPACE, Merchant, as_file, header, order, shown

FILE = as_file(
    [
        header(complete=[{"type": "order", "from": "2026-10-01", "to": "2026-10-31"}]),
        *(order(number, shipping="5.00") for number in range(3)),
    ]
)
FRANCS = Settings(currency="CHF")


class Interrupted(StoredRollups):
    """A ledger at whose reading something else happens, just before or just after."""

    def __init__(self, engine: Engine, meanwhile: Callable[[], object], *, before: bool) -> None:
        super().__init__(engine)
        self._meanwhile = meanwhile
        self._before = before

    def ledger(self, workspace_id: str) -> Sequence[LedgerEntry]:
        if self._before:
            self._meanwhile()
        found = super().ledger(workspace_id)
        if not self._before:
            self._meanwhile()
        return found


class Interleaved(Merchant):
    """A merchant at whose import another run over the same file comes between."""

    def run_between(self, sent: ImportRecord, *, before: bool, settled: Settings | None = None) -> None:
        """Run over a file, and again while the first run compares it with what is known."""
        key, tools = f"raw/{WORKSPACE}/{sent.import_id}", self.importer

        def meanwhile() -> None:
            if settled is not None:
                self.settle(settled)
            ended = import_upload(key, request_id="quick", tools=tools)
            assert ended is not None
            assert ended.status is ImportStatus.FINISHED

        slow = Interrupted(self.engine, meanwhile, before=before)
        import_upload(key, request_id="slow", tools=replace(tools, rollups=slow))


@pytest.mark.parametrize("before", [True, False], ids=["before the ledger is read", "after it"])
@pytest.mark.parametrize("settled", [None, FRANCS], ids=["", "settings change between them"])
def test_a_second_run_over_a_file_takes_nothing_from_the_facts_of_the_first(
    *, before: bool, settled: Settings | None
) -> None:
    once, twice = Merchant(), Interleaved()
    if settled is not None:
        once.settle(settled)
    at_once = once.import_bytes(FILE)
    twice.run_between(twice.send(FILE), before=before, settled=settled)

    assert twice.imports.get(WORKSPACE, at_once.import_id) == at_once
    assert twice.facts() == once.facts()
    for merchant in (once, twice):
        merchant.fold()
    assert shown(twice) == shown(once)
