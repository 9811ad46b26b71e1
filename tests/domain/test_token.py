"""The rules of a token's life."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.domain.errors import Conflict, DomainError, Invalid, NotFound
from shared.domain.plans import LIFETIMES_DAYS, PLANS, Plan
from shared.domain.scopes import Scope
from shared.domain.token.commands import CreateToken, ExpireToken, RenameToken, RevokeToken, TokenCommand
from shared.domain.token.decider import decide, evolve, replay
from shared.domain.token.events import (
    TokenCreated,
    TokenEvent,
    TokenExpired,
    TokenKind,
    TokenRenamed,
    TokenRevoked,
)
from shared.domain.token.state import Status, Token
from shared.domain.token.wording import NAME_LENGTH
from tests.data.examples import NOON, ONE_DAY, create_token, token_created, token_revoked
from tests.domain.deciding import Given

moments = st.integers(0, 800 * 24 * 3600).map(lambda seconds: NOON + timedelta(seconds=seconds))
names = st.one_of(st.text(max_size=120), st.sampled_from(["Weekly sync", "  Weekly   sync ", "\u202eevil", "\x00", ""]))
creations = st.builds(
    create_token,
    kind=st.sampled_from(TokenKind),
    name=names,
    scopes=st.frozensets(st.sampled_from(Scope)),
    expires_in_days=st.none() | st.sampled_from([*LIFETIMES_DAYS, 0, -1, 1, 31, 366, 10_000]),
    plan=st.sampled_from(list(PLANS.values())),
    at=moments,
)
later_commands = st.one_of(
    creations,
    st.builds(RenameToken, name=names, renamed_by=st.just("mem_ann"), at=moments),
    st.builds(RevokeToken, revoked_by=st.just("mem_ann"), reason=names, at=moments),
    st.builds(ExpireToken, at=moments),
)
LATER = [
    RenameToken(name="x", renamed_by="m", at=NOON),
    RevokeToken(revoked_by="m", reason="x", at=NOON),
    ExpireToken(at=NOON),
]


def given(*history: TokenEvent) -> Given[TokenCommand, TokenEvent, Token]:
    return Given(decide, replay(history))


def history_of(commands: list[TokenCommand]) -> list[TokenEvent]:
    """Carry out commands one after the other; those that are refused leave no trace."""
    history: list[TokenEvent] = []
    for command in commands:
        with suppress(DomainError):
            history += decide(command, replay(history))
    return history


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
        ("zero\u200bwidth", "zero width"),
        ("\u202etxt.exe", "txt.exe"),
        ("nul\x00byte", "nul byte"),
        ("Sync 🫖", "Sync 🫖"),
        ("x" * 100, "x" * 100),
        ("e\u0301" * 100, "é" * 100),
    ],
)
def test_a_name_is_cleaned(typed: str, kept: str) -> None:
    given().when(create_token(name=typed)).then(token_created(name=kept))
    given(token_created(name="old")).when(RenameToken(name=typed, renamed_by="mem_ann", at=NOON)).then(
        TokenRenamed(name=kept, renamed_by="mem_ann", at=NOON)
    )


@pytest.mark.parametrize("typed", ["", " ", "\n", "\u200b", "x" * 101])
def test_a_name_has_one_to_a_hundred_characters(typed: str) -> None:
    given().when(create_token(name=typed)).refused(Invalid, "name_invalid", field="name")
    given(token_created()).when(RenameToken(name=typed, renamed_by="mem_ann", at=NOON)).refused(
        Invalid, "name_invalid", field="name"
    )


PASTED = [
    f"{before}{tag}{'0aZ' * length}"[:100]
    for before in ("", "CI ", "token=")
    for tag in ("mfp_", "mfs_", "mfa_", "mfr_")
    for length in (7, 25)
]


@pytest.mark.parametrize("typed", PASTED)
def test_a_pasted_token_is_neither_a_name_nor_a_reason(typed: str) -> None:
    given().when(create_token(name=typed)).refused(Invalid, "name_invalid", field="name")
    given(token_created()).when(RenameToken(name=typed, renamed_by="mem_ann", at=NOON)).refused(
        Invalid, "name_invalid", field="name"
    )
    given(token_created()).when(RevokeToken(revoked_by="mem_ann", reason=typed, at=NOON)).refused(
        Invalid, "reason_invalid", field="reason"
    )


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
    given(token_created(name="Weekly sync")).when(
        RenameToken(name=" Weekly  sync", renamed_by="mem_ann", at=NOON)
    ).then()


def test_a_token_out_of_use_can_still_be_renamed() -> None:
    """A list of dead tokens is read, too."""
    given(token_created(), token_revoked()).when(RenameToken(name="Old", renamed_by="mem_ann", at=NOON)).then(
        TokenRenamed(name="Old", renamed_by="mem_ann", at=NOON)
    )


# --- the end ----------------------------------------------------------------------------------------------------------


def test_a_token_expires_at_its_hour_and_not_before() -> None:
    token = token_created(expires_at=NOON + ONE_DAY)
    moment = timedelta(microseconds=1)

    given(token).when(ExpireToken(at=NOON + ONE_DAY - moment)).then()
    given(token).when(ExpireToken(at=NOON + ONE_DAY)).then(TokenExpired(at=NOON + ONE_DAY))


def test_a_token_without_an_end_never_expires() -> None:
    given(token_created(expires_at=None)).when(ExpireToken(at=NOON + 10_000 * ONE_DAY)).then()


def test_a_token_is_revoked_with_who_and_why() -> None:
    given(token_created()).when(RevokeToken(revoked_by="mem_ann", reason=" laptop\nlost ", at=NOON)).then(
        TokenRevoked(revoked_by="mem_ann", reason="laptop lost", at=NOON)
    )


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_a_revocation_needs_a_reason_of_a_line(reason: str) -> None:
    given(token_created()).when(RevokeToken(revoked_by="mem_ann", reason=reason, at=NOON)).refused(
        Invalid, "reason_invalid", field="reason"
    )


def test_a_second_revocation_changes_nothing() -> None:
    given(token_created(), token_revoked()).when(RevokeToken(revoked_by="mem_ann", reason="again", at=NOON)).then()


def test_a_revoked_token_does_not_expire_as_well() -> None:
    given(token_created(), token_revoked()).when(ExpireToken(at=NOON + 1_000 * ONE_DAY)).then()


@pytest.mark.parametrize("command", LATER, ids=lambda command: type(command).__name__)
def test_nothing_can_be_asked_of_a_token_that_is_not_there(command: TokenCommand) -> None:
    given().when(command).refused(NotFound, "token_not_found")


# --- what always holds ------------------------------------------------------------------------------------------------


@for_all(end=st.sampled_from([token_revoked(), TokenExpired(at=NOON)]), commands=st.lists(later_commands, max_size=8))
def test_nothing_brings_a_token_back(end: TokenEvent, commands: list[TokenCommand]) -> None:
    token = replay([token_created(), end])
    for command in commands:
        with suppress(DomainError):
            token = replay(decide(command, token), token)

    assert token is not None
    assert (token.status, token.ended_at) == (Status(end.type.removeprefix("token.")), end.at)


@for_all(commands=st.lists(later_commands, max_size=8))
def test_the_state_is_what_the_history_says(commands: list[TokenCommand]) -> None:
    history = history_of([create_token(), *commands])
    token = replay(history)

    assert token is not None
    names = [event.name for event in history if isinstance(event, TokenCreated | TokenRenamed)]
    ends = [event for event in history if isinstance(event, TokenRevoked | TokenExpired)]
    assert token.name == names[-1]
    assert len(ends) <= 1
    assert (token.status is Status.ACTIVE) == (not ends)
    assert token.ended_at == (ends[0].at if ends else None)
    for split in range(len(history) + 1):
        assert replay(history[split:], replay(history[:split])) == token


@for_all(commands=st.lists(later_commands, max_size=6), command=later_commands)
def test_the_same_command_again_changes_nothing_more(commands: list[TokenCommand], command: TokenCommand) -> None:
    token = replay(history_of([create_token(), *commands]))
    with suppress(DomainError):
        after = replay(decide(command, token), token)

        assert decide(command, after) == ()


@for_all(commands=st.lists(later_commands, max_size=8))
def test_what_a_token_is_never_changes(commands: list[TokenCommand]) -> None:
    before = replay([token_created()])
    after = replay(history_of([create_token(), *commands]))

    assert before is not None
    assert after is not None
    assert replace(after, name=before.name, status=before.status, ended_at=before.ended_at) == before


def test_every_command_and_every_event_is_tried_here() -> None:
    """A new one does not slip past the properties: it has to be added to them."""
    tried = {type(command) for command in (create_token(), *LATER)}
    happened = {type(event) for event in history_of([create_token(), *LATER[:2]])}
    happened |= {type(event) for event in history_of([create_token(), ExpireToken(at=NOON + 400 * ONE_DAY)])}

    assert tried == set(get_args(TokenCommand))
    assert happened == set(get_args(TokenEvent))


def test_an_event_before_its_token_makes_nothing() -> None:
    assert evolve(None, token_revoked()) is None


def test_a_token_is_shown_as_expired_from_its_hour_on_though_nobody_has_recorded_it() -> None:
    token = replay([token_created(expires_at=NOON + ONE_DAY)])
    revoked = replay([token_created(expires_at=NOON + ONE_DAY), token_revoked()])

    assert token is not None
    assert revoked is not None
    assert token.status_at(NOON + ONE_DAY - timedelta(microseconds=1)) is Status.ACTIVE
    assert token.status_at(NOON + ONE_DAY) is Status.EXPIRED
    assert revoked.status_at(NOON + ONE_DAY) is Status.REVOKED
