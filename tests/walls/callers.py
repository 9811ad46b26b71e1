"""Who asks, with which credential."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from shared.domain.token.events import TokenKind
from shared.services.credentials.token_format import new_token
from tests.data.tenants import KEYS
from tests.walls.operations import Door
from tests.walls.references import Knowledge
from tests.walls.tampering import tampered, tampered_jwt
from tests.walls.tenants import IN_BOTH, STRANGER, TENANTS, Side

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


def callers(side: Side, door: Door, known: Knowledge, sign_in: SignIn) -> st.SearchStrategy[Caller]:
    """Draw somebody of a side, now and then with the credential of the other door."""
    if side is Side.NOBODY:
        return _nobody(door, known, sign_in)
    if door is Door.COMMAND:
        return st.just(Caller(side=side, who="the operator"))
    people = [*TENANTS[side].people]
    members = st.sampled_from([people[0], *people]).map(lambda who: Caller(side=side, who=who, bearer=sign_in(who)))
    # The first two are good for everything, and for one tool, until somebody ends them.
    bearers = known[side].bearers
    tokens = st.sampled_from([*bearers[:2] * 3, *bearers]).map(
        lambda text: Caller(side=side, who="a token", bearer=text)
    )
    usual, odd = (members, tokens) if door is Door.REST else (tokens, members)
    return st.integers(0, 9).flatmap(lambda draw: odd if draw == 9 else usual)


def _nobody(door: Door, known: Knowledge, sign_in: SignIn) -> st.SearchStrategy[Caller]:
    """Draw somebody whom nobody knows, or whose credential was a good one before it was changed."""
    strangers = st.sampled_from([None, "", sign_in(STRANGER), new_token(TokenKind.PERSONAL, "0" * 16, KEYS).text])
    tokens = st.sampled_from([text for side in TENANTS for text in known[side].bearers]).flatmap(tampered)
    people = [*dict.fromkeys(who for tenant in TENANTS.values() for who in tenant.people)]
    two = st.lists(st.sampled_from(people), min_size=2, max_size=2, unique=True)
    sign_ins = two.flatmap(lambda pair: tampered_jwt(sign_in(pair[0]), sign_in(pair[1])))
    usual, odd = (sign_ins, tokens) if door is Door.REST else (tokens, sign_ins)
    return st.one_of(
        strangers.map(lambda bearer: Caller(side=Side.NOBODY, who="a stranger", bearer=bearer)),
        st.integers(0, 5).flatmap(lambda draw: odd if draw == 5 else usual).map(_forged),
    )


def _forged(bearer: str) -> Caller:
    return Caller(side=Side.NOBODY, who="a forger", bearer=bearer, is_forged=True)
