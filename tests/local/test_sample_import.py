"""The sample workspace's figures reach to yesterday, whenever the stack was last up and however it ended."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from functions.settings import Settings
from functions.wiring import Wiring
from infra.local.folder import LocalFolder
from infra.local.functions import all_settings
from infra.local.positions import Positions
from infra.local.product import make_keys
from infra.local.sample import SAMPLE
from infra.local.sample_import import NOTE, SentFigures, has_arrived, send_missing, settle
from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.services.imports.import_upload import Importer, import_upload
from shared.services.imports.names import raw_key
from tests.data.memory_queue import MemoryQueue

NOON = datetime(2026, 11, 21, 17, tzinfo=UTC)  # in New York
FRIDAY = date(2026, 11, 20)


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    folder = LocalFolder(path=tmp_path)
    make_keys(folder)
    made = Wiring(Settings(values=all_settings(folder, public_url="http://127.0.0.1:1", issuer="http://127.0.0.1:1/o")))
    settle(made, NOON)
    return made


@pytest.fixture
def positions(tmp_path: Path) -> Positions:
    """What a stack leaves that had all figures up to Tuesday, the 17th."""
    kept = Positions(tmp_path / "positions.db")
    kept.leave_note(NOTE, json.dumps({"opened": "2026-11-01", "through": "2026-11-17"}))
    return kept


def take_in(sent: SentFigures, wiring: Wiring, *, at: datetime = NOON) -> None:
    """Do what importer and projector do."""
    importer = Importer(
        imports=wiring.imports,
        figures=wiring.figures,
        rollups=wiring.rollups,
        objects=wiring.objects,
        keys=wiring.data_keys,
        queue=MemoryQueue(),
        clock=lambda: at,
    )
    import_upload(raw_key(SAMPLE.workspace_id, sent.import_id), request_id="request-1", tools=importer)
    tools = Folder(rollups=wiring.rollups, figures=wiring.figures, objects=wiring.objects)
    fold_workspace(SAMPLE.workspace_id, tools=tools)


def test_only_the_days_that_are_missing_are_sent_and_once(wiring: Wiring, positions: Positions) -> None:
    (sent,) = send_missing(NOON, wiring=wiring, positions=positions)
    assert not has_arrived(sent, wiring=wiring, positions=positions)

    take_in(sent, wiring)

    assert has_arrived(sent, wiring=wiring, positions=positions)
    overview = wiring.figures.overview(SAMPLE.workspace_id)
    assert (overview.data_from, overview.data_through) == (date(2026, 11, 18), FRIDAY)
    assert send_missing(NOON, wiring=wiring, positions=positions) == []


def test_yesterday_is_the_shops_own(wiring: Wiring, positions: Positions) -> None:
    (sent,) = send_missing(datetime(2026, 11, 22, 3, tzinfo=UTC), wiring=wiring, positions=positions)

    assert sent.held.through == FRIDAY, "in New York it is Saturday still"


def test_what_never_arrived_is_sent_again_and_counts_once(wiring: Wiring, positions: Positions) -> None:
    (lost,) = send_missing(NOON, wiring=wiring, positions=positions)
    later = NOON + timedelta(minutes=5)

    (again,) = send_missing(later, wiring=wiring, positions=positions)
    take_in(again, wiring, at=later)
    before = wiring.figures.shop_months(SAMPLE.workspace_id, "2026-11", "2026-11")
    take_in(lost, wiring, at=later)

    after = wiring.figures.shop_months(SAMPLE.workspace_id, "2026-11", "2026-11")
    assert before
    assert [month.days for month in after] == [month.days for month in before]
