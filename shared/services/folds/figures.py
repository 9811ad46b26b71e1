"""What is folded from the current facts of a workspace: the tables in between, and the rollups made of them.

A new rollup is a line here. Tables are built in this order, each from the tables of facts and those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from shared.domain.facts.rollups import Cohort, FxMonth, Rollup, ShopMonth
from shared.domain.facts.running import Running
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck
from shared.services.folds.fold_cohorts import fold_cohorts
from shared.services.folds.fold_shop import fold_shop
from shared.services.folds.order_tables import build_order_tables
from shared.services.folds.rates import build_rates, fold_fx
from shared.services.folds.spending_tables import build_spending_tables

TABLES: tuple[Callable[[Duck, Settings], None], ...] = (build_rates, build_order_tables, build_spending_tables)

FOLDS: Mapping[type[Rollup], Callable[[Duck, Settings, int], Iterable[Rollup]]] = {
    ShopMonth: fold_shop,
    Cohort: fold_cohorts,
    FxMonth: fold_fx,
}
"""Kind -> what makes all rollups of it there are, with the generation that they are made in."""

SUMMED: Mapping[Running, str] = {}
"""What is kept as running sums -> the table of its days: `day DATE`, `key VARCHAR` and a BIGINT for each figure."""
