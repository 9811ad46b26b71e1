"""Brings a workspace's rollups up to its ledger.

Every rollup is folded anew from the facts and stored only where it came out different: there are no rules about what
depends on what that could be wrong, nothing is ever added to a stored number, and a run that is repeated, or dies and
is taken up by another, changes nothing. A run claims the workspace first, so that a slower one before it cannot
store an earlier state over its results.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from uuid import uuid4

from shared.domain.facts.families import Family
from shared.domain.facts.inspections import Inspection
from shared.domain.facts.lifetimes import Lifetimes
from shared.domain.facts.rollups import DataMonth, Overview, Rollup
from shared.services.folds.current_facts import load_facts
from shared.services.folds.duck import Duck, open_duck
from shared.services.folds.fetch_facts import fetch_facts
from shared.services.folds.figures import FOLDS, SUMMED, TABLES
from shared.services.folds.fold_holdings import fold_data_months, fold_overview
from shared.services.folds.fold_inspections import fold_inspections
from shared.services.folds.fold_lifetimes import fold_lifetimes
from shared.services.folds.fold_running import digests_of, running_sums
from shared.storage.contracts.facts import Figures, LedgerEntry, Rollups
from shared.storage.contracts.objects import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What a fold needs."""

    rollups: Rollups
    figures: Figures
    objects: ObjectStore


def fold_workspace(workspace_id: str, *, tools: Folder) -> Overview | None:
    """Fold what was imported since the last run, if anything was, and give the overview of it.

    Raises:
        StreamMoved: another run claimed the workspace; try again.

    """
    if not tools.rollups.marks(workspace_id):
        return None
    run = uuid4().hex
    tools.rollups.claim(workspace_id, run)
    ledger = tools.rollups.ledger(workspace_id)
    generation = ledger[-1].generation
    settings = tools.figures.settings(workspace_id)
    before = tools.figures.overview(workspace_id)
    later = [entry for entry in ledger if entry.generation > before.generation]
    news = {Family(bucket.partition("#")[0]) for entry in later for bucket in entry.buckets}
    with TemporaryDirectory(prefix="fold-") as folder, open_duck(Path(folder)) as duck:
        for family in Family:
            paths = _fetch(ledger, family, workspace_id=workspace_id, objects=tools.objects, folder=Path(folder))
            load_facts(duck, family, paths)
        for build in TABLES:
            build(duck, settings)
        fitted = tools.figures.rollups(workspace_id, Lifetimes)
        folded: list[Rollup] = [*fold_lifetimes(duck, settings.currency, generation, before=fitted)]
        folded += (rollup for fold in FOLDS.values() for rollup in fold(duck, settings, generation))
        for family in sorted(news):
            folded += fold_data_months(duck, family, generation=generation)
        data = {_place(month): month for month in tools.figures.data_months(workspace_id)}
        stored: list[Rollup] = [*fitted]
        stored += (rollup for kind in FOLDS for rollup in tools.figures.rollups(workspace_id, kind))
        stored += (each for each in data.values() if each.family in news)
        changed, gone = _changes(stored, folded, generation)
        data |= {_place(change): change for change in changed if isinstance(change, DataMonth)}
        for each in gone:
            data.pop(_place(each), None)
        overview = fold_overview(duck, data.values(), generation=generation)
        inspected = fold_inspections(duck, data.values(), generation=generation)
        more, fewer = _changes(tools.figures.rollups(workspace_id, Inspection), inspected, generation)
        _store_running(duck, workspace_id, run, tools.rollups)
    tools.rollups.store(workspace_id, [*changed, *more], overview, gone=[*gone, *fewer], run=run)
    return overview


def _store_running(duck: Duck, workspace_id: str, run: str, rollups: Rollups) -> None:
    """Store the running sums of each month that came out of other days than it was last made from."""
    for of, table in SUMMED.items():
        before, now = rollups.running_digests(workspace_id, of), digests_of(duck, table)
        for month in sorted(before.keys() | now.keys()):
            if before.get(month) != now.get(month):
                sums = running_sums(duck, of, table, month)
                rollups.store_running(workspace_id, of, month, sums, digest=now.get(month, ""), run=run)


def _fetch(
    ledger: Sequence[LedgerEntry], family: Family, *, workspace_id: str, objects: ObjectStore, folder: Path
) -> Sequence[Path]:
    def of_family(bucket: str) -> bool:
        return bucket.startswith(f"{family}#")

    return fetch_facts(ledger, of_family, workspace_id=workspace_id, objects=objects, folder=folder)


def _changes(
    stored: Iterable[Rollup], folded: Iterable[Rollup], generation: int
) -> tuple[Sequence[Rollup], Sequence[Rollup]]:
    """Find the rollups that came out different, and those that came out no more."""
    before = {_place(rollup): rollup for rollup in stored}
    after = {_place(rollup): rollup for rollup in folded}
    changed = [
        rollup for place, rollup in after.items() if place not in before or _as_of(before[place], generation) != rollup
    ]
    return changed, [_as_of(rollup, generation) for place, rollup in before.items() if place not in after]


def _place(rollup: Rollup) -> tuple[str, str]:
    return rollup.kind, rollup.place


def _as_of(rollup: Rollup, generation: int) -> Rollup:
    return cast("Rollup", replace(cast("Any", rollup), generation=generation))
