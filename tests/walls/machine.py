"""Two tenants and strangers ask everything there is, in any order; to each of them the other does not exist.

Each question is put twice: in the world as it is, where both tenants have been at work, and in the asker's own, from
which the other's rows were taken before anything began and where the other never asks. Then

- both answers are the same to the last byte, so that neither a figure nor the sum of two is touched by the other's.
  In the asker's own world an id of the other is an unknown one: here it is answered exactly like one;
- both took the same number of store operations of each kind;
- what was written is the asker's, row by row, and in the end all rows of a tenant are those of their own world;
- nothing of the other stands in the answer: no word, no amount, no id; this finds what both worlds have in common,
  as a cache of the process would be;
- what is not the asker's is refused as documented, and nobody is answered on a credential that was tampered with.

Chance and the clocks are the same in all worlds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from shared.storage.engine import Item
from tests.walls.asking import Answer, Ask, HttpAsk, worded
from tests.walls.callers import Caller, callers, member
from tests.walls.marks import found_in, marks_of
from tests.walls.operations import CONFIRMED_BY, OPERATIONS, operation_named
from tests.walls.place import Place
from tests.walls.references import Sent, Whose, belongs, crooked, straight, weighted
from tests.walls.sessions import session_of
from tests.walls.tenants import IN_BOTH, OTHER, TENANTS, Side
from tests.walls.vocabulary import LEFT_OUT, Door, Kind, Operation, Reference

REFUSAL_OF = {
    Kind.WORKSPACE: {"workspace_not_found"},
    Kind.TOKEN: {"token_not_found"},
    Kind.MEMBER: {"member_not_found"},
    Kind.FORMER: {"member_not_found"},
    Kind.EVENT: {"event_not_found"},
    Kind.IMPORT: {"import_not_found"},
    Kind.ALERT: {"alert_not_found"},
    Kind.CURSOR: {"cursor_invalid"},
    Kind.CONFIRMATION: {"confirmation_invalid", "confirmation_required"},  # the latter, if it is of another policy
}
"""How the API refuses what is not the caller's."""
SHAPE = {"route_unknown", "method_not_allowed", "body_too_large", "request_invalid", "scopes_twice"}
"""What is looked at before anything else."""
WHO = {"not_a_member", "role_required", "workspace_not_found"}
"""Who asks, and where: looked at before an id or a cursor."""
NO_PAGE = "\n\nThere is no such page.\n"
DRAWN = frozenset({"digest", "seal", "run"})
"""Attributes in which chance shows that is not ours to throw: argon2's salt, the UUID of a fold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who asks what, and where each thing that is named comes from."""

    caller: Caller
    operation: Operation
    values: Mapping[str, Any]
    whose: Mapping[str, Whose]

    @property
    def should_be_refused(self) -> set[Kind]:
        """What is named that is not the asker's own, and that the operation looks for."""
        named = self.operation.references
        return {named[name].kind for name, of in self.whose.items() if of is not Whose.OWN and named[name].refused}


WEIGHTS = {Door.REST: 10, Door.TOOL: 6, Door.SITE: 6, Door.COMMAND: 5, Door.METHOD: 2, Door.PAGE: 1}
TIME_PASSES, WHERE_IS_NOT_SAID = "time passes", "where is not said"
SECONDS = [1, 61, 16 * 60, 3_600, 86_400]


def crooked_ones(operation: Operation) -> st.SearchStrategy[str | None]:
    """Draw which reference is not to be the asker's own; mostly none, so that the walk gets somewhere."""
    return st.sampled_from([None, None, None, *operation.references])


class Walls(RuleBasedStateMachine):
    """The walk through the product, or through what has `about` in its name."""

    def __init__(self, place: Place, *doors: Door, about: str = "") -> None:
        super().__init__()
        self._about = about
        weighted_doors = [str(door) for door in doors or Door for _ in range(WEIGHTS[door])]
        self._what_happens = [*weighted_doors, TIME_PASSES, TIME_PASSES, WHERE_IS_NOT_SAID]
        self._place = place
        self._tally = place.tally
        self._worlds = place.worlds
        self.known = place.begin()
        self._steps = 0
        self._is_sound = True
        self._last_request: dict[Side, str] = {}

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        what = data.draw(st.sampled_from(self._what_happens))
        if what == TIME_PASSES:
            self._wait(data.draw(st.sampled_from(SECONDS)))
        elif what == WHERE_IS_NOT_SAID:
            self._ask_without_saying_where()
        else:
            self._ask(data, Door(what))

    def _wait(self, seconds: int) -> None:
        self._place.clock.advance(seconds=seconds)
        self._tally.beside[TIME_PASSES] += 1
        for world in (self._worlds.both, *self._worlds.alone.values()):
            world.deliver_streams()
            happened = world.sweep()
            world.deliver_streams()
            if world is self._worlds.both:
                self._tally.beside.update(happened)

    def _ask_without_saying_where(self) -> None:
        """The one answer that names both workspaces: to the one person who belongs to both."""
        operation = operation_named("GET /v1/tokens")
        ask = self._worded(Caller(side=Side.NOBODY, who=IN_BOTH, bearer=self._place.sign_in(IN_BOTH)), operation, {})
        both = self._worlds.both
        members = both.inside.workspaces.memberships(both.inside.oidc_issuer, IN_BOTH)
        answer = both.answer(ask, seed=self._steps)
        self._tally.beside[WHERE_IS_NOT_SAID] += 1
        if len(members) > 1:
            assert (answer.status, answer.code) == (400, "workspace_required")
            assert '"workspaces":["wks_quokka","wks_zebra"]' in answer.text
            marks = (mark for side in TENANTS for mark in marks_of(side, self.known[side]) if mark != side)
            assert found_in(answer.text, marks=marks, sent="") == []

    def teardown(self) -> None:
        """In the end, what is stored of each is what would be without the other; the log is the same everywhere."""
        if not self._is_sound:
            return  # a step has failed, and says it better
        for side in TENANTS:
            theirs = {**self._worlds.both.rows_of(side), **self._worlds.both.rows_of(Side.NOBODY)}
            alone = self._worlds.alone[side].engine.rows()
            differing = [key for key in theirs.keys() | alone.keys() if _kept(theirs.get(key)) != _kept(alone.get(key))]
            assert differing == [], f"rows of {side} are not those of a world without the other: {differing[:3]}"
        self._tally.walks += 1

    # --- a question -----------------------------------------------------------------------------------------------

    def _ask(self, data: st.DataObject, door: Door) -> None:
        sides = [*TENANTS, *TENANTS] + ([Side.NOBODY] if door is not Door.COMMAND else [])
        here = [each for each in OPERATIONS if each.door is door and self._about in each.name]
        often = [each for each in here if not each.seldom]
        operation, side = data.draw(st.sampled_from([*often, *often, *here])), data.draw(st.sampled_from(sides))
        answered = self.ask(data, operation, side, data.draw(crooked_ones(operation)))
        if answered and operation.name in CONFIRMED_BY and data.draw(st.booleans()):
            confirmed = CONFIRMED_BY[operation.name]
            self.ask(data, confirmed, side, data.draw(crooked_ones(confirmed)))

    def ask(
        self, data: st.DataObject, operation: Operation, side: Side, crooked_one: str | None, way: Whose | None = None
    ) -> bool:
        """Ask an operation on behalf of a side, one reference of it crooked; tell whether it was answered."""
        caller = data.draw(callers(side, operation, self.known, self._place.sign_in))
        now = self._place.clock.now
        named: dict[str, Sent] = {}
        for name, reference in operation.references.items():
            if name == crooked_one:
                ways = crooked(reference, operation, side, self.known, now)
                named[name] = data.draw(ways.get(way, weighted(ways)) if way else weighted(ways))
            elif reference.kind.is_signed and not reference.required and crooked_one is not None:
                named[name] = Sent(whose=Whose.OWN, value=LEFT_OUT)  # it would bring its own question along
            else:
                named[name] = data.draw(straight(reference, operation, side, self.known, now))
        plain = {name: part for name, part in operation.takes.items() if not isinstance(part, Reference)}
        values = {name: data.draw(part) for name, part in plain.items()}
        return self.hold(self._question(caller, operation, named, values))

    def _question(
        self, caller: Caller, operation: Operation, named: dict[str, Sent], plain: dict[str, Any]
    ) -> Question:
        values = plain | {name: sent.value for name, sent in named.items()}
        of = {name: sent.whose for name, sent in named.items()}
        for name, sent in named.items():
            if sent.signed is None:
                continue
            if sent.whose is not Whose.ELSEWHERE:  # it is sent with the question that it belongs to
                caller = self._shown(sent, caller, operation.door)
                values = sent.signed.among(values, operation) | {name: sent.value}
            elif belongs(sent.signed, operation.references[name], operation, values, caller.who):
                of[name] = Whose.OWN
        if caller.is_in_both and "header.merchant-workspace" in of:
            # Which side they ask for is what they say here; they have a rule of their own for not saying it.
            of["header.merchant-workspace"] = Whose.OWN
            values["header.merchant-workspace"] = TENANTS[caller.side].workspace_id
        values = {name: value for name, value in values.items() if value is not LEFT_OUT}
        return Question(caller=caller, operation=operation, values=values, whose=of)

    def _shown(self, sent: Sent, caller: Caller, door: Door) -> Caller:
        """Let that person confirm a change to whom it was shown, if they are of the asker's side."""
        signed = sent.signed
        if signed is None or signed.kind is not Kind.CONFIRMATION or caller.side not in TENANTS:
            return caller
        is_own = sent.whose in {Whose.OWN, Whose.STALE} or signed.who == IN_BOTH
        sign_in = session_of if door is Door.SITE else self._place.sign_in
        return member(caller.side, signed.who, sign_in) if is_own else caller

    def _worded(self, caller: Caller, operation: Operation, values: Mapping[str, Any]) -> Ask:
        tenant = TENANTS.get(caller.side)
        return worded(
            operation,
            values,
            word=caller.side,
            ip=tenant.ip if tenant else "198.51.100.99",
            bearer=caller.bearer,
            request_id=self._request_id(caller.side),
            folder=self._place.folder,
        )

    def _request_id(self, side: Side) -> str:
        """Give the gateway's id of a request; each fifth is one that the other had before, which is nothing to us."""
        fresh = f"request-{self._steps:06}"
        borrowed = self._last_request.get(OTHER.get(side, Side.ZEBRA), fresh) if self._steps % 5 == 0 else fresh
        self._last_request[side] = fresh
        return borrowed

    def hold(self, question: Question) -> bool:
        """Ask in both worlds, hold what comes back to every promise, and tell whether it was an answer."""
        self._steps += 1
        self._place.clock.advance(milliseconds=10)
        caller, operation = question.caller, question.operation
        ask = self._worded(caller, operation, question.values)
        self._is_sound = False
        answer = self._worlds.both.answer(ask, seed=self._steps)
        alone = self._worlds.alone[caller.side].answer(ask, seed=self._steps)
        self._check(question, ask, answer, alone)
        self._is_sound = True
        self._count(question, answer)
        if caller.side in TENANTS and not answer.refused:
            now = self._place.clock.now
            self.known[caller.side].learn(operation, question.values, answer.text, who=caller.who, at=now)
        return not answer.refused

    def _check(self, question: Question, ask: Ask, answer: Answer, alone: Answer) -> None:
        caller, operation = question.caller, question.operation
        assert answer.text == alone.text, f"the other is felt in what is answered\n{answer.text}\n---\n{alone.text}"
        assert answer.operations == alone.operations, "the other is felt in what the store is asked"
        assert not answer.broken, f"it broke\n{answer.text}"
        strangers = [row for row in answer.written if self._worlds.both.whose(row) is not caller.side]
        assert strangers == [], f"rows of somebody else were written: {strangers}"
        others = [OTHER[caller.side]] if caller.side in OTHER else [*TENANTS]
        marks = (mark for other in others for mark in marks_of(other, self.known[other]))
        assert found_in(answer.text, marks=marks, sent=ask.sent) == [], f"told to {caller.side}:\n{answer.text}"
        if caller.side is Side.NOBODY and not operation.public:
            assert answer.refused, f"nobody was answered\n{answer.text}"
        if caller.is_forged and not operation.public:
            before = {"request_invalid", "body_too_large", "route_unknown"}  # looked at before the credential
            shape = answer.status == 405 or answer.code in before
            # Led to the sign-in, or kept out by the walls of the pages, which come before.
            site = operation.door is Door.SITE and (answer.status in {303, 413} or NO_PAGE in answer.text)
            assert answer.status == 401 or shape or site, f"a tampered credential was not refused as one\n{answer.text}"
        if kinds := question.should_be_refused:
            assert answer.refused, f"what is not {caller.side}'s was answered\n{answer.text}"
            if isinstance(ask, HttpAsk) and ask.door is Door.REST and not operation.public:
                codes = (
                    {code for kind in kinds for code in REFUSAL_OF[kind]}
                    | SHAPE
                    | (WHO if Kind.WORKSPACE not in kinds else set[str]())
                )
                assert answer.code in codes or answer.status == 401, (
                    f"not the refusal that is documented\n{answer.text}"
                )

    def _count(self, question: Question, answer: Answer) -> None:
        caller, operation = question.caller, question.operation
        self._tally.asked[operation.door, operation.name] += 1
        self._tally.answered[operation.door, operation.name] += not answer.refused
        for name, of in question.whose.items():
            if name in question.values:
                self._tally.sent[operation.references[name].kind, of] += 1
        if caller.is_forged:
            self._tally.sent["credential", Whose.TAMPERED] += 1


def walls_of(place: Place, *doors: Door, about: str = "") -> type[Walls]:
    """Make the machine of a place: Hypothesis wants something that it calls without arguments."""

    class Here(Walls):
        def __init__(self) -> None:
            super().__init__(place, *doors, about=about)

    return Here


def _kept(row: Item | None) -> object:
    return None if row is None else {name: value for name, value in row.items() if name not in DRAWN}
