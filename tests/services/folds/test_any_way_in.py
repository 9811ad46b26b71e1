"""What a workspace shows depends on what was said and when it was exported, never on how the files came in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.rollups import DataMonth, Figure
from shared.storage.engine import Put, Table
from shared.storage.rows.facts import ledger_key, mark_key, row
from tests.data.merchants import WORKSPACE, Merchant, as_file, header, order, refund, shown
from tests.data.random_merchants import Line, files

# An example is a dozen imports and folds, half a second each: few of them here, hundreds in `make soak`.
EXAMPLES = settings(max_examples=settings().max_examples // 20)

# Few hours, so that some files were exported at the same time, and lines that repeat a key of their own file.
crowded = st.lists(files(hour=st.sampled_from([1, 2])), min_size=2, max_size=4)


def after(history: Iterable[Sequence[Line]]) -> Sequence[Any]:
    merchant = Merchant()
    for file in history:
        assert merchant.import_bytes(as_file(file)).status is ImportStatus.FINISHED
    merchant.fold()
    return shown(merchant)


@EXAMPLES
@given(crowded, st.randoms(use_true_random=False))
def test_files_may_come_in_any_order(history: list[list[Line]], dice: Any) -> None:  # noqa: ANN401 - Hypothesis' random
    other = dice.sample(history, len(history))
    assert after(other) == after(history)


@EXAMPLES
@given(files(hour=st.just(1)), st.data())
def test_a_file_may_be_split_anywhere(file: list[Line], data: st.DataObject) -> None:
    first, *lines = file
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), min_size=1, max_size=3)))
    parts = [lines[a:b] for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    split = [[first, *part] for part in data.draw(st.permutations(parts)) if part]
    assert after(split) == after([file])


@EXAMPLES
@given(crowded)
def test_facts_that_come_a_second_time_change_nothing(history: list[list[Line]]) -> None:
    merchant = Merchant()
    for file in history:
        merchant.import_bytes(as_file(file))
    merchant.fold()
    before = shown(merchant)
    for first, *lines in history:
        # Other bytes, or it would be known for the same file and not be read at all.
        merchant.import_bytes(as_file([dict(reversed(first.items())), *reversed(lines)]))
    merchant.fold()
    assert shown(merchant) == before


@EXAMPLES
@given(crowded)
def test_figures_folded_from_nothing_but_the_facts_are_the_live_ones(history: list[list[Line]]) -> None:
    live = Merchant()
    for file in history:
        live.import_bytes(as_file(file))
        live.fold()
    again = Merchant(objects=live.objects)  # and a store that holds the ledger alone
    for entry in live.figures.ledger(WORKSPACE):
        told = row(ledger_key(WORKSPACE, entry.generation), **{"import": entry.import_id, "version": entry.version})
        again.engine.write(Put(table=Table.FACTS, item={**told, "buckets": list(entry.buckets)}))
        again.engine.write(Put(table=Table.FACTS, item=row(mark_key(WORKSPACE, entry.generation), kind="mark")))
    again.fold()
    assert shown(again) == shown(live)


def test_of_two_files_of_the_same_moment_one_counts_whichever_came_first() -> None:
    files = [[header(), order(lines=[{"quantity": 1, "price": price}])] for price in ("10.00", "11.00")]
    one, other = after(files), after(reversed(files))

    assert one == other
    (data,) = (each for each in one if isinstance(each, DataMonth))
    assert data.accounts[0].duplicate_keys == 1


def test_a_refund_after_the_books_were_closed_changes_its_month_the_order_s_month_and_the_cohort() -> None:
    merchant = Merchant()
    months = ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05")
    orders = [order(month, f"{month}-10", customer=f"customer of {month}") for month in months]
    merchant.import_lines(header("2026-06-01T00:00:00Z"), *orders)
    merchant.import_lines(
        header("2026-08-01T00:00:00Z"), refund(date="2026-04-20", order_id="2026-02", lines=[{"amount": "4.00"}])
    )
    changed = {
        json.dumps([type(rollup).__name__, rollup.month])
        for rollup in [*merchant.months(), *merchant.cohorts(), *merchant.figures.data_months(WORKSPACE, "order")]
        if rollup.generation == 2
    }
    assert changed == {'["ShopMonth", "2026-02"]', '["ShopMonth", "2026-04"]', '["Cohort", "2026-02"]'}


def test_a_fact_whose_day_was_corrected_leaves_the_month_that_it_was_in() -> None:
    merchant = Merchant()
    merchant.import_lines(header("2026-06-01T00:00:00Z"), order(date="2026-01-10"))
    merchant.import_lines(header("2026-06-02T00:00:00Z"), order(date="2026-02-10"))
    assert [(month.month, month.total(Figure.ORDERS)) for month in merchant.months()] == [("2026-02", 1)]
