"""Which tokens are picked and in which order, against a plain reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.state import Status, Token
from shared.domain.workspace.decider import Standing
from shared.services.survey.conditions import Concern, Condition, concerns_of, condition_of
from shared.services.survey.pick_tokens import GROUPS, Asked, Order, pick
from shared.storage.contracts.tokens import Credential, Terms, TokenRow
from tests.data.tenants import A_DAY, NOON

TERMS = Terms(plan="plus", standing=Standing.OPEN, version=1)
moments = st.integers(min_value=-40, max_value=40).map(lambda days: NOON + days * A_DAY)
past = st.integers(min_value=0, max_value=40).map(lambda days: NOON - days * A_DAY)
names = st.text(alphabet="aAbBñß<", min_size=1, max_size=4)


@st.composite
def rows(draw: st.DrawFn) -> TokenRow:
    status = draw(st.sampled_from(Status))
    token = Token(
        token_id=draw(st.uuids()).hex[:16],
        kind=draw(st.sampled_from((TokenKind.PERSONAL, TokenKind.ORGANIZATION))),
        workspace_id="wks_1",
        owner_id=draw(st.sampled_from(("mem_a", "mem_b", "mem_c"))),
        name=draw(names),
        prefix=f"mfp_1{draw(st.sampled_from(('abc', 'Abd')))}",
        scopes=frozenset(draw(st.sets(st.sampled_from(Scope), min_size=1))),
        created_at=draw(past),
        expires_at=draw(st.none() | moments),
        status=status,
        successor_id=draw(st.none() | st.just("successor")),
        flagged_at=draw(st.none() | past),
    )
    return TokenRow(
        token=token, version=1, credential=Credential(digest=""), terms=TERMS, last_used_at=draw(st.none() | past)
    )


asked_for = st.builds(
    Asked,
    conditions=st.sampled_from([*GROUPS.values(), frozenset(Condition)]),
    kind=st.none() | st.sampled_from((TokenKind.PERSONAL, TokenKind.ORGANIZATION)),
    owner_id=st.none() | st.sampled_from(("mem_a", "mem_b", "mem_d")),
    scope=st.none() | st.sampled_from(Scope),
    concern=st.none() | st.sampled_from(Concern),
    text=st.sampled_from(("", " ", "a", "SS", "ß", "mfp_1a", "<", "zz")),
    order=st.sampled_from(Order),
    descending=st.booleans(),
)


def standing(token: Token) -> Condition:
    """Where it stands at noon, spelled out."""
    is_live = token.status in {Status.ACTIVE, Status.SUSPENDED}
    if is_live and token.expires_at is not None and token.expires_at <= NOON:
        return Condition.ROTATED if token.successor_id else Condition.EXPIRED
    if token.status is Status.ACTIVE and token.successor_id:
        return Condition.OVERLAP
    if token.status is Status.ACTIVE and token.flagged_at:
        return Condition.ABANDONED
    return Condition[token.status.name]


def asks_for_a_look(row: TokenRow) -> set[Concern]:
    """What about it asks for a look at noon, spelled out."""
    token = row.token
    if standing(token) in {Condition.ROTATED, Condition.EXPIRED, Condition.REVOKED}:
        return set()
    found = {
        Concern.ENDS_SOON: token.expires_at is not None and token.expires_at <= NOON + 14 * A_DAY,
        Concern.NEVER_USED: row.last_used_at is None and token.created_at <= NOON - A_DAY,
        Concern.IDLE: row.last_used_at is not None and row.last_used_at <= NOON - 30 * A_DAY,
    }
    return {concern for concern, holds in found.items() if holds}


def is_meant(row: TokenRow, asked: Asked) -> bool:
    token, text = row.token, asked.text.strip()
    return all(
        (
            standing(token) in asked.conditions,
            asked.kind is None or token.kind is asked.kind,
            asked.owner_id is None or token.owner_id == asked.owner_id,
            asked.scope is None or asked.scope in token.scopes,
            asked.concern is None or asked.concern in asks_for_a_look(row),
            text.casefold() in token.name.casefold() or text in token.prefix or text == token.token_id,
        )
    )


def value(row: TokenRow, order: Order) -> tuple[float, str]:
    token = row.token
    match order:
        case Order.CREATED:
            return token.created_at.timestamp(), ""
        case Order.NAME:
            return 0, token.name.casefold()
        case Order.OWNER:
            return 0, token.owner_id
        case Order.EXPIRES:
            return token.expires_at.timestamp() if token.expires_at else float("inf"), ""
        case Order.USED:
            return row.last_used_at.timestamp() if row.last_used_at else float("-inf"), ""


def plainly(found: Sequence[TokenRow], asked: Asked) -> list[str]:
    """The same, one rule after the other, and put in order by comparing each with each."""
    kept = [row for row in found if is_meant(row, asked)]

    def comes_before(one: TokenRow, other: TokenRow) -> bool:
        first, second = value(one, asked.order), value(other, asked.order)
        if first != second:
            return first > second if asked.descending else first < second
        return (one.token.created_at, one.token.token_id) > (other.token.created_at, other.token.token_id)

    places = {row.token.token_id: sum(comes_before(other, row) for other in kept) for row in kept}
    return sorted(places, key=lambda token_id: places[token_id])


@given(st.lists(rows(), max_size=12, unique_by=lambda row: row.token.token_id), asked_for)
def test_those_that_are_meant_are_picked_in_the_order_that_is_asked_for(found: list[TokenRow], asked: Asked) -> None:
    assert [row.token.token_id for row in pick(found, asked, now=NOON)] == plainly(found, asked)


@given(rows())
def test_every_token_stands_somewhere_and_only_one_that_is_in_use_asks_for_a_look(row: TokenRow) -> None:
    condition = condition_of(row.token, NOON)

    assert sum(condition in GROUPS[name] for name in ("in_use", "ended")) == 1
    assert (condition in GROUPS["in_use"]) == row.token.lives_at(NOON)
    assert condition in GROUPS["in_use"] or not [*concerns_of(row, NOON)]


def test_a_token_of_a_moment_ago_is_not_blamed_for_having_no_use() -> None:
    row = TokenRow(
        token=Token(
            token_id="t",
            kind=TokenKind.PERSONAL,
            workspace_id="wks_1",
            owner_id="mem_a",
            name="n",
            prefix="mfp_1",
            scopes=frozenset(Scope),
            created_at=NOON,
            expires_at=datetime(2027, 11, 21, tzinfo=UTC),
        ),
        version=1,
        credential=Credential(digest=""),
        terms=TERMS,
    )

    assert [*concerns_of(row, NOON + A_DAY - timedelta(seconds=1))] == []
    assert [*concerns_of(row, NOON + A_DAY)] == [Concern.NEVER_USED]
    assert [*concerns_of(replace(row, last_used_at=NOON), NOON + 29 * A_DAY)] == []
    assert [*concerns_of(replace(row, last_used_at=NOON), NOON + 30 * A_DAY)] == [Concern.IDLE]
