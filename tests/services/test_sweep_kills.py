"""A sweep that is killed before one of its calls to the store, or overtaken there: nothing twice, nothing missed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import LIVE
from shared.domain.workspace.commands import ChangePlan, SetTokenPolicy
from shared.services.change_workspace import PATIENCE
from shared.services.credentials.seal import is_sealed
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, order, rotation, token, workspace
from tests.services.lived import Interrupted, Lived, die, swept
from tests.services.rotating import REVOKE, change

NOW = NOON + 60 * A_DAY
BEFORE = NOW - timedelta(hours=1)
CREATED = "token.created"
EXPECTED = {
    "expires": [CREATED, "token.abandonment_flagged", "token.expiry_reminded", "token.expired"],
    "is told of its end": [CREATED, "token.abandonment_flagged", "token.expiry_reminded"],
    "is rotated": [CREATED, "token.rotated", "token.overlap_ended"],
    "takes its place": [CREATED, "token.rotation_adopted"],
    "took its place and was revoked": [CREATED, "token.revoked", "token.rotation_adopted"],
    "is abandoned": [CREATED, "token.abandonment_flagged"],
    "is used again": [CREATED, "token.abandonment_flagged", "token.abandonment_cleared"],
    "is abandoned where that suspends": [CREATED, "token.abandonment_flagged", "token.suspended"],
    "has a new plan": [CREATED],
}
"""What happens to one token of each kind, up to and with one sweep, written by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A store in which something of every kind is due."""

    path: Path
    names: dict[str, str]
    """Id of a token -> what it is about."""


@pytest.fixture(scope="module")
def due(tmp_path_factory: pytest.TempPathFactory) -> Due:
    path = tmp_path_factory.mktemp("due") / "store.db"
    engine = MeddledEngine(path)
    lived = Lived(engine=engine)
    stores = lived.stores
    workspace(stores, at=NOON - A_DAY)
    workspace(stores, "wks_2", plan="alpha", at=NOON - A_DAY)
    workspace(stores, "wks_3", at=NOON - A_DAY)
    suspends = SetTokenPolicy(policy=TokenPolicy(suspend_abandoned=True), set_by="mem_olivia", at=NOON)
    order(suspends, stores=stores, workspace_id="wks_3")
    made = {"is used again": token(stores, days=365)}
    made["expires"] = token(stores, days=30, at=NOW - 30 * A_DAY)
    made["is told of its end"] = token(stores, days=30, at=NOW - 16 * A_DAY)
    lived.sweep(NOW - 2 * A_DAY)
    made["is rotated"] = token(stores, days=90, at=NOW - 10 * A_DAY)
    made["takes its place"] = rotation(stores, made["is rotated"].token.token_id, at=NOW - A_DAY)
    made["is abandoned"] = token(stores, days=90, at=NOW - 20 * A_DAY)
    made["is abandoned where that suspends"] = token(stores, workspace_id="wks_3", days=90, at=NOW - 20 * A_DAY)
    made["has a new plan"] = token(stores, workspace_id="wks_2", days=90, at=BEFORE)
    rotated_too = token(stores, days=90, at=NOW - 2 * A_DAY)
    made["took its place and was revoked"] = rotation(stores, rotated_too.token.token_id, overlap=604_800, at=BEFORE)
    for used in ("is used again", "takes its place", "took its place and was revoked"):
        lived.call(made[used], BEFORE)
    change(stores, made["took its place and was revoked"], replace(REVOKE, at=BEFORE))
    engine.meddle = die_before(write=1)  # the change is recorded, and then its process ends
    with suppress(Killed):
        order(ChangePlan(plan="plus", at=NOON), stores=stores, workspace_id="wks_2", at=NOW - PATIENCE)
    engine.close()
    return Due(path=path, names={each.token.token_id: about for about, each in made.items()})


def run_interrupted(due: Due, folder: Path, *, at: int, by: Callable[[Stores], object]) -> tuple[Lived, int]:
    """Sweep a copy of the store, of which something happens before a call; give it and the calls that were made."""
    engine = SqliteEngine(shutil.copy(due.path, folder / f"copy-{at}.db"))
    lived = Lived(engine=engine)
    interrupted = Interrupted(of=engine, at=at, by=lambda: by(lived.stores))
    with suppress(Killed):
        swept(Stores.over(interrupted), NOW)
    return lived, interrupted.calls


def check(lived: Lived, due: Due) -> None:
    """Look whether everything happened that was due, each thing once, and whether all of it can be seen."""
    assert {about: lived.types(token_id) for token_id, about in due.names.items()} == EXPECTED
    for token_id in due.names:
        row = lived.row(token_id)
        assert is_sealed(row, KEYS)
        assert (row.due_at is not None) == (row.token.status in LIVE)
        assert row.due_at is None or row.due_at > NOW
    (plan_changed,) = (token_id for token_id, about in due.names.items() if about == "has a new plan")
    assert lived.row(plan_changed).terms.plan == "plus"
    assert lived.stores.workspaces.unfenced(NOW + A_DAY, limit=9) == ()


CALLS = (1 + 5) + 4 + 8 * 3 + 2 + 4
"""To the store, of one sweep that nobody disturbs.

For the fencing: what is unfinished, the workspace, its list, the rows, the new terms, and that it is done. Then the
four parts of the index; of each of eight tokens the row, the evidence and a transaction; the policies of two
workspaces; and the four parts again, which now name nothing.
"""


def test_what_is_due_is_done_in_one_run(due: Due, tmp_path: Path) -> None:
    lived, calls = run_interrupted(due, tmp_path, at=-1, by=lambda _: None)

    check(lived, due)
    assert calls == CALLS


@pytest.mark.parametrize("number", range(CALLS))
def test_a_sweep_that_dies_before_a_call_is_finished_by_the_next(due: Due, tmp_path: Path, number: int) -> None:
    lived, calls = run_interrupted(due, tmp_path, at=number, by=lambda _: die())
    assert calls == number + 1

    swept(lived.stores, NOW)

    check(lived, due)


@pytest.mark.parametrize("number", range(CALLS))
def test_a_sweep_that_is_overtaken_before_a_call_does_nothing_twice(due: Due, tmp_path: Path, number: int) -> None:
    lived, _ = run_interrupted(due, tmp_path, at=number, by=lambda stores: swept(stores, NOW))

    check(lived, due)
