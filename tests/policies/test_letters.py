"""Letters are written by one function, and from one address."""

from __future__ import annotations

import pytest

from tests.policies.places import IDENTITY, ROLES, SENDER
from tests.policies.simulator import Account, Request, Simulator, Verdict


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("sender", [SENDER, "ceo@merchant.example"])
def test_only_the_notifier_writes_and_only_from_its_own_address(
    judge: Simulator, account: Account, role: str, sender: str
) -> None:
    asked = Request(role=role, action="ses:SendEmail", resource=IDENTITY, sender=sender)

    (judgement,) = judge.judge([asked], account=account)

    may = (role, sender) == ("NotifierRole", SENDER)
    assert (judgement.verdict is Verdict.ALLOWED) is may
