"""Who asks, with which credential."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from shared.domain.token.events import TokenKind
from shared.services.credentials.token_format import new_token
from tests.data.tenants import KEYS
from tests.walls.references import Knowledge, often
from tests.walls.sessions import session_of
from tests.walls.tampering import tampered, tampered_jwt
from tests.walls.tenants import IN_BOTH, STRANGER, TENANTS, Side
from tests.walls.vocabulary import Door, Operation

SignIn = Callable[[str], str]
"""Gives the bearer of a person, by the name that they sign in with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who asks, on behalf of one side."""

    side: Side
    who: str
    bearer: str | None = None
    is_forged: bool = False
    """Whether the credential is a good one that was tampered with."""

    @property
    def is_in_both(self) -> bool:
        return self.who == IN_BOTH


def callers(side: Side, operation: Operation, known: Knowledge, sign_in: SignIn) -> st.SearchStrategy[Caller]:
    """Draw somebody of a side, now and then with the credential of the other door."""
    if operation.door is Door.SITE:
        return _before_a_browser(side)
    of_members = operation.door is Door.REST and not operation.by_token
    if side is Side.NOBODY:
        return _nobody(known, sign_in, of_members=of_members)
    if operation.door is Door.COMMAND:
        return st.just(Caller(side=side, who="the operator"))
    owner, *others = TENANTS[side].people
    members = st.sampled_from([owner, owner, owner, *others]).map(lambda who: member(side, who, sign_in))
    bearers = known[side].bearers
    tokens = st.sampled_from([*often(bearers), *bearers]).map(
        lambda text: Caller(side=side, who="a token", bearer=text)
    )
    usual, odd = (members, tokens) if of_members else (tokens, members)
    return st.integers(0, 9).flatmap(lambda draw: odd if draw == 9 else usual)


def _before_a_browser(side: Side) -> st.SearchStrategy[Caller]:
    """Draw a person at their browser: not the one in both, whose pages name both workspaces to switch between them."""
    if side is not Side.NOBODY:
        owner, *others = [who for who in TENANTS[side].people if who != IN_BOTH]
        here = st.sampled_from([owner, owner, owner, *others])
        return here.map(lambda who: Caller(side=side, who=who, bearer=session_of(who)))
    people = [who for tenant in TENANTS.values() for who in tenant.people if who != IN_BOTH]
    strangers = st.sampled_from([None, "", session_of(STRANGER), session_of("somebody who never signed in")])
    forged = st.sampled_from(people).flatmap(lambda who: tampered(session_of(who))).filter(_fits_into_a_cookie)
    return st.one_of(
        strangers.map(lambda session_id: Caller(side=Side.NOBODY, who="a stranger", bearer=session_id)),
        forged.map(_forged),
    )


def _fits_into_a_cookie(text: str) -> bool:
    return text.isascii() and text.isprintable() and not set(text) & set(' ";,\\')


def member(side: Side, who: str, sign_in: SignIn) -> Caller:
    return Caller(side=side, who=who, bearer=sign_in(who))


def _nobody(known: Knowledge, sign_in: SignIn, *, of_members: bool) -> st.SearchStrategy[Caller]:
    """Draw somebody whom nobody knows, or whose credential was a good one before it was changed."""
    strangers = st.sampled_from([None, "", sign_in(STRANGER), new_token(TokenKind.PERSONAL, "0" * 16, KEYS).text])
    tokens = st.sampled_from([text for side in TENANTS for text in known[side].bearers]).flatmap(tampered)
    people = [*dict.fromkeys(who for tenant in TENANTS.values() for who in tenant.people)]
    two = st.lists(st.sampled_from(people), min_size=2, max_size=2, unique=True)
    sign_ins = two.flatmap(lambda pair: tampered_jwt(sign_in(pair[0]), sign_in(pair[1])))
    usual, odd = (sign_ins, tokens) if of_members else (tokens, sign_ins)
    return st.one_of(
        strangers.map(lambda bearer: Caller(side=Side.NOBODY, who="a stranger", bearer=bearer)),
        st.integers(0, 5).flatmap(lambda draw: odd if draw == 5 else usual).map(_forged),
    )


def _forged(bearer: str) -> Caller:
    return Caller(side=Side.NOBODY, who="a forger", bearer=bearer, is_forged=True)
