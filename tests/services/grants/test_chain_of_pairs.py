"""Apps, thieves and lost answers in any order: there is one chain of pairs; the honest never break it, thieves do."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.domain.token.state import App, Status
from shared.services.credentials.seal import is_sealed
from shared.services.gate import Pass
from shared.services.grants.refusals import GrantRefused
from shared.services.grants.tokens import Tokens
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.contracts.tokens import TokenRow
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.faults import LosesAnswers
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import KEYS, NOON, workspace
from tests.services.grants.connecting import (
    APP,
    ELSEWHERE,
    connect,
    gate_over,
    refresh,
    refused_with,
    row_of,
    texts_of,
    use,
)
from tests.services.place import send

EXAMPLES = settings().max_examples // 5  # each hashes some dozens of secrets
STEPS = 15
JUST_AFTER = timedelta(seconds=30)
IDLE = timedelta(days=30)
A_MINUTE = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)

waits = st.sampled_from([1, 29, 30, 31, 1800, 3600, 86_400, 8 * 86_400])
pairs = st.integers(min_value=0, max_value=10)
"""Counted from the newest."""


class Scene(RuleBasedStateMachine):
    """A grant, its store on the other side of a network, and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = MeddledEngine()
        self.network = LosesAnswers(self.engine)
        self.stores = Stores.over(self.network)
        workspace(self.stores)
        self.now: datetime = NOON
        self.first = connect(self.stores)
        self.gate = gate_over(self.stores)

    def call(self, pair: Tokens) -> bool:
        return isinstance(send(self.gate, pair.access, at=self.now), Pass)

    def refresh_unheard(self, pair: Tokens, ip: str | None = APP.ip) -> None:
        """Send a request whose answer is lost on its way from the store, if it wrote at all."""
        self.network.answers_to_lose = 1
        try:
            refresh(self.stores, pair.refresh, at=self.now, ip=ip)
        except StoreUnavailable:
            pass
        finally:
            self.network.answers_to_lose = 0

    def row(self) -> TokenRow:
        return row_of(self.stores, self.first)

    def app(self) -> App:
        app = self.row().token.app
        assert app is not None
        return app

    @invariant()
    def the_row_is_ours(self) -> None:
        assert is_sealed(self.row(), KEYS)


class Everybody(Scene):
    """Any token that was ever given comes back at any time, from whomever: what follows depends on no names."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[int, Tokens] = {1: self.first}
        self.newest, self.follows = 1, 0
        self.given_to = ""
        self.used: set[int] = set()
        self.refreshed_at = self.paced_to = self.now
        self.recorded = 1
        self.revoked = False

    @property
    def lives(self) -> bool:
        return not self.revoked and self.now < self.refreshed_at + IDLE

    @property
    def paced(self) -> datetime:
        return max(self.paced_to, self.now) + A_MINUTE

    def choose(self, back: int) -> int:
        return sorted(self.known)[-1 - back % len(self.known)]

    def meaning(self, generation: int, ip: str) -> str:
        """Say what is due, in the words of the documentation."""
        is_used, is_fresh = self.newest in self.used, self.now <= self.refreshed_at + JUST_AFTER
        if not self.lives or generation not in {self.newest, self.follows}:
            return "refused" if not self.lives else "ended"
        if generation == self.newest:
            return "another"
        if ip == self.given_to and (is_fresh or (not is_used and self.now < self.refreshed_at + AN_HOUR)):
            return "again"
        return "ended" if is_used else "another"

    @rule(seconds=waits)
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(back=pairs)
    def calls(self, back: int) -> None:
        generation = self.choose(back)
        access, _ = texts_of(self.known[generation])
        assert access.expires_at is not None
        let_in = self.call(self.known[generation])
        is_good = generation in {self.newest, self.follows}
        assert let_in == (self.lives and is_good and self.now < access.expires_at)
        if let_in:
            self.used.add(generation)

    @rule(
        back=pairs,
        fate=st.sampled_from(["heard", "heard", "unheard", "dies", "twice at once"]),
        ip=st.sampled_from(["203.0.113.9", "198.51.100.4"]),
    )
    def refreshes(self, back: int, fate: str, ip: str) -> None:
        generation = self.choose(back)
        pair = self.known[generation]
        match self.meaning(generation, ip):
            case "refused":
                assert self.refused(pair, ip) == "invalid_grant"
            case "ended":
                assert self.refused(pair, ip) == "invalid_grant"
                self.revoked = True
            case "again":
                self.learn(refresh(self.stores, pair.refresh, at=self.now, ip=ip))
            case _ if self.paced > self.now + 10 * A_MINUTE:
                assert self.refused(pair, ip) == "slow_down"
            case _ if fate == "dies":
                self.dies(pair, ip)
            case _:
                self.goes_on(pair, fate, follows=generation, ip=ip)

    def refused(self, pair: Tokens, ip: str) -> str:
        return refused_with(lambda: refresh(self.stores, pair.refresh, at=self.now, ip=ip)).code

    def dies(self, pair: Tokens, ip: str) -> None:
        self.engine.meddle = die_before(0)
        try:
            refresh(self.stores, pair.refresh, at=self.now, ip=ip)
        except Killed:
            pass
        finally:
            self.engine.meddle = None

    def goes_on(self, pair: Tokens, fate: str, *, follows: int, ip: str) -> None:
        answers: list[Tokens] = []
        if fate == "unheard":
            self.refresh_unheard(pair, ip)
        elif fate == "twice at once":
            self.engine.meddle = lambda number: (
                answers.append(refresh(self.stores, pair.refresh, at=self.now, ip=ip)) if number == 0 else None
            )
        if fate != "unheard":
            answers.append(refresh(self.stores, pair.refresh, at=self.now, ip=ip))
        self.engine.meddle = None
        self.newest, self.follows, self.given_to = self.newest + 1, follows, ip
        self.refreshed_at, self.paced_to = self.now, self.paced
        self.recorded += 1
        for answer in answers:
            self.learn(answer)

    def learn(self, answer: Tokens) -> None:
        """Hold the newest pair against what it was before: one number is one pair, whoever asks and however often."""
        known = self.known.setdefault(self.newest, answer)
        assert (answer.access, answer.refresh) == (known.access, known.refresh)

    @invariant()
    def the_grant_is_as_far_as_its_app(self) -> None:
        row = self.row()
        assert self.app().generation == self.newest
        assert (row.token.status is Status.REVOKED) == self.revoked
        assert row.version == self.recorded + int(self.revoked)


class Honest(Scene):
    """An app that nobody has robbed, on a bad network and in several processes."""

    def __init__(self) -> None:
        super().__init__()
        self.holds = self.first
        self.before: Tokens | None = None
        self.unheard = False

    @rule(seconds=waits)
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        if self.now >= self.app().refreshed_at + IDLE - timedelta(days=8):  # a month without it would end the grant
            self.refresh_and_hear()

    @rule()
    def call_or_else_refresh(self) -> None:
        if not self.call(self.holds):
            self.refresh_and_hear()
            assert self.call(self.holds)

    @rule()
    def refresh_and_hear(self) -> None:
        self.before, self.unheard = self.holds, False
        try:
            self.holds = refresh(self.stores, self.holds.refresh, at=self.now)
        except GrantRefused as refusal:
            self.rest(refusal)
            self.holds = refresh(self.stores, self.holds.refresh, at=self.now)

    @rule()
    def refresh_and_not_hear(self) -> None:
        try:
            self.refresh_unheard(self.holds)
            self.unheard = True
        except GrantRefused as refusal:
            self.rest(refusal)

    def rest(self, refusal: GrantRefused) -> None:
        assert refusal.code == "slow_down"
        self.now += A_MINUTE

    def is_just_replaced(self) -> bool:
        return self.before is not None and self.now <= self.app().refreshed_at + JUST_AFTER and not self.unheard

    @precondition(is_just_replaced)
    @rule()
    def another_process_comes_a_little_later_with_what_it_still_holds(self) -> None:
        assert self.before is not None
        answer = refresh(self.stores, self.before.refresh, at=self.now)
        assert (answer.access, answer.refresh) == (self.holds.access, self.holds.refresh)

    @invariant()
    def nothing_has_ended(self) -> None:
        assert self.row().token.status_at(self.now) is Status.ACTIVE


def test_there_is_one_chain_whoever_comes_with_which_token_and_whatever_is_lost() -> None:
    run_state_machine_as_test(Everybody, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS))


def test_an_honest_app_that_loses_any_answers_loses_no_grant() -> None:
    run_state_machine_as_test(Honest, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS))


@settings(max_examples=EXAMPLES // 2)
@given(
    before=st.integers(min_value=0, max_value=2),
    after=st.integers(min_value=1, max_value=3),
    seconds=st.integers(min_value=31, max_value=86_400),
)
def test_a_thief_who_comes_after_the_owner_went_on_ends_the_grant(before: int, after: int, seconds: int) -> None:
    stores = memory_stores()
    workspace(stores)
    holds, at = connect(stores), NOON
    for _ in range(before):
        at += AN_HOUR
        holds = refresh(stores, holds.refresh, at=at)
    stolen = holds
    for _ in range(after):
        at += AN_HOUR
        holds = refresh(stores, holds.refresh, at=at)
    assert isinstance(use(stores, holds, at=at), Pass)
    at += timedelta(seconds=seconds)

    assert refused_with(lambda: refresh(stores, stolen.refresh, at=at)).code == "invalid_grant"

    for each in (stolen, holds):
        assert not isinstance(use(stores, each, at=at), Pass)
        assert refused_with(lambda each=each: refresh(stores, each.refresh, at=at)).code == "invalid_grant"
    assert row_of(stores, holds).token.status is Status.REVOKED


@settings(max_examples=EXAMPLES // 2)
@given(after=st.integers(min_value=0, max_value=3599), methods=st.lists(st.sampled_from(["tools/list", "ping"])))
def test_nobody_rides_unseen_beside_another_who_holds_the_same_refresh_token(after: int, methods: list[str]) -> None:
    """One of them renews, and makes no call that counts; another does from elsewhere, and gets a pair of their own."""
    stores = memory_stores()
    workspace(stores)
    both, gate = connect(stores), gate_over(stores)
    one = refresh(stores, both.refresh, at=NOON)
    for method in methods:
        assert isinstance(send(gate, one.access, method=method, at=NOON), Pass)
    at = NOON + timedelta(seconds=after)

    other = refresh(stores, both.refresh, at=at, ip=ELSEWHERE)

    assert not {one.access, one.refresh} & {other.access, other.refresh}
    assert not isinstance(send(gate, one.access, at=at), Pass)
    assert refused_with(lambda: refresh(stores, one.refresh, at=at)).code == "invalid_grant"
    assert row_of(stores, other).token.status is Status.REVOKED


@settings(max_examples=EXAMPLES // 2)
@given(
    thief_comes=st.lists(st.integers(min_value=-30, max_value=3500), min_size=1, max_size=8),
    owner_comes=st.integers(min_value=0, max_value=300),
)
def test_a_thief_who_knows_when_the_owner_comes_has_an_hour_at_most(thief_comes: list[int], owner_comes: int) -> None:
    """They hold the owner's refresh token, ask with it around the moment at which the owner does, and use nothing."""
    stores = memory_stores()
    workspace(stores)
    both = connect(stores)
    at = NOON + AN_HOUR
    got: list[Tokens] = []

    def steal(seconds: int) -> None:
        with suppress(GrantRefused):
            got.append(refresh(stores, both.refresh, at=at + timedelta(seconds=seconds), ip=ELSEWHERE))

    for seconds in sorted(each for each in thief_comes if each < owner_comes):
        steal(seconds)
    owner = refresh(stores, both.refresh, at=at + timedelta(seconds=owner_comes))
    used = isinstance(use(stores, owner, at=at + timedelta(seconds=owner_comes)), Pass)
    for seconds in sorted(each for each in thief_comes if each >= owner_comes):
        steal(seconds)

    for each in got:  # what they hold is none of the owner's, and showing it ends the grant
        assert each.refresh != owner.refresh
        refused_with(lambda each=each: refresh(stores, each.refresh, at=at + AN_HOUR))

    assert used
    assert row_of(stores, owner).token.status is Status.REVOKED
