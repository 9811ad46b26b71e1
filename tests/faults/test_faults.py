"""Every step of the product against every fault at the store's wire: nothing lost, nothing twice, a clear answer.

Each pair is tried at one request of the step here, or a few, and at every one by `python -m tests.faults.table`. Which
there are is seen when nothing goes wrong, so a new one joins by itself.
"""

from __future__ import annotations

from collections import Counter

import pytest

from shared.storage.engine import Table
from tests.faults.books import Books
from tests.faults.cells import Laboratory
from tests.faults.faults import Fault
from tests.faults.plan import ALL, some_places, try_out
from tests.faults.steps import STEPS, Step
from tests.faults.wire import BATCHES, WRITES


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_survives_a_fault(lab: Laboratory, step: Step, fault: Fault) -> None:
    places = some_places(step, fault, lab.undisturbed(step).asked)
    outcomes = [*try_out(lab, step, fault, places)]

    assert {str(outcome.cell): outcome.findings for outcome in outcomes if outcome.findings} == {}


def test_each_fault_befalls_each_step_that_asks_for_what_it_fits(lab: Laboratory) -> None:
    tried = {
        fault.name: {step.name for step in STEPS if some_places(step, fault, lab.undisturbed(step).asked)}
        for fault in ALL
    }
    every = {step.name for step in STEPS}
    not_everywhere = {
        "half of the keys of a batch": {"sweep"},
        "none of the keys of a batch": {"sweep"},
        "the same, still under way": every - {"call", "call, one limit for all", "follow"},  # they have no transaction
    }

    assert tried == {fault.name: every for fault in ALL} | not_everywhere


def test_steps_that_lead_to_no_event_of_a_history_do_what_they_are_there_for(lab: Laboratory) -> None:
    fold, follow, seal = ({step.name: step for step in STEPS}[name] for name in ("fold", "follow", "seal"))

    assert [waits(books) for books in (lab.before(fold), lab.undisturbed(fold).books)] == [
        {"folding"},
        set(),
    ]
    assert [waits(books) for books in (lab.before(follow), lab.undisturbed(follow).books)] == [
        set(),
        {"sealing", "accounting"},
    ]
    assert [waits(books) for books in (lab.before(seal), lab.undisturbed(seal).books)] == [
        {"sealing", "accounting"},
        set(),
    ]
    unaccounted = Counter({(Table.AUDIT, "of olivia", "mcp.call_unaccounted"): 1})
    assert lab.undisturbed(seal).books.facts - lab.before(seal).facts == unaccounted


def waits(books: Books) -> set[str]:
    """Name what is marked to be done."""
    marks = {"folding": books.figures[2], "sealing": books.sealing[2], "accounting": books.sealing[3]}
    return {name for name, found in marks.items() if found}


def test_the_steps_ask_in_every_way_that_the_product_has(lab: Laboratory) -> None:
    asked = {each.operation for step in STEPS for each in lab.undisturbed(step).asked}

    assert asked == {"GetItem", "Query", *BATCHES, *WRITES}
