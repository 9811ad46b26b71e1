"""Policy: what it would do is seen before it is done, by owners; the others see how it stands."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.policy import ANYTHING, TokenPolicy
from shared.domain.token.state import Status
from tests.data.tenants import NOON, member, token, workspace
from tests.transports.web.trails import HOSTILE, called
from tests.transports.web.web import SETTINGS, Page, Web

POLICY = f"{SETTINGS}/policy"
PREVIEW = f"{POLICY}/preview"
ALL: dict[str, Any] = {"which": "all"}
NINETY_DAYS: dict[str, Any] = {**ALL, "longest_days": "90"}


def standing(web: Web) -> TokenPolicy:
    row = web.stores.workspaces.get("wks_1")
    assert row is not None
    return row.workspace.token_policy


def status_of(web: Web, token_id: str) -> Status:
    row = web.stores.tokens.get(token_id)
    assert row is not None
    return row.token.status


def hidden(answer: Page) -> dict[str, Any]:
    """Give the fields of the form that sets what a preview shows."""
    (form,) = re.findall(rf'<form[^>]*action="{POLICY}">(.*?)</form>', answer.text, re.DOTALL)
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form):
        fields.setdefault(name, []).append(unescape(value))
    return fields


@pytest.fixture(autouse=True)
def _olivia(web: Web) -> None:
    web.sign_in("olivia")


def test_a_policy_is_set_after_its_victims_were_seen(web: Web) -> None:
    doomed = token(web.stores, name="Yearly", days=365).token
    kept = token(web.stores, name="Monthly", days=30).token

    seen = web.post(PREVIEW, **NINETY_DAYS)

    assert seen.status == 200
    assert "Longest life as the plan says 90 days" in seen.words
    assert "Suspended at once: 1 token" in seen.words
    assert f"Yearly {doomed.prefix} You the workspace allows its tokens 90 days at most" in seen.words
    assert "Monthly" not in seen.words
    assert standing(web) == ANYTHING

    done = web.post(POLICY, headers=None, **hidden(seen))

    assert done.location == f"{POLICY}?done=set"
    assert "The policy is set." in web.get(done.location).words
    assert standing(web).longest_days == 90
    assert status_of(web, doomed.token_id) is Status.SUSPENDED
    assert status_of(web, kept.token_id) is Status.ACTIVE


def test_a_policy_with_victims_is_not_set_by_somebody_who_has_not_seen_them(web: Web) -> None:
    doomed = token(web.stores, days=365).token

    answer = web.post(POLICY, **NINETY_DAYS)

    assert answer.status == 409
    assert "Nothing was changed yet" in answer.words
    assert "Suspended at once: 1 token" in answer.words
    assert status_of(web, doomed.token_id) is Status.ACTIVE
    assert web.post(POLICY, headers=None, **hidden(answer)).status == 303


def test_other_victims_than_were_seen_are_shown_first(web: Web) -> None:
    token(web.stores, name="Seen", days=365)
    seen = web.post(PREVIEW, **NINETY_DAYS)
    token(web.stores, name="Made since", days=365)

    answer = web.post(POLICY, headers=None, **hidden(seen))

    assert answer.status == 409
    assert "Made since" in answer.words
    assert standing(web) == ANYTHING


@pytest.mark.parametrize("forged", ["", "anything", None])
def test_a_confirmation_that_is_too_old_or_none_of_ours_leads_to_another_look(web: Web, forged: str | None) -> None:
    token(web.stores, days=365)
    fields = hidden(web.post(PREVIEW, **NINETY_DAYS))
    if forged is None:
        web.now += timedelta(minutes=16)
    else:
        fields["confirmation"] = forged

    assert web.post(POLICY, **fields).status == 409
    assert standing(web) == ANYTHING


def test_a_confirmation_is_for_the_policy_that_was_seen(web: Web) -> None:
    token(web.stores, days=365)
    fields = hidden(web.post(PREVIEW, **NINETY_DAYS))

    assert web.post(POLICY, headers=None, **{**fields, "longest_days": "30"}).status == 409
    assert standing(web) == ANYTHING


def test_tokens_that_would_be_shut_out_are_told_from_where_they_called(web: Web) -> None:
    made = token(web.stores, name="From elsewhere").token
    called(web, made.token_id, at=NOON - timedelta(minutes=1))

    answer = web.post(PREVIEW, which="all", networks="198.51.100.0/24\n2001:db8::/48")

    assert "Shut out: 1 token" in answer.words
    assert "it called from 203.0.113.9 on 2026-11-21, which is in none of the networks" in answer.words
    assert web.post(POLICY, headers=None, **hidden(answer)).status == 303
    assert standing(web).networks == ("198.51.100.0/24", "2001:db8::/48")
    assert status_of(web, made.token_id) is Status.ACTIVE


def test_every_rule_that_is_set_stands_in_the_form_again(web: Web) -> None:
    wanted: dict[str, Any] = {
        "longest_days": "180",
        "which": "some",
        "scopes": [Scope.PNL, Scope.ADS],
        "name_pattern": "ci-*",
        "networks": "203.0.113.0/24",
        "suspend_abandoned": "yes",
    }

    web.post(POLICY, headers=None, **hidden(web.post(PREVIEW, **wanted)))

    assert standing(web) == TokenPolicy(
        longest_days=180,
        scopes=frozenset({Scope.PNL, Scope.ADS}),
        name_pattern="ci-*",
        networks=("203.0.113.0/24",),
        suspend_abandoned=True,
    )
    text = web.get(POLICY).text
    checked = re.findall(r'name="(?:which|scopes|suspend_abandoned)" value="([^"]*)" checked', text)
    assert checked == ["some", "mcp:pnl:read", "mcp:ads:read", "yes"]
    assert 'value="180"' in text
    assert 'value="ci-*"' in text
    assert ">\n203.0.113.0/24</textarea>" in text


def test_what_is_unticked_is_not_restricted_any_more(web: Web) -> None:
    web.post(POLICY, headers=None, **hidden(web.post(PREVIEW, **NINETY_DAYS, suspend_abandoned="yes")))

    answer = web.post(PREVIEW, **ALL)

    assert "Abandoned tokens are flagged and suspended are flagged" in answer.words
    web.post(POLICY, headers=None, **hidden(answer))
    assert standing(web) == ANYTHING


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"longest_days": "0"}, "longest_days", "at least one day"),
        ({"longest_days": "ninety"}, "longest_days", "whole number"),
        ({"longest_days": "9" * 30}, "longest_days", "whole number"),
        ({"which": "some"}, "scopes", "without a scope"),
        ({"which": "some", "scopes": ["mcp:all"]}, "scopes", "no scope"),
        ({"name_pattern": "x" * 101}, "name_pattern", "1 to 100"),
        ({"networks": "203.0.113.7/24"}, "networks", "Its address is inside 203.0.113.0/24: write that"),
        ({"networks": "2001:db8::1/48"}, "networks", "inside 2001:db8::/48: write that, or one address as /128."),
        (
            {"networks": "10.0.0.0/8\nthe old office"},
            "networks",
            '"the old office" is not a network. Write one network',
        ),
        ({"networks": "10.0.0.0/8 192.0.2.0/24"}, "networks", '"10.0.0.0/8 192.0.2.0/24" is not a network.'),
        ({"networks": HOSTILE}, "networks", "is not a network"),
    ],
)
@pytest.mark.parametrize("path", [PREVIEW, POLICY])
def test_a_rule_that_cannot_be_kept_is_refused_beside_its_field(
    web: Web, path: str, fields: dict[str, Any], field: str, words: str
) -> None:
    answer = web.post(path, headers=None, **{**ALL, "name_pattern": "ci-*", **fields})

    assert answer.status == 422
    assert words in answer.words
    assert f'href="#{field}"' in answer.text
    assert standing(web) == ANYTHING
    typed = fields.get(field, "")
    assert not isinstance(typed, str) or typed in unescape(answer.text)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("person", "sees", "previews", "sets"),
    [
        ("olivia", "See what it would do", 200, 303),
        ("adam", "Longest life 90 days", 403, 403),
        ("ana", "Longest life 90 days", 403, 403),
    ],
)
def test_owners_change_the_policy_and_the_others_read_it(
    web: Web, person: str, sees: str, previews: int, sets: int
) -> None:
    web.post(POLICY, headers=None, **hidden(web.post(PREVIEW, **NINETY_DAYS)))
    web.sign_in(person)

    answer = web.get(POLICY)

    assert answer.status == 200
    assert sees in answer.words
    assert ("<form" in answer.text.partition("<main")[2]) is (person == "olivia")
    assert web.post(PREVIEW, **ALL).status == previews
    assert web.post(POLICY, **ALL).status == sets
    assert standing(web).longest_days == (None if person == "olivia" else 90)


def test_a_confirmation_is_for_whoever_saw_the_preview(web: Web) -> None:
    workspace(web.stores, "wks_2", people={"paul": member(web.stores).role})
    token(web.stores, days=365)
    fields = hidden(web.post(PREVIEW, **NINETY_DAYS))
    token(web.stores, workspace_id="wks_2", owner="paul", days=365)
    web.sign_in("paul")

    assert web.post(POLICY, headers=None, **fields | {"csrf": web.form_key}).status == 409


def test_a_change_needs_the_form_of_the_present_session(web: Web) -> None:
    for path in (POLICY, PREVIEW):
        assert web.post(path, csrf="", **NINETY_DAYS).status == 403
        assert web.post(path, headers={"sec-fetch-site": "cross-site"}, **NINETY_DAYS).status == 403
    assert standing(web) == ANYTHING


def test_names_of_victims_are_told_as_text(web: Web) -> None:
    token(web.stores, name=HOSTILE, days=365)

    answer = web.post(PREVIEW, **NINETY_DAYS, name_pattern=HOSTILE)

    assert unescape(answer.text).count(HOSTILE) >= 3
    assert "<script>alert" not in answer.text


def test_when_a_token_counts_as_abandoned_is_said_in_words(web: Web) -> None:
    words = web.get(POLICY).words

    assert "for 30 days at least and 120 at most" in words
    assert "never used is flagged after 14 days" in words


def test_a_workspace_without_mcp_sees_why_and_may_still_settle_its_policy(web: Web) -> None:
    workspace(web.stores, "wks_2", plan="starter", people={"paul": member(web.stores).role})
    web.sign_in("paul")

    answer = web.get(POLICY)

    assert answer.status == 200
    assert "has no MCP access" in answer.words
