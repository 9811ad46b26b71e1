"""/v1/tokens/self: what whoever holds a token may do with it here, and that it is all they may do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.commands import RevokeToken, SuspendToken
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.commands import ChangePlan, RemoveMember, SetTokenPolicy, SuspendAccess
from shared.services.change_token import change_token
from shared.services.create_token import NewToken
from shared.services.credentials.token_format import new_id, new_token, read_token
from shared.services.refusals import FORMS, Reason
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import A_DAY, KEYS, NOON, order, origin, rotation
from tests.data.tenants import token as token_of
from tests.data.tenants import workspace as workspace_of
from tests.transports.http.api import Answer, Api
from tests.transports.http.issuer import LoopbackIssuer
from tests.transports.mcp.outages import EVERYTHING, Outage


def bearing(text: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"} if text is not None else {}


def look(api: Api, text: str | None) -> Answer:
    return api.get("/v1/tokens/self", by=None, headers=bearing(text))


def rotate(api: Api, text: str | None, *, key: str | None = None, **body: object) -> Answer:
    headers = bearing(text) | ({"Idempotency-Key": key} if key is not None else {})
    return api.post("/v1/tokens/self/rotate", body, by=None, headers=headers)


def organization_token(api: Api) -> NewToken:
    order(ChangePlan(plan="alpha", at=NOON), stores=api.stores)
    return token_of(api.stores, owner="adam", kind=TokenKind.ORGANIZATION, days=None, scopes=Scope)


# --- what it may do -----------------------------------------------------------------------------------------------


def test_a_token_sees_itself_as_its_owner_sees_it(api: Api) -> None:
    made = token_of(api.stores)

    answer = look(api, made.text)

    assert answer.status == 200
    assert answer.json == api.get(f"/v1/tokens/{made.token.token_id}").json


def test_a_token_rotates_itself(api: Api) -> None:
    made = token_of(api.stores, scopes=(Scope.PNL, Scope.ADS))

    answer = rotate(api, made.text)

    assert answer.status == 201
    assert read_token(answer.json["token"], KEYS) is not None
    assert answer.json["scopes"] == ["mcp:ads:read", "mcp:pnl:read"]
    assert (answer.json["owner"], answer.json["predecessor"]) == ("mem_olivia", made.token.token_id)
    old, new = look(api, made.text).json, look(api, answer.json["token"]).json
    assert (old["status"], old["successor"], old["expires_at"]) == ("active", new["id"], "2026-11-22T12:00:00Z")


def test_a_token_of_the_organization_rotates_itself_even_when_its_maker_is_gone(api: Api) -> None:
    made = organization_token(api)
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=api.stores)

    answer = rotate(api, made.text)

    assert (answer.status, answer.json["expires_at"]) == (201, None)
    assert answer.json["token"].startswith("mfs_")
    assert look(api, answer.json["token"]).status == 200


def test_a_token_never_makes_itself_wider(api: Api) -> None:
    made = token_of(api.stores, days=30)

    wider = rotate(api, made.text, scopes=["mcp:pnl:read", "mcp:ads:read"])
    longer = rotate(api, made.text, expires_in_days=365)
    fewer = rotate(api, made.text, scopes=["mcp:pnl:read"])

    assert (wider.status, wider.code) == (422, "scope_wider")
    assert (longer.status, longer.code) == (422, "request_invalid")
    assert fewer.json["expires_at"] == "2026-12-21T12:00:00Z"


def test_a_token_narrows_itself_to_what_it_used(api: Api) -> None:
    made = token_of(api.stores, scopes=(Scope.PNL, Scope.ADS))
    api.stores.evidence.note(made.token.token_id, NOON.date(), scope=Scope.ADS)

    assert rotate(api, made.text, narrow_to_used=True).json["scopes"] == ["mcp:ads:read"]


def test_without_an_overlap_the_old_token_cannot_even_look_at_itself(api: Api) -> None:
    made = token_of(api.stores)

    new = rotate(api, made.text, overlap_seconds=0)

    answer = look(api, made.text)
    assert (answer.status, answer.code, answer.json["rotated_at"]) == (401, "token_rotated", "2026-11-21T12:00:00Z")
    assert look(api, new.json["token"]).status == 200


def test_a_repeat_with_its_key_gives_the_successor_without_its_secret(api: Api) -> None:
    made = token_of(api.stores)
    first = rotate(api, made.text, key="key-1")

    repeat = rotate(api, made.text, key="key-1")
    another = rotate(api, made.text, key="key-2")

    assert (repeat.status, repeat.json["id"], repeat.json["secret_already_shown"]) == (200, first.json["id"], True)
    assert first.json["token"] not in repeat.text
    assert (another.status, another.code, another.json["successor"]) == (409, "already_rotated", first.json["id"])


def test_the_trail_names_the_token_as_the_one_who_rotated(api: Api) -> None:
    made = token_of(api.stores)
    rotate(api, made.text)

    actor = f"token:{made.token.token_id}"
    events = api.get("/v1/audit/events", actor=actor).json["data"]
    assert {(event["type"], event["ip"], event["user_agent"]) for event in events} == {
        ("token.rotated", "192.0.2.7", "tests/1"),
        ("token.created", "192.0.2.7", "tests/1"),
    }
    (rotated,) = api.get("/v1/audit/events", type="token.rotated").json["data"]
    assert rotated["data"]["rotated_by"] == actor


def test_requests_about_itself_take_no_place_in_the_window(api: Api) -> None:
    made = organization_token(api)

    assert {look(api, made.text).status for _ in range(31)} == {200}


@pytest.mark.parametrize("around", ["{} ", " {}", "\t{}"])
def test_a_token_is_read_as_at_the_other_door(api: Api, around: str) -> None:
    made = token_of(api.stores)

    assert look(api, around.format(made.text)).status == 200


# --- who is refused -----------------------------------------------------------------------------------------------


def changed(api: Api, made: NewToken, command: RevokeToken | SuspendToken) -> str:
    change_token(made.token.token_id, command, origin=origin(), keys=KEYS, tokens=api.stores.tokens)
    return made.text


def refused_for(api: Api, reason: Reason) -> str | None:
    """Bring about a reason, and give the token that is refused for it."""
    made = token_of(api.stores, days=30)
    match reason:
        case Reason.CREDENTIAL_MISSING:
            return None
        case Reason.TOKEN_MALFORMED:
            return made.text[:-1]
        case Reason.TOKEN_UNKNOWN:
            return new_token(TokenKind.PERSONAL, new_id(), KEYS).text
        case Reason.TOKEN_EXPIRED:
            api.now = NOON + 30 * A_DAY
        case Reason.TOKEN_REVOKED:
            return changed(api, made, RevokeToken(revoked_by="mem_olivia", reason="gone", at=NOON))
        case Reason.TOKEN_SUSPENDED:
            return changed(api, made, SuspendToken(suspended_by="mem_olivia", reason="odd", at=NOON))
        case Reason.TOKEN_ROTATED:
            rotation(api.stores, made.token.token_id, overlap=3600)
            api.now = NOON + timedelta(hours=2)
        case Reason.PLAN_REQUIRED:
            order(ChangePlan(plan="starter", at=NOON), stores=api.stores)
        case Reason.ORGANIZATION_NOT_AUTHORIZED:
            order(SuspendAccess(reason="unpaid", at=NOON), stores=api.stores)
        case Reason.IP_DENIED:
            policy = TokenPolicy(networks=("198.51.100.0/24",))
            order(SetTokenPolicy(policy=policy, set_by="mem_olivia", at=NOON), stores=api.stores)
        case _:
            raise ValueError(reason)
    return made.text


ELSEWHERE = {
    Reason.INSUFFICIENT_SCOPE,  # of a tool
    Reason.RATE_LIMITED,  # nothing is counted here
    Reason.AUDIT_UNAVAILABLE,  # of a call
    Reason.STORE_UNAVAILABLE,  # below
}
HERE = [reason for reason in Reason if reason not in ELSEWHERE]
FACTS = {
    Reason.TOKEN_EXPIRED: {"expired_at": "2026-12-21T12:00:00Z"},
    Reason.TOKEN_REVOKED: {"revoked_at": "2026-11-21T12:00:00Z"},
    Reason.TOKEN_SUSPENDED: {"suspended_at": "2026-11-21T12:00:00Z"},
    Reason.TOKEN_ROTATED: {"rotated_at": "2026-11-21T13:00:00Z"},
}


@pytest.mark.parametrize("what", [look, rotate])
@pytest.mark.parametrize("reason", HERE)
def test_a_token_is_refused_for_the_reasons_and_in_the_words_of_mcp(api: Api, reason: Reason, what: Any) -> None:  # noqa: ANN401 - one of the two requests
    text = refused_for(api, reason)

    answer = what(api, text)

    form = FORMS[reason]
    assert (answer.status, answer.code) == (form.status, str(reason))
    assert (answer.json["detail"], answer.json["hint"]) == (form.message, form.hint)
    facts = {name: value for name, value in answer.json.items() if name.endswith("_at")}
    assert facts == FACTS.get(reason, {})
    challenge = "Bearer" if reason is Reason.CREDENTIAL_MISSING else 'Bearer error="invalid_token"'
    assert answer.headers.get("www-authenticate") == (challenge if form.status == 401 else None)


def test_every_reason_is_explained_where_its_problem_points_to() -> None:
    page = (Path(__file__).parents[3] / "docs/api.md").read_text(encoding="utf-8")

    reasons = [*HERE, Reason.STORE_UNAVAILABLE]
    assert [reason for reason in reasons if f'<a id="{reason}"></a>`{reason}`' not in page] == []


def test_a_store_out_of_reach_is_told_as_at_the_other_door(issuer: LoopbackIssuer) -> None:
    outage = Outage(SqliteEngine())
    api = Api(issuer, Stores.over(outage))
    workspace_of(api.stores, issuer=issuer.url)
    made = token_of(api.stores)
    outage.lost = EVERYTHING

    answer = look(api, made.text)

    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "store_unavailable", "5")
    assert (answer.json["retry_after_seconds"], answer.json["title"]) == (5, "Unavailable")


def test_a_refusal_of_a_known_token_stands_in_the_trail(api: Api) -> None:
    look(api, refused_for(api, Reason.TOKEN_REVOKED))

    (event,) = api.get("/v1/audit/events", type="mcp.call_denied").json["data"]
    assert (event["data"]["reason"], event["data"]["method"]) == ("token_revoked", "GET /v1/tokens/self")


def test_the_bearer_of_a_member_is_no_token(api: Api) -> None:
    answer = api.get("/v1/tokens/self")

    assert (answer.status, answer.code) == (401, "token_malformed")
    assert "not the sign-in of a member" in answer.json["hint"]


def test_a_token_that_is_taken_out_of_use_after_it_was_let_in_is_not_rotated(issuer: LoopbackIssuer) -> None:
    engine = MeddledEngine()
    api = Api(issuer, memory_stores(engine))
    workspace_of(api.stores, issuer=issuer.url)
    made = token_of(api.stores)

    def interfere(number: int) -> None:
        if number == 0:  # the gate has written nothing: this is the rotation
            changed(api, made, RevokeToken(revoked_by="mem_olivia", reason="leaked", at=NOON))

    engine.meddle = interfere
    answer = rotate(api, made.text)

    assert (answer.status, answer.code) == (409, "token_ended")
    assert [token["id"] for token in api.get("/v1/tokens").json["data"]] == [made.token.token_id]


# --- what it may not do -------------------------------------------------------------------------------------------


def test_a_token_can_do_nothing_else_here(api: Api) -> None:
    made = token_of(api.stores)
    for path, item in api.description["paths"].items():
        for method, operation in item.items():
            if operation.get("security") != [{"member": []}]:
                continue
            concrete = path.replace("{token_id}", made.token.token_id).replace("{member_id}", "mem_olivia")

            answer = api.send(method.upper(), concrete, headers=bearing(made.text))

            assert (answer.status, answer.code) == (401, "member_required"), f"{method} {path}"
            assert "/v1/tokens/self" in answer.json["hint"]
    row = api.stores.tokens.get(made.token.token_id)
    assert row is not None
    assert row.token == made.token


def test_the_routes_for_tokens_are_these_two(api: Api) -> None:
    of_tokens = {
        (method.upper(), path)
        for path, item in api.description["paths"].items()
        for method, operation in item.items()
        if operation.get("security") == [{"token": []}]
    }

    assert of_tokens == {("GET", "/v1/tokens/self"), ("POST", "/v1/tokens/self/rotate")}


@pytest.mark.parametrize("path", ["/v1/tokens/self/revoke", "/v1/tokens/self/suspend", "/v1/tokens/self/evidence"])
def test_self_is_no_id_for_a_member(api: Api, path: str) -> None:
    answer = api.get(path) if path.endswith("evidence") else api.post(path, {"reason": "over"})

    assert (answer.status, answer.code) == (404, "token_not_found")
