"""/v1/tokens/{id}/usage: how much a token is used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.activity import Outcome
from tests.data.tenants import A_DAY, NOON
from tests.data.tenants import token as token_of
from tests.services.trail.minutes import a_minute_passes
from tests.services.trail.sealing import KeyInMemory
from tests.transports.http.api import Api
from tests.transports.http.test_trail import call


@pytest.fixture
def used(api: Api) -> tuple[Api, str]:
    """Give a token that was called yesterday, and twice today."""
    token_id = token_of(api.stores, at=NOON - 2 * A_DAY).token.token_id
    call(api, token_id, 1, at=NOON - A_DAY)
    call(api, token_id, 2, at=NOON - timedelta(minutes=5))
    call(api, token_id, 3, at=NOON - timedelta(minutes=4), outcome=Outcome.ERROR)
    a_minute_passes(api.stores.trail, now=NOON, signer=KeyInMemory())
    return api, token_id


def test_usage_is_told_by_day_and_tool(used: tuple[Api, str]) -> None:
    api, token_id = used
    one_call = {"calls": 1, "errors": 0, "milliseconds": 12, "result_bytes": 345}
    two_calls = {"calls": 2, "errors": 1, "milliseconds": 24, "result_bytes": 690}

    assert api.get(f"/v1/tokens/{token_id}/usage").json == {
        "since": "2026-10-23",
        "until": "2026-11-21",
        "counted_to": "2026-11-21T11:56:00Z",
        "data": [
            {"day": "2026-11-21", "tool": "get_pnl", **two_calls},
            {"day": "2026-11-20", "tool": "get_pnl", **one_call},
        ],
    }
    shorter = api.get(f"/v1/tokens/{token_id}/usage", days=1).json
    assert (shorter["since"], [each["day"] for each in shorter["data"]]) == ("2026-11-21", ["2026-11-21"])


@pytest.mark.parametrize(("query", "field"), [({"days": 0}, "days"), ({"days": 93}, "days"), ({"day": 1}, "day")])
def test_days_that_cannot_be_told_are_refused(api: Api, query: dict[str, Any], field: str) -> None:
    token_id = token_of(api.stores).token.token_id

    answer = api.get(f"/v1/tokens/{token_id}/usage", **query)

    assert (answer.status, answer.code, answer.json["field"]) == (422, "request_invalid", field)
