"""Every step of the product against every fault at the store's wire: nothing lost, nothing twice, a clear answer.

Each pair is tried at one request of the step here, or a few, and at every one by `python -m tests.faults.table`. Which
there are is seen when nothing goes wrong, so a new one joins by itself.
"""

from __future__ import annotations

import pytest

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


def test_every_fault_befalls_something(lab: Laboratory) -> None:
    asked = [each for step in STEPS for each in lab.undisturbed(step).asked]

    assert [fault.name for fault in ALL if not any(fault.fits(each) for each in asked)] == []


def test_the_steps_ask_in_every_way_that_the_product_has(lab: Laboratory) -> None:
    asked = {each.operation for step in STEPS for each in lab.undisturbed(step).asked}

    assert asked == {"GetItem", "Query", *BATCHES, *WRITES}
