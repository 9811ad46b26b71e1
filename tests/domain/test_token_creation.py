"""How a token is made and what it is called."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given as for_all

from shared.domain.errors import Conflict, DomainError, Invalid
from shared.domain.plans import LIFETIMES_DAYS, PLANS, Plan
from shared.domain.token.commands import CreateToken, TokenCommand
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import TokenCreated, TokenEvent, TokenKind, TokenRenamed
from shared.domain.token.state import Token
from shared.domain.token.wording import NAME_LENGTH
from tests.data.examples import NOON, ONE_DAY, create_token, token_created, token_revoked
from tests.domain.deciding import Given
from tests.domain.lives import creations, rename, resume, revoke, suspend


def given(*history: TokenEvent) -> Given[TokenCommand, TokenEvent, Token]:
    return Given(decide, replay(history))


# --- creation ---------------------------------------------------------------------------------------------------------


def test_a_token_is_created_as_asked_for() -> None:
    given().when(create_token()).then(token_created())


def test_a_token_lives_as_long_as_was_chosen() -> None:
    given().when(create_token(expires_in_days=30)).then(token_created(expires_at=NOON + 30 * ONE_DAY))


def test_an_id_is_given_once() -> None:
    given(token_created()).when(create_token()).refused(Conflict, "token_exists")
    given(token_created(), token_revoked()).when(create_token()).refused(Conflict, "token_exists")


def test_a_token_without_scopes_is_refused() -> None:
    given().when(create_token(scopes=frozenset())).refused(Invalid, "scope_required", field="scopes")


@pytest.mark.parametrize("days", [None, 0, -30, 1, 29, 31, 366])
def test_a_personal_token_lives_only_as_the_plan_offers(days: int | None) -> None:
    refused = given().when(create_token(expires_in_days=days))

    refused.refused(Invalid, "lifetime_not_allowed", field="expires_in_days")
    assert refused.refusal is not None
    assert "30, 90, 180, 365" in refused.refusal.message


def test_only_an_organization_token_of_a_plan_that_has_them_need_not_end() -> None:
    forever = create_token(kind=TokenKind.ORGANIZATION, expires_in_days=None, plan=PLANS["alpha"])

    given().when(forever).then(token_created(kind=TokenKind.ORGANIZATION, expires_at=None))
    given().when(replace(forever, kind=TokenKind.PERSONAL)).refused(
        Invalid, "lifetime_not_allowed", field="expires_in_days"
    )
    given().when(replace(forever, plan=PLANS["plus"])).refused(Invalid, "lifetime_not_allowed", field="expires_in_days")


@for_all(creation=creations)
def test_every_lifetime_is_one_that_the_plan_offers(creation: CreateToken) -> None:
    with suppress(DomainError):
        (event,) = decide(creation, None)
        assert isinstance(event, TokenCreated)
        if event.expires_at is None:
            assert event.kind is TokenKind.ORGANIZATION
            assert creation.plan.organization_tokens
        else:
            assert (event.expires_at - event.at).days in creation.plan.lifetimes_days


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.key)
def test_the_lifetimes_of_a_plan_stand_in_order_and_end_with_a_year(plan: Plan) -> None:
    assert list(plan.lifetimes_days) == sorted(set(plan.lifetimes_days))
    assert plan.lifetimes_days == (LIFETIMES_DAYS if plan.includes_mcp else ())


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  GitHub   Actions\t sync ", "GitHub Actions sync"),
        ("line\nfeed\r\nand\x85more", "line feed and more"),
        ("e\u0301", "é"),
        ("zero\u200bwidth", "zerowidth"),
        ("\u202etxt.exe", "txt.exe"),
        ("nul\x00byte", "nulbyte"),
        ("Sync 🫖", "Sync 🫖"),
        ("x" * 100, "x" * 100),
        ("e\u0301" * 100, "é" * 100),
    ],
)
def test_a_name_is_cleaned(typed: str, kept: str) -> None:
    given().when(create_token(name=typed)).then(token_created(name=kept))
    given(token_created(name="old")).when(rename(typed)).then(TokenRenamed(name=kept, renamed_by="mem_ann", at=NOON))


@pytest.mark.parametrize("typed", ["", " ", "\n", "\u200b", "x" * 101])
def test_a_name_has_one_to_a_hundred_characters(typed: str) -> None:
    given().when(create_token(name=typed)).refused(Invalid, "name_invalid", field="name")
    given(token_created()).when(rename(typed)).refused(Invalid, "name_invalid", field="name")


PASTED = [
    f"{before}{tag}{'0aZ' * length}"[:100]
    for before in ("", "CI ", "token=")
    for tag in ("mfp_", "mfs_", "mfa_", "mfr_")
    for length in (7, 25)
]


@pytest.mark.parametrize("typed", PASTED)
def test_a_pasted_token_is_neither_a_name_nor_a_reason(typed: str) -> None:
    given().when(create_token(name=typed)).refused(Invalid, "name_invalid", field="name")
    given(token_created()).when(rename(typed)).refused(Invalid, "name_invalid", field="name")
    for command in (revoke(typed), suspend(typed), resume(typed)):
        given(token_created()).when(command).refused(Invalid, "reason_invalid", field="reason")


@pytest.mark.parametrize("typed", ["mfp_1abcdefg", "replaces mfp_1abcdefg… of May", "mfx_" + "a" * 40, "mfp_ tokens"])
def test_a_name_may_tell_how_a_token_begins(typed: str) -> None:
    given().when(create_token(name=typed)).then(token_created(name=typed))


@for_all(creation=creations)
def test_every_name_that_is_kept_fits_on_one_clean_line(creation: CreateToken) -> None:
    with suppress(DomainError):
        (event,) = decide(creation, None)
        assert isinstance(event, TokenCreated)
        assert 1 <= len(event.name) <= NAME_LENGTH
        assert event.name == " ".join(event.name.split())
        assert all(unicodedata.category(char)[0] != "C" for char in event.name)
        assert unicodedata.is_normalized("NFC", event.name)


def test_the_same_name_again_changes_nothing() -> None:
    given(token_created(name="Weekly sync")).when(rename(" Weekly  sync")).then()


def test_a_token_out_of_use_can_still_be_renamed() -> None:
    """A list of dead tokens is read, too."""
    given(token_created(), token_revoked()).when(rename("Old")).then(
        TokenRenamed(name="Old", renamed_by="mem_ann", at=NOON)
    )
