"""Rotating a token from the pages: overlap, narrower scopes, a secret shown once, and whether it has arrived."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.attendance import USUAL
from shared.domain.token.wording import TOKEN_LIKE
from shared.services.attend_token import attend_token
from shared.services.credentials.token_format import read_token
from shared.storage.engine import Delete, Item, Put, Update
from tests.data.faults import LosesAnswers, Passing
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, origin, rotation, workspace
from tests.data.uses import call
from tests.transports.web.token_pages import here, made, now_of, secret_on
from tests.transports.web.web import Web

KEY = "0123456789abcdef"


@pytest.fixture
def web() -> Web:
    """A browser of olivia, the owner."""
    web = Web()
    workspace(web.stores, at=NOON - 300 * A_DAY)
    web.sign_in()
    return web


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ("0", "is refused from now on"),
        ("3600", "is let in until 21 Nov 2026, 13:00 UTC, in 1 hour"),
        ("86400", "is let in until 22 Nov 2026, 12:00 UTC, in 1 day"),
        ("604800", "is let in until 28 Nov 2026, 12:00 UTC, in 7 days"),
    ],
)
def test_a_rotation_shows_the_successors_secret_once_and_tells_what_becomes_of_the_old_one(
    web: Web, seconds: str, told: str
) -> None:
    one = made(web)
    form = {"key": KEY, "overlap_seconds": seconds, "chosen": "1", "scopes": ["mcp:pnl:read", "mcp:ads:read"]}

    page, again = (
        web.post(here(one, "rotate"), headers=None, **form),
        web.post(here(one, "rotate"), headers=None, **form),
    )

    text = read_token(secret_on(page), KEYS)
    assert text is not None
    successor = web.stores.tokens.get(text.token_id)
    assert successor is not None
    assert successor.token.scopes == {Scope.PNL, Scope.ADS}
    assert told in page.words
    assert again.status == 200
    assert "This form has made its token already" in again.words
    for later in (again, web.get(here(one)), web.get(here(successor.token))):
        assert secret_on(page) not in later.text


def test_the_form_of_a_rotation_offers_four_overlaps_and_no_wider_scope(web: Web) -> None:
    one = made(web, scopes=(Scope.PNL, Scope.ADS))
    call(web.stores, one.token_id, at=NOON - A_DAY)

    page = web.get(here(one, "rotate"))
    wider = web.post(here(one, "rotate"), key=KEY, overlap_seconds="0", chosen="1", scopes=["mcp:customers:read"])
    none = web.post(here(one, "rotate"), key=KEY, overlap_seconds="0", chosen="1")

    assert re.findall(r'name="overlap_seconds" value="(\d+)"( checked)?', page.text) == [
        ("0", ""),
        ("3600", ""),
        ("86400", " checked"),
        ("604800", ""),
    ]
    assert "Last needed on 20 Nov 2026." in page.words
    assert "Not needed in 60 days." in page.words
    assert re.findall(r'name="scopes" value="([^"]*)"', page.text) == ["mcp:pnl:read", "mcp:ads:read"]
    assert (wider.status, none.status) == (422, 422)
    assert "The token itself does not have: mcp:customers:read." in wider.words
    assert "A token needs at least one scope." in none.words


@pytest.mark.parametrize("seconds", ["", "-1", "abc", "604801", "9" * 50, "²"])
def test_an_overlap_that_is_none_is_refused_at_its_field(web: Web, seconds: str) -> None:
    one = made(web)

    page = web.post(here(one, "rotate"), key=KEY, overlap_seconds=seconds)

    assert page.status == 422
    assert 'id="overlap_seconds-error"' in page.text
    assert now_of(web, one) == one


def test_one_click_narrows_a_token_to_what_it_has_used(web: Web) -> None:
    one = made(web)
    call(web.stores, one.token_id, at=NOON - A_DAY, scope=Scope.ADS)
    page = web.get(here(one))
    form = re.search(
        rf'<form method="post" action="{here(one, "rotate")}" id="narrow-form".*?</form>', page.text, re.DOTALL
    )
    assert form is not None
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    assert "mcp:ads:read takes its place" in page.words
    assert "are refused with the new one" in page.words

    answer = web.post(
        here(one, "rotate"), headers=None, **{name: text for name, text in fields.items() if name != "csrf"}
    )

    text = read_token(secret_on(answer), KEYS)
    assert text is not None
    row = web.stores.tokens.get(text.token_id)
    assert row is not None
    assert row.token.scopes == {Scope.ADS}


def test_a_token_that_uses_all_or_nothing_is_not_offered_to_be_narrowed(web: Web) -> None:
    unused, whole = made(web), made(web, scopes=(Scope.PNL,))
    call(web.stores, whole.token_id)

    for one in (unused, whole):
        assert 'id="narrow"' not in web.get(here(one)).text
    page = web.post(here(unused, "rotate"), key=KEY, overlap_seconds="86400", narrow="1")
    assert page.status == 409
    assert "used none of its scopes" in page.words


def test_both_ends_of_a_rotation_tell_whether_it_has_arrived(web: Web) -> None:
    one = made(web)
    successor = rotation(web.stores, one.token_id, at=NOON - timedelta(hours=3)).token

    assert (
        "the new one has not been used yet. Put its secret into the client before 22 Nov 2026"
        in web.get(here(one)).words
    )
    assert "this one has not been used yet" in web.get(here(successor)).words

    call(web.stores, successor.token_id, at=NOON - timedelta(hours=1))
    web.stores.tokens.wake(successor.token_id, used_at=NOON - timedelta(hours=1))
    attend_token(
        successor.token_id,
        now=NOON,
        rules_for=lambda _: USUAL,
        origin=origin(),
        keys=KEYS,
        tokens=web.stores.tokens,
        evidence=web.stores.evidence,
    )

    assert "the new one was first used 1 hour ago" in web.get(here(one)).words
    assert "this one was first used 1 hour ago" in web.get(here(successor)).words
    assert f'href="{here(successor)}"' in web.get(here(one)).text
    assert f'href="{here(one)}"' in web.get(here(successor)).text


def test_whoever_ends_one_token_of_a_rotation_is_told_that_the_other_is_let_in_still(web: Web) -> None:
    one = made(web)
    successor = rotation(web.stores, one.token_id).token
    told = f"The other token of the rotation, {one.prefix}…, is let in all the same."

    assert told in web.get(here(successor)).words
    assert told in web.get(here(successor, "revoke")).words
    assert told not in web.get(here(successor, "rename")).words
    page = web.get(web.post(here(successor, "revoke"), reason="why").location)
    assert "The token before it is still let in" in page.words

    web.post(here(one, "revoke"), reason="why")

    assert "still let in" not in web.get(here(successor)).words
    assert told not in web.get(here(successor, "revoke")).words


def test_a_token_that_has_a_successor_is_not_rotated_again_and_leads_to_it(web: Web) -> None:
    one = made(web)
    successor = rotation(web.stores, one.token_id).token

    page = web.post(here(one, "rotate"), key=KEY, overlap_seconds="0")

    assert page.status == 409
    assert "has a successor that lives" in page.words
    assert f'href="{here(successor)}"' in page.text


def test_somebody_elses_personal_token_is_ended_and_not_rotated(web: Web) -> None:
    """Its secret would act for them."""
    one = made(web, owner="adam")

    page, answer = web.get(here(one)), web.post(here(one, "rotate"), key=KEY, overlap_seconds="0")

    assert "Only its owner rotates it" in page.words
    assert here(one, "rotate") not in page.text
    assert answer.status == 403
    assert not TOKEN_LIKE.search(answer.text)
    assert web.post(here(one, "revoke"), reason="why").status == 303


def test_when_the_answer_of_the_store_is_lost_the_same_form_still_makes_one_token(web: Web) -> None:
    one = made(web)
    failing = LosesTransactions(web.stores.engine)
    failing.answers_to_lose = 1
    fields = {"key": KEY, "overlap_seconds": "3600"}

    page = Web(stores=Stores.over(failing), cookies=web.cookies).post(here(one, "rotate"), headers=None, **fields)
    again = web.post(here(one, "rotate"), headers=None, **fields)

    assert page.status == 503
    assert "look whether it was done" in page.words
    assert not TOKEN_LIKE.search(page.text + again.text)
    assert "You have not copied it?" in again.words
    assert len(web.stores.tokens.of_workspace("wks_1", limit=10).items) == 2


class LosesTransactions(LosesAnswers):
    """Loses the answers to transactions, and to nothing else."""

    def write(self, write: Put | Update | Delete) -> Item | None:
        return Passing.write(self, write)


def test_who_opens_the_rotation_of_an_ended_token_is_led_to_the_token(web: Web) -> None:
    ended = made(web)
    web.post(here(ended, "revoke"), reason="lost")

    assert web.get(here(ended, "rotate")).location == here(ended)
