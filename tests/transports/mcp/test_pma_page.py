"""The PMA page (headless integration), sentence by sentence: what it says of its API token is true of ours.

The page's Node example itself runs in tests/clients; how its tools answer is in test_sources.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.domain.errors import NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import GrantAccess, RemoveMember, SuspendAccess
from shared.domain.workspace.events import Role
from shared.services.create_token import NewToken
from shared.services.credentials.token_format import new_id, new_token
from shared.services.sweep import sweep
from tests.data.rollups import account, holding, inspection, overview, store
from tests.data.tenants import KEYS, NOON, order, rotation, token, workspace
from tests.transports.mcp.shop import HANDSHAKE, MODERN, Reply, Shop

VERSIONS = [*HANDSHAKE, MODERN]
LIST = "pma_list_data_sources"
INSPECT = "pma_inspect_org_data"
SHOPIFY = account(holdings=[holding("order")])
META = account("meta_ads", "act_1", holdings=[holding("ad_day")])
STILL_SYNCING = account("tiktok_ads", "adv_9", holdings=[], status="syncing", last_export=None)


def api_token(shop: Shop, *, workspace_id: str = "wks_1", owner: str = "olivia") -> NewToken:
    """Provision an API token as the page's team does: for the organization, with everything, without an end."""
    return token(
        shop.stores,
        workspace_id=workspace_id,
        owner=owner,
        name="Backend",
        kind=TokenKind.ORGANIZATION,
        scopes=Scope,
        days=None,
        at=shop.clock(),
    )


@pytest.fixture
def agency() -> Shop:
    """An organization on the Alpha access list whose API token is sent unless a test says otherwise."""
    shop = Shop(plan="alpha")
    store(
        shop.engine,
        inspection(),
        inspection("ad_day", "meta_ads"),
        found=overview(accounts=(SHOPIFY, META, STILL_SYNCING)),
    )
    shop.token = api_token(shop)
    return shop


def refused(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.error["data"]["reason"]


# --- How Headless Auth Differs from the Browser Flow ----------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_headless_clients_skip_oauth_entirely_and_authenticate_directly_with_their_api_token(
    agency: Shop, version: str
) -> None:
    reply = agency.call(LIST, version=version)

    assert reply.status == 200
    assert reply.result["isError"] is False


# --- Requirements ---------------------------------------------------------------------------------------------------


def test_your_organization_must_be_allow_listed() -> None:
    """Before that no token is provisioned; from then on it can be."""
    shop = Shop()
    workspace(shop.stores, "wks_pma", plan="alpha", granted=False, people={"pia": Role.OWNER})

    with pytest.raises(NotPermitted) as not_listed:
        api_token(shop, workspace_id="wks_pma", owner="pia")
    order(GrantAccess(at=NOON), stores=shop.stores, workspace_id="wks_pma")

    assert not_listed.value.code == "organization_not_authorized"
    assert shop.call(LIST, bearer=api_token(shop, workspace_id="wks_pma", owner="pia").text).status == 200


def test_an_api_token_is_associated_with_your_organization(agency: Shop) -> None:
    workspace(agency.stores, "wks_other", plan="alpha", people={"oscar": Role.OWNER})
    other = api_token(agency, workspace_id="wks_other", owner="oscar")

    assert agency.call(LIST).content["totals"]["sources"] == 3
    assert agency.call(LIST, bearer=other.text).content["totals"]["sources"] == 0


# --- Step 1: Retrieve Your PMA API Token ----------------------------------------------------------------------------


def test_previously_issued_tokens_remain_valid_until_they_are_rotated(agency: Shop) -> None:
    older, newer = agency.token, api_token(agency)
    agency.clock.advance(days=400)
    assert agency.call(LIST, bearer=older.text).status == 200

    rotation(agency.stores, newer.token.token_id, overlap=0, at=agency.clock())
    assert agency.call(LIST, bearer=older.text).status == 200  # a rotation of one is none of the other

    rotation(agency.stores, older.token.token_id, overlap=0, at=agency.clock())
    assert refused(agency.call(LIST, bearer=older.text)) == (401, "token_rotated")


def test_it_grants_the_same_data_access_scope_an_org_admin_has(agency: Shop) -> None:
    """An admin may give a token every scope there is, and this one has them: it is shown every tool."""
    assert agency.token.token.scopes == frozenset(Scope)
    shown = {tool["name"] for tool in agency.rpc("tools/list").result["tools"]}
    assert shown == {tool.entry.name for tool in agency.catalogue}


# --- Step 2: Configure Your MCP Client ------------------------------------------------------------------------------


def test_the_token_is_sent_on_every_request(agency: Shop) -> None:
    """There is no session that would remember it."""
    assert agency.call(LIST).status == 200

    assert refused(agency.call(LIST, bearer=None)) == (401, "credential_missing")


# --- Step 3: Verify the Connection ----------------------------------------------------------------------------------


def test_the_list_of_sources_includes_has_data_and_last_sync(agency: Shop) -> None:
    data = agency.call(LIST).content["data"]

    rows = [dict(zip(data["columns"], row, strict=True)) for row in data["rows"]]
    assert {row["platform"]: (row["has_data"], row["last_sync"]) for row in rows} == {
        "Shopify": (True, "2026-11-21T03:00:00Z"),
        "Meta": (True, "2026-11-21T03:00:00Z"),
        "TikTok": (False, None),
    }


# --- Token Rotation -------------------------------------------------------------------------------------------------


def test_api_tokens_are_long_lived_they_do_not_expire_on_their_own(agency: Shop) -> None:
    agency.clock.advance(days=3_650)
    sweep(
        now=agency.clock(),
        request_id="sweep",
        keys=KEYS,
        tokens=agency.stores.tokens,
        workspaces=agency.stores.workspaces,
        evidence=agency.stores.evidence,
    )

    assert agency.token.token.expires_at is None
    assert agency.call(LIST).status == 200


def test_you_rotate_it_after_a_suspected_compromise(agency: Shop) -> None:
    """With an overlap of nothing: whoever has the old one is out with the next request."""
    rotation(agency.stores, agency.token.token.token_id, overlap=0)

    assert refused(agency.call(LIST)) == (401, "token_rotated")


def test_you_rotate_it_when_an_employee_with_access_leaves_the_organization(agency: Shop) -> None:
    """The token is the organization's: it does not end with the member, so it has to be rotated, and can be."""
    made = token(agency.stores, owner="adam", kind=TokenKind.ORGANIZATION, days=None, scopes=Scope)
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=agency.stores)
    assert agency.call(LIST, bearer=made.text).status == 200

    rotation(agency.stores, made.token.token_id, overlap=0, by="olivia")

    assert refused(agency.call(LIST, bearer=made.text)) == (401, "token_rotated")


def test_after_rotating_you_update_the_token_value_and_restart_so_that_the_new_one_takes_effect(agency: Shop) -> None:
    """An overlap leaves the time for it: until it is over both are let in."""
    new = rotation(agency.stores, agency.token.token.token_id, overlap=3600)

    assert [agency.call(LIST, bearer=text).status for text in (agency.token.text, new.text)] == [200, 200]
    agency.clock.advance(hours=1)
    assert refused(agency.call(LIST)) == (401, "token_rotated")
    assert agency.call(LIST, bearer=new.text).status == 200
    assert new.token.expires_at is None


# --- Troubleshooting: Connection rejected with 401 or "unauthorized" --------------------------------------------------


def header_missing(shop: Shop) -> Reply:
    return shop.call(LIST, bearer=None)


def header_malformed(shop: Shop) -> Reply:
    return shop.rpc("tools/list", headers={"authorization": f"Token {shop.token.text}"})


def without_the_word_bearer(shop: Shop) -> Reply:
    return shop.rpc("tools/list", headers={"authorization": shop.token.text})


def with_another_scheme(shop: Shop) -> Reply:
    return shop.rpc("tools/list", headers={"authorization": f"Basic {shop.token.text}"})


def with_a_tab(shop: Shop) -> Reply:
    return shop.rpc("tools/list", headers={"authorization": f"Bearer\t{shop.token.text}"})


def token_cut(shop: Shop) -> Reply:
    return shop.call(LIST, bearer=shop.token.text[:-1])


def token_of_nobody(shop: Shop) -> Reply:
    return shop.call(LIST, bearer=new_token(TokenKind.ORGANIZATION, new_id(), KEYS).text)


def token_rotated(shop: Shop) -> Reply:
    rotation(shop.stores, shop.token.token.token_id, overlap=0)
    return shop.call(LIST)


EXACTLY = "exactly Authorization: Bearer <token> (one space)"
UNAUTHORIZED: list[tuple[Callable[[Shop], Reply], str, str]] = [
    (header_missing, "credential_missing", "the word Bearer, one space, then the token"),
    (header_malformed, "token_malformed", EXACTLY),
    (without_the_word_bearer, "token_malformed", EXACTLY),
    (with_another_scheme, "token_malformed", EXACTLY),
    (with_a_tab, "token_malformed", EXACTLY),
    (token_cut, "token_malformed", "copy the whole token again"),
    (token_of_nobody, "token_unknown", "Compare it with the list"),
    (token_rotated, "token_rotated", "Put the newest token in the client's configuration and restart the client"),
]


@pytest.mark.parametrize(("cause", "reason", "solution"), UNAUTHORIZED, ids=lambda each: getattr(each, "__name__", ""))
def test_401_the_header_is_missing_or_malformed_or_the_token_is_invalid_or_has_been_rotated(
    agency: Shop, cause: Callable[[Shop], Reply], reason: str, solution: str
) -> None:
    reply = cause(agency)

    assert refused(reply) == (401, reason)
    assert solution in reply.error["message"]


# --- Troubleshooting: Connection rejected with 403 or "organization not authorized" ----------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("method", ["tools/list", "tools/call"])
def test_403_your_organization_is_not_on_the_access_list_or_access_has_been_deactivated(
    agency: Shop, version: str, method: str
) -> None:
    order(SuspendAccess(reason="the trial is over", at=NOON), stores=agency.stores)

    reply = agency.rpc(method, {"name": LIST, "arguments": {}} if method == "tools/call" else None, version=version)

    assert refused(reply) == (403, "organization_not_authorized")
    assert "organization not authorized" in reply.error["message"]
    assert "Ask support to grant or restore MCP access" in reply.error["message"]


def test_403_ends_when_support_restores_your_access_and_the_same_token_works_again(agency: Shop) -> None:
    order(SuspendAccess(reason="the trial is over", at=NOON), stores=agency.stores)
    assert agency.call(LIST).status == 403

    order(GrantAccess(at=NOON), stores=agency.stores)

    assert agency.call(LIST).status == 200


# --- Troubleshooting: Tool calls return "rate limit exceeded" or HTTP 429 ---------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_429_a_hard_limit_of_30_requests_per_minute(agency: Shop, version: str) -> None:
    answers = [agency.call(LIST, version=version) for _ in range(31)]

    assert [answer.status for answer in answers] == [200] * 30 + [429]
    assert "rate limit exceeded" in answers[-1].error["message"]
    assert refused(answers[-1]) == (429, "rate_limited")
    assert int(answers[-1].headers["retry-after"]) <= 66


def test_429_the_limit_is_per_organization_whatever_the_number_of_its_tokens(agency: Shop) -> None:
    bearers = [agency.token.text, api_token(agency).text, token(agency.stores, owner="adam").text]

    answers = [agency.call("get_workspace_context", bearer=bearers[number % 3]).status for number in range(30)]
    beyond = [agency.call("get_workspace_context", bearer=bearer).status for bearer in bearers]

    assert (answers, beyond) == ([200] * 30, [429] * 3)


def test_429_a_rotation_gives_an_organization_no_second_window(agency: Shop) -> None:
    another = api_token(agency)
    for _ in range(15):
        agency.call(LIST)
    new = rotation(agency.stores, agency.token.token.token_id)
    bearers = [agency.token.text, new.text, another.text]  # in its overlap, its successor, and one beside them

    answers = [agency.call(LIST, bearer=bearers[number % 3]).status for number in range(15)]
    beyond = [refused(agency.call(LIST, bearer=bearer)) for bearer in bearers]

    assert (answers, beyond) == ([200] * 15, [(429, "rate_limited")] * 3)


def test_429_other_organizations_do_not_feel_it(agency: Shop) -> None:
    workspace(agency.stores, "wks_other", plan="alpha", people={"oscar": Role.OWNER})
    other = api_token(agency, workspace_id="wks_other", owner="oscar")
    for _ in range(31):
        agency.call(LIST)

    assert agency.call(LIST, bearer=other.text).status == 200


def test_429_requests_count_and_not_only_tool_calls(agency: Shop) -> None:
    answers = [agency.rpc(method).status for method in ("tools/list", "ping") * 15]

    assert (answers, agency.call(LIST).status) == ([200] * 30, 429)


def test_429_is_over_when_you_slow_your_call_cadence(agency: Shop) -> None:
    answers = [agency.call(LIST) for _ in range(31)]

    agency.clock.advance(seconds=int(answers[-1].headers["retry-after"]))

    assert agency.call(LIST).status == 200


# --- Troubleshooting: A tool returns no rows for a platform you know is connected -------------------------------------


@pytest.mark.parametrize(
    ("arguments", "cause", "said"),
    [
        ({"connector": "tiktok_ads"}, "sync_incomplete", "its status is syncing"),
        ({"connector": "meta_ads", "report_type": "order"}, "wrong_report_type", "There are: ad_day."),
        ({"connector": "meta"}, "name_mismatch", "Did you mean meta_ads?"),
    ],
)
def test_no_rows_the_sync_has_not_completed_the_report_type_is_wrong_or_the_name_does_not_match(
    agency: Shop, arguments: dict[str, str], cause: str, said: str
) -> None:
    (finding,) = agency.call(INSPECT, **arguments).content["data"]["diagnosis"]

    assert finding["cause"] == cause
    assert said in finding["message"]


def test_no_rows_the_list_confirms_canonical_connector_names(agency: Shop) -> None:
    data = agency.call(LIST).content["data"]

    names = {dict(zip(data["columns"], row, strict=True))["connector"] for row in data["rows"]}
    assert names == {"shopify", "meta_ads", "tiktok_ads"}


# --- Troubleshooting: MCP client cannot establish a Streamable HTTP connection ----------------------------------------


@pytest.mark.parametrize("version", [*VERSIONS, None])
def test_a_client_that_defaults_to_the_older_transport_is_told_which_one_this_is(
    agency: Shop, version: str | None
) -> None:
    reply = agency.send(method="GET", headers={"accept": "text/event-stream", "mcp-protocol-version": version})

    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert "Streamable HTTP" in reply.error["message"]


@pytest.mark.parametrize("version", VERSIONS)
def test_no_answer_is_a_long_lived_response_that_a_network_could_close(agency: Shop, version: str) -> None:
    reply = agency.call(LIST, version=version)

    assert reply.headers["content-type"] == "application/json"
    assert int(reply.headers["content-length"]) == len(reply.text.encode())
