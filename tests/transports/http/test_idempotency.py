from __future__ import annotations

from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import ChangePlan
from shared.services.create_token_once import create_token_once
from shared.services.make_once import Made
from tests.data.engines import MeddledEngine
from tests.data.stores import memory_stores
from tests.data.tenants import KEYS, NOON, order, origin
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import Answer, Api
from tests.transports.http.issuer import LoopbackIssuer

BODY: dict[str, Any] = {"name": "CI", "scopes": ["mcp:pnl:read", "mcp:ads:read"], "expires_in_days": 90}


@pytest.fixture
def engine() -> MeddledEngine:
    return MeddledEngine()


@pytest.fixture
def api(issuer: LoopbackIssuer, engine: MeddledEngine) -> Api:
    api = Api(issuer, memory_stores(engine))
    workspace_of(api.stores, issuer=issuer.url)
    return api


def create(api: Api, *, key: str | None = "key-1", by: str = "olivia", **change: object) -> Answer:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return api.post("/v1/tokens", {**BODY, **change}, by=by, headers=headers)


def tokens(api: Api) -> list[str]:
    return [token["id"] for token in api.get("/v1/tokens").json["data"]]


def test_without_a_key_each_request_makes_a_token(api: Api) -> None:
    first, second = create(api, key=None), create(api, key=None)

    assert (first.status, second.status) == (201, 201)
    assert len(tokens(api)) == 2


def test_a_repeat_gives_the_token_without_its_secret(api: Api) -> None:
    first = create(api)
    api.patch(f"/v1/tokens/{first.json['id']}", {"name": "renamed since"})

    repeat = create(api)

    metadata = {name: value for name, value in first.json.items() if name != "token"}
    assert (first.status, repeat.status) == (201, 200)
    assert repeat.json == {**metadata, "name": "renamed since", "secret_already_shown": True}
    assert first.json["token"] not in repeat.text
    assert tokens(api) == [first.json["id"]]


def test_the_order_of_scopes_and_fields_makes_no_other_request(api: Api) -> None:
    create(api)
    turned = dict(reversed(BODY.items())) | {"scopes": ["mcp:ads:read", "mcp:pnl:read", "mcp:pnl:read"]}

    assert api.post("/v1/tokens", turned, headers={"Idempotency-Key": "key-1"}).status == 200


@pytest.mark.parametrize("change", [{"name": "other"}, {"scopes": ["mcp:pnl:read"]}, {"expires_in_days": 30}])
def test_a_key_that_was_used_for_another_body_is_refused(api: Api, change: dict[str, Any]) -> None:
    made = create(api)

    answer = create(api, **change)

    assert (answer.status, answer.code, answer.json["field"]) == (422, "idempotency_key_reused", "Idempotency-Key")
    assert tokens(api) == [made.json["id"]]


def test_two_members_may_draw_the_same_key(api: Api) -> None:
    assert (create(api, by="olivia").status, create(api, by="adam").status) == (201, 201)
    assert len(tokens(api)) == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "with space", "tab\tbed", "snow\u2603"])
def test_a_key_is_a_short_run_of_visible_letters(api: Api, key: str) -> None:
    answer = create(api, key=key)

    assert (answer.status, answer.code, answer.json["field"]) == (422, "request_invalid", "idempotency-key")
    assert answer.json["detail"] == "idempotency-key: A key has 1 to 200 visible ASCII characters, no spaces."
    assert tokens(api) == []


def test_what_was_refused_can_be_repeated_when_it_is_allowed(api: Api) -> None:
    order(ChangePlan(plan="starter", at=NOON), stores=api.stores)
    assert create(api).code == "plan_required"

    order(ChangePlan(plan="plus", at=NOON), stores=api.stores)

    assert create(api).status == 201
    assert create(api).status == 200
    assert len(tokens(api)) == 1


def test_of_two_requests_at_once_one_makes_the_token_and_the_other_meets_it(api: Api, engine: MeddledEngine) -> None:
    others: list[Made] = []

    def another_comes_first(number: int) -> None:
        if number == 1:  # our claim is written, our token is not: the same request arrives at another container
            others.append(
                create_token_once(
                    key="key-1",
                    workspace_id="wks_1",
                    member_id="mem_olivia",
                    kind=TokenKind.PERSONAL,
                    name=BODY["name"],
                    scopes=frozenset({Scope.PNL, Scope.ADS}),
                    expires_in_days=90,
                    origin=origin(),
                    now=NOON,
                    keys=KEYS,
                    tokens=api.stores.tokens,
                    workspaces=api.stores.workspaces,
                    replies=api.stores.replies,
                )
            )

    engine.meddle = another_comes_first
    answer = create(api)

    assert others[0].text is not None
    assert (answer.status, answer.json["id"]) == (200, others[0].token.token_id)
    assert answer.json["secret_already_shown"] is True
    assert tokens(api) == [answer.json["id"]]
