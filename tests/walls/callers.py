"""Who asks, with which credential."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from shared.domain.token.events import TokenKind
from shared.services.credentials.token_format import new_token
from tests.data.tenants import KEYS
from tests.walls.references import Knowledge, often
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
