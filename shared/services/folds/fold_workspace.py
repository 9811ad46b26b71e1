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
from uuid import uuid4

from shared.domain.facts.families import Family
from shared.domain.facts.rollups import Cohort, DataMonth, FxMonth, Overview, ShopMonth
from shared.domain.facts.settings import Settings
from shared.services.folds.current_facts import load_facts
from shared.services.folds.duck import Duck, open_duck
from shared.services.folds.fetch_facts import fetch_facts
from shared.services.folds.fold_cohorts import fold_cohorts
from shared.services.folds.fold_holdings import fold_data_months, fold_overview
from shared.services.folds.fold_shop import fold_shop
from shared.services.folds.order_tables import build_order_tables
from shared.services.folds.rates import build_rates, fold_fx
from shared.services.folds.spending_tables import build_spending_tables
from shared.storage.contracts.facts import Figures, LedgerEntry, Rollup, Rollups
from shared.storage.contracts.objects import ObjectStore

FIRST_MONTH, LAST_MONTH = "0000-00", "9999-99"
NEEDED = frozenset({Family.ACCOUNT, Family.AD_DAY, Family.COST, Family.EXPENSE, Family.FX, Family.ORDER, Family.REFUND})
"""The families that every run reads: figures and the overview are made of them."""


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
        for family in sorted(NEEDED | news):
            paths = _fetch(ledger, family, workspace_id=workspace_id, objects=tools.objects, folder=Path(folder))
            load_facts(duck, family, paths)
        folded = _fold_figures(duck, settings, generation)
        for family in sorted(news):
            folded += fold_data_months(duck, family, generation=generation)
        data = {_place(month): month for month in tools.figures.data_months(workspace_id)}
        stored = [
            *_stored_figures(workspace_id, tools.figures),
            *(each for each in data.values() if each.family in news),
        ]
        changes = _changes(stored, folded, generation)
        data |= {_place(change): change for change in changes if isinstance(change, DataMonth)}
        overview = fold_overview(duck, data.values(), generation=generation)
    tools.rollups.store(workspace_id, changes, overview, run=run)
    return overview


def _fetch(
    ledger: Sequence[LedgerEntry], family: Family, *, workspace_id: str, objects: ObjectStore, folder: Path
) -> Sequence[Path]:
    def of_family(bucket: str) -> bool:
        return bucket.startswith(f"{family}#")

    return fetch_facts(ledger, of_family, workspace_id=workspace_id, objects=objects, folder=folder)


def _fold_figures(duck: Duck, settings: Settings, generation: int) -> list[Rollup]:
    reporting = settings.currency
    build_rates(duck, reporting=reporting)
    build_order_tables(duck, settings)
    build_spending_tables(duck, reporting=reporting)
    return [
        *fold_shop(duck, reporting=reporting, generation=generation),
        *fold_cohorts(duck, reporting=reporting, generation=generation),
        *fold_fx(duck, reporting=reporting, generation=generation),
    ]


def _stored_figures(workspace_id: str, figures: Figures) -> list[Rollup]:
    every = (workspace_id, FIRST_MONTH, LAST_MONTH)
    return [*figures.shop_months(*every), *figures.cohorts(*every), *figures.fx_months(*every)]


def _changes(stored: Iterable[Rollup], folded: Iterable[Rollup], generation: int) -> list[Rollup]:
    """Find the rollups to store: those that came out different, and an empty one where there is nothing any more."""
    before = {_place(rollup): rollup for rollup in stored}
    after = {_place(rollup): rollup for rollup in folded}
    gone = [_emptied(rollup) for place, rollup in before.items() if place not in after]
    return [
        replace(rollup, generation=generation)
        for rollup in (*after.values(), *gone)
        if (known := before.get(_place(rollup))) is None
        or replace(known, generation=generation) != replace(rollup, generation=generation)
    ]


def _place(rollup: Rollup) -> tuple[str, str, str]:
    match rollup:
        case DataMonth():
            return ("data", rollup.family, rollup.month)
        case Cohort():
            return ("cohort", rollup.segment, rollup.month)
        case ShopMonth():
            return ("shop", "", rollup.month)
        case FxMonth():
            return ("fx", "", rollup.month)


def _emptied(rollup: Rollup) -> Rollup:
    match rollup:
        case DataMonth():
            return replace(rollup, accounts=())
        case Cohort():
            return replace(
                rollup,
                size=0,
                new_by_day=(),
                new_revenue_by_day=(),
                active=(),
                orders=(),
                net_revenue=(),
                cm2=(),
                sales=(),
                cost_known_sales=(),
            )
        case ShopMonth():
            return replace(rollup, days={})
        case FxMonth():
            return replace(rollup, rates={})
