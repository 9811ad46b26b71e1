"""What the views of a token say of its being abandoned or kept out."""

from __future__ import annotations

from typing import Any

from shared.services.sweep import sweep
from shared.storage.contracts.tokens import Arrival
from tests.data.tenants import A_DAY, KEYS, NOON
from tests.data.tenants import token as token_of
from tests.transports.http.api import Api


def swept(api: Api, *, day: int) -> None:
    """Let days pass, and do what the schedule does."""
    api.now = NOON + day * A_DAY
    sweep(
        now=api.now,
        request_id="sweep",
        keys=KEYS,
        tokens=api.stores.tokens,
        workspaces=api.stores.workspaces,
        evidence=api.stores.evidence,
    )


def look(api: Api, token_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = api.get(f"/v1/tokens/{token_id}").json
    return shown


def test_since_when_a_token_is_flagged_stands_in_every_view_of_it(api: Api) -> None:
    made = token_of(api.stores, days=90)

    swept(api, day=14)

    views = [
        look(api, made.token.token_id),
        api.get("/v1/tokens").json["data"][0],
        api.get("/v1/tokens/self", by=None, headers={"authorization": f"Bearer {made.text}"}).json,
    ]
    assert [(view["status"], view["flagged_at"]) for view in views] == [("active", "2026-12-05T12:00:00Z")] * 3


def test_a_use_takes_the_flag_away(api: Api) -> None:
    token_id = token_of(api.stores, days=90).token.token_id
    swept(api, day=14)
    used = api.now + A_DAY
    api.stores.tokens.admit(token_id, Arrival(request_id="r", now=used, is_call=True), limit=60)
    api.stores.tokens.wake(token_id, used_at=used)

    swept(api, day=16)

    assert look(api, token_id)["flagged_at"] is None


def test_of_a_token_past_its_end_nothing_is_told_that_the_sweep_will_take_back(api: Api) -> None:
    flagged, suspended = (token_of(api.stores, days=30).token.token_id for _ in range(2))
    api.post(f"/v1/tokens/{suspended}/suspend", {"reason": "odd calls"})
    swept(api, day=14)
    api.now = NOON + 30 * A_DAY
    before = [look(api, each) for each in (flagged, suspended)]

    swept(api, day=30)

    assert [(view["status"], view["flagged_at"], view["suspended_at"]) for view in before] == [
        ("expired", None, None)
    ] * 2
    assert [look(api, each) for each in (flagged, suspended)] == before


def test_since_when_a_token_is_suspended_stands_in_the_list_and_in_its_own_view(api: Api) -> None:
    token_id = token_of(api.stores).token.token_id
    answered = api.post(f"/v1/tokens/{token_id}/suspend", {"reason": "odd calls"}).json

    views = [answered, look(api, token_id), api.get("/v1/tokens").json["data"][0]]

    assert [view["suspended_at"] for view in views] == ["2026-11-21T12:00:00Z"] * 3
    assert api.post(f"/v1/tokens/{token_id}/resume", {"reason": "fine"}).json["suspended_at"] is None
