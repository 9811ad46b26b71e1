"""Activity: what happened, for whom it is to see, one page after the other."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from shared.domain.activity import Outcome
from shared.domain.workspace.events import Role
from tests.data.tenants import A_DAY, NOON, token, workspace
from tests.transports.web.trails import ACTIVITY, HOSTILE, called, denied, events_on, sealed, titles_on
from tests.transports.web.web import Web


@pytest.fixture
def token_id(web: Web) -> str:
    """A token, made yesterday; its owner is signed in."""
    web.sign_in("olivia")
    return token(web.stores, at=NOON - A_DAY).token.token_id


def test_what_happened_stands_newest_first_in_plain_words(web: Web, token_id: str) -> None:
    called(web, token_id, 1, at=NOON - timedelta(minutes=2))
    called(web, token_id, 2, at=NOON - timedelta(minutes=1), outcome=Outcome.ERROR, error_code="no_data")
    denied(web, token_id, count=20)

    answer = web.get(ACTIVITY)

    assert answer.status == 200
    assert titles_on(answer)[:3] == [
        "Refused: The token was revoked.",
        "Called Profit and loss",
        "Called Profit and loss",
    ]
    assert "get_pnl · 20 or more of these within a minute" in answer.words
    assert "claude-code 2.1 · no_data Error Weekly" in answer.words
    assert re.search(r"Token mfp_\w{8} was created\. Weekly P&L sync You", answer.words)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"what": "calls"}, [4, 3, 2, 1]),
        ({"tool": "get_pnl"}, [3, 2, 1]),
        ({"outcome": "error"}, [2]),
        ({"tool": "get_pnl", "outcome": "ok"}, [3, 1]),
        ({"what": "calls", "member": "mem_adam"}, []),
        ({"what": "calls", "within": "hour"}, [4]),
        ({"what": "calls", "within": "day"}, [4, 3, 2]),
        ({"what": "calls", "within": "dates", "since": "2026-11-21"}, [4, 3]),
        ({"what": "calls", "within": "dates", "until": "2026-11-20"}, [2, 1]),
        ({"what": "calls", "within": "dates", "since": "2026-11-20", "until": "2026-11-20"}, [2]),
        ({"what": "calls", "within": "", "since": "2026-11-21"}, [4, 3, 2, 1]),
    ],
)
def test_each_filter_lets_through_what_it_says(
    web: Web, token_id: str, query: dict[str, Any], numbers: list[int]
) -> None:
    called(web, token_id, 1, at=NOON - 3 * A_DAY)
    called(web, token_id, 2, at=NOON - timedelta(hours=20), outcome=Outcome.ERROR)
    called(web, token_id, 3, at=NOON - timedelta(hours=2))
    called(web, token_id, 4, at=NOON - timedelta(minutes=5), tool="get_cohort_retention")
    denied(web, token_id, tool="list_alerts")

    answer = web.get(ACTIVITY, **query)

    requests = [web.get(f"{ACTIVITY}/{event_id}").words for event_id in events_on(answer)]
    assert [int(re.findall(r"Request call-(\d)", words)[0]) for words in requests] == numbers


def test_a_token_s_own_activity_is_told_of_it_alone(web: Web, token_id: str) -> None:
    other = token(web.stores, name="Another", at=NOON - A_DAY).token.token_id
    called(web, token_id)
    called(web, other)

    answer = web.get(ACTIVITY, token=token_id)

    assert titles_on(answer)[0] == "Called Profit and loss"
    assert len(titles_on(answer)) == 2
    assert f'<option value="{token_id}" selected>' in answer.text


def test_a_token_of_another_workspace_is_not_named_to_whoever_filters_by_its_id(web: Web, token_id: str) -> None:
    workspace(web.stores, "wks_2", people={"paul": Role.OWNER})
    theirs = token(web.stores, owner="paul", workspace_id="wks_2", name="Their secret plan").token

    answer = web.get(ACTIVITY, token=theirs.token_id)

    assert answer.status == 200
    assert events_on(answer) == []
    assert "Their secret plan" not in answer.text
    assert theirs.prefix not in answer.text
    assert token_id in web.get(ACTIVITY, token=token_id).text


def test_the_list_goes_on_page_by_page_without_gap_or_repeat(web: Web, token_id: str) -> None:
    for number in range(120):
        called(web, token_id, number, at=NOON - timedelta(minutes=number))

    seen: list[str] = []
    answer = web.get(ACTIVITY, what="calls")
    while True:
        seen += events_on(answer)
        following = re.findall(r'rel="next" href="([^"]*)"', answer.text)
        if not following:
            break
        answer = web.get(unescape(following[0]))

    assert len(seen) == len(set(seen)) == 120
    assert "That was all" in answer.words
    assert "Nothing matches" not in answer.words
    assert "Back to the newest" in answer.words


def test_a_cursor_goes_with_its_own_list_and_no_other(web: Web, token_id: str) -> None:
    for number in range(60):
        called(web, token_id, number, at=NOON - timedelta(minutes=number))
    (following,) = re.findall(r'rel="next" href="[^"]*cursor=([^"]*)"', web.get(ACTIVITY, what="calls").text)

    assert web.send("GET", ACTIVITY, query=f"what=calls&cursor={following}").status == 200
    refused = [
        web.send("GET", ACTIVITY, query=f"cursor={following}"),
        web.send("GET", ACTIVITY, query=f"what=calls&tool=get_pnl&cursor={following}"),
        web.send("GET", ACTIVITY, query="what=calls&cursor=anything"),
    ]
    (of_all,) = re.findall(r'rel="next" href="[^"]*cursor=([^"]*)"', web.get(ACTIVITY).text)
    assert web.send("GET", ACTIVITY, query=f"cursor={of_all}").status == 200
    web.sign_in("ana")
    refused.append(web.send("GET", ACTIVITY, query=f"cursor={of_all}"))
    workspace(web.stores, "wks_2", people={"paul": Role.OWNER})
    web.sign_in("paul")
    refused.append(web.send("GET", ACTIVITY, query=f"cursor={of_all}"))
    assert [answer.status for answer in refused] == [422] * 5
    assert "opened too long ago, or for another filter" in refused[0].words


def test_where_a_match_may_lie_further_back_somebody_is_asked_whether_to_look(web: Web, token_id: str) -> None:
    for number in range(5_000):
        called(web, token_id, number, at=NOON - timedelta(seconds=number))
    called(web, token_id, 5_000, at=NOON - timedelta(hours=12), tool="get_cohort_retention")

    answer = web.get(ACTIVITY, tool="get_cohort_retention")

    assert "It goes further back." in answer.words
    looks = 0
    while not events_on(answer) and looks < 10:
        (further,) = re.findall(r'href="([^"]*)">Look further back', answer.text)
        answer, looks = web.get(unescape(further)), looks + 1
    assert titles_on(answer) == ["Called Cohort retention"]


@pytest.mark.usefixtures("token_id")
def test_nothing_that_matches_is_said_with_a_way_back_to_everything(web: Web) -> None:
    answer = web.get(ACTIVITY, tool="get_pnl")

    assert "Nothing matches" in answer.words
    assert f'href="{ACTIVITY}">Show everything' in answer.text


@pytest.mark.usefixtures("token_id")
def test_days_that_end_before_they_begin_are_refused_beside_their_field(web: Web) -> None:
    answer = web.get(ACTIVITY, within="dates", since="2026-11-20", until="2026-11-01")

    assert answer.status == 422
    assert 'id="since-error"' in answer.text
    assert 'value="2026-11-20"' in answer.text


@pytest.mark.usefixtures("token_id")
@pytest.mark.parametrize(
    "query", [{"tool": "no_such_tool"}, {"outcome": "fine"}, {"token": "mfp_x"}, {"what": "all"}, {"since": "today"}]
)
def test_a_filter_that_no_page_of_ours_makes_is_refused(web: Web, query: dict[str, Any]) -> None:
    assert web.get(ACTIVITY, **query).status == 422


def test_calls_and_refusals_of_thirty_days_are_charted_and_told_in_a_table(web: Web, token_id: str) -> None:
    called(web, token_id, 1, at=NOON - 2 * A_DAY)
    called(web, token_id, 2, at=NOON - 2 * A_DAY, outcome=Outcome.ERROR)
    called(web, token_id, 3, at=NOON - 2 * A_DAY, outcome=Outcome.DENIED_SCOPE)
    called(web, token_id, 4, at=NOON - 31 * A_DAY)
    denied(web, token_id)
    sealed(web)

    words = web.get(ACTIVITY).words

    assert "Calls 2 Refusals 2" in words
    assert "19 Nov: 2 calls, 1 refusals" in words
    assert "Show as a table" in words
    assert "19 Nov 2 1 20 Nov 0 0 21 Nov 0 1 Counted from what is sealed" in words


def test_a_list_that_is_filtered_or_further_back_stands_without_the_chart(web: Web, token_id: str) -> None:
    for number in range(60):
        called(web, token_id, number, at=NOON - timedelta(minutes=number))
    first = web.get(ACTIVITY)
    (following,) = re.findall(r'rel="next" href="([^"]*)"', first.text)

    assert "Nothing is counted yet" in first.words
    for answer in (web.get(ACTIVITY, what="calls"), web.get(unescape(following))):
        assert answer.status == 200
        assert "counted" not in answer.words.lower()


@pytest.mark.usefixtures("token_id")
def test_before_anything_is_sealed_the_chart_says_why_it_is_empty(web: Web) -> None:
    assert "Nothing is counted yet" in web.get(ACTIVITY).words


def test_an_analyst_sees_what_happened_and_nothing_of_tokens_and_calls(web: Web, token_id: str) -> None:
    called(web, token_id)
    web.sign_in("ana")

    answer = web.get(ACTIVITY)

    assert "Member mem_ana joined as analyst." in answer.words
    for hidden in ("get_pnl", "Weekly", "mfp_", token_id, "203.0.113.9"):
        assert hidden not in answer.text
    assert events_on(answer) == []


@pytest.mark.parametrize(
    "query", [{"what": "calls"}, {"what": "tokens"}, {"what": "trail"}, {"tool": "get_pnl"}, {"outcome": "ok"}]
)
def test_an_analyst_who_asks_for_tokens_or_calls_is_refused(web: Web, query: dict[str, Any]) -> None:
    web.sign_in("ana")

    assert web.get(ACTIVITY, **query).status == 403


def test_a_workspace_without_mcp_sees_why_and_its_activity(web: Web) -> None:
    workspace(web.stores, "wks_2", plan="starter", people={"paul": Role.OWNER})
    web.sign_in("paul")

    answer = web.get(ACTIVITY)

    assert "has no MCP access" in answer.words
    assert "The workspace was registered." in answer.words


@pytest.mark.usefixtures("token_id")
def test_what_clients_call_themselves_is_told_as_text(web: Web) -> None:
    hostile = token(web.stores, name=HOSTILE, at=NOON - A_DAY).token.token_id
    called(web, hostile, tool=HOSTILE, client_name=HOSTILE, client_version=HOSTILE, user_agent=HOSTILE)
    called(web, hostile, 2, error_code=HOSTILE, outcome=Outcome.ERROR)
    denied(web, hostile, reason=HOSTILE, tool=HOSTILE)

    pages = [web.get(ACTIVITY)]
    pages += [web.get(f"{ACTIVITY}/{event_id}") for event_id in events_on(pages[0])[:3]]

    for answer in pages:
        assert answer.status == 200
        assert HOSTILE in unescape(answer.text)
        assert "<script>alert" not in answer.text
