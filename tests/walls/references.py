"""What each side has come to know, and which of it is sent where something of a workspace is to be named."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from tests.walls.asking import Values
from tests.walls.operations import LEFT_OUT, Door, Kind, Operation, Reference
from tests.walls.tampering import tampered
from tests.walls.tenants import OTHER, TENANTS, Side

BASE62 = string.digits + string.ascii_letters

FOUND = {
    Kind.TOKEN: re.compile(r'(?:"id": ?"|token:|token_id=)([0-9A-Za-z]{16})(?![0-9A-Za-z])'),
    Kind.CURSOR: re.compile(r'(?:"next_cursor": ?"|[?&]cursor=)([A-Za-z0-9_-]+)'),
}
"""How an answer tells of what may be sent later."""
BEARER = re.compile(r"mf[ps]_[0-9A-Za-z]{71}")


class Whose(StrEnum):
    """Where a reference comes from. Only the asker's own names anything."""

    OWN = "own"
    OTHER = "the other's"
    UNKNOWN = "unknown"
    TAMPERED = "tampered"
    ELSEWHERE = "of another list"
    """The asker's own cursor, at another list or under another filter."""


PLACE = {"query.cursor", "query.limit", "argument.cursor"}
WEIGHTS = {Whose.OTHER: 8, Whose.TAMPERED: 4, Whose.ELSEWHERE: 2, Whose.UNKNOWN: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A cursor, and the question whose answer gave it."""

    operation: str
    values: Values
    cursor: str


@dataclass(kw_only=True)
class Known:
    """What one side has seen of its own, oldest first."""

    bearers: list[str] = field(default_factory=list[str])
    """Texts of tokens."""
    tokens: list[str] = field(default_factory=list[str])
    """Their ids."""
    cursors: list[Opened] = field(default_factory=list[Opened])

    def learn(self, operation: Operation, values: Values, answer: str) -> None:
        """Take from an answer what may be sent again."""
        self.tokens += [one for one in FOUND[Kind.TOKEN].findall(answer) if one not in self.tokens]
        self.bearers += [one for one in BEARER.findall(answer) if one not in self.bearers]
        for cursor in FOUND[Kind.CURSOR].findall(answer):
            self.cursors.append(Opened(operation=operation.name, values=values, cursor=cursor))


Knowledge = Mapping[Side, Known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What is sent for one reference; of a cursor, also where it is from."""

    whose: Whose
    value: Any
    opened: Opened | None = None


def straight(reference: Reference, operation: Operation, side: Side, known: Knowledge) -> st.SearchStrategy[Sent]:
    """Draw something of the asker's own, or leave it out where it may be."""
    own = list(_names(reference.kind, operation, side, known))
    if not reference.required and reference.kind is not Kind.CURSOR:
        own = [Sent(whose=Whose.OWN, value=LEFT_OUT), *own[:1]]
    elif not reference.required:
        own = [*own, *[Sent(whose=Whose.OWN, value=LEFT_OUT)] * (len(own) + 1)]
    return st.sampled_from(own) if own else _unknown(reference.kind)


def crooked(
    reference: Reference, operation: Operation, side: Side, known: Knowledge
) -> Mapping[Whose, st.SearchStrategy[Sent]]:
    """Give the ways to send something that is not the asker's own, or not what it was, and not where it belongs."""
    own = list(_names(reference.kind, operation, side, known))
    others = [] if reference.chooses else _of_the_other(reference.kind, operation, side, known)
    cursors = known[side].cursors if reference.kind is Kind.CURSOR else []
    ways = {Whose.UNKNOWN: _unknown(reference.kind)}
    if others:
        ways[Whose.OTHER] = st.sampled_from(others)
    if own or others:
        ways[Whose.TAMPERED] = st.sampled_from([*own, *others]).flatmap(_tampered)
    if cursors:
        anywhere = [Sent(whose=Whose.ELSEWHERE, value=each.cursor, opened=each) for each in cursors]
        ways[Whose.ELSEWHERE] = st.sampled_from(anywhere)
    return ways


def weighted(ways: Mapping[Whose, st.SearchStrategy[Sent]]) -> st.SearchStrategy[Sent]:
    """Draw one way, the more telling ones more often."""
    return st.sampled_from([way for way in ways for _ in range(WEIGHTS[way])]).flatmap(lambda way: ways[way])


def _names(kind: Kind, operation: Operation, side: Side, known: Knowledge) -> Iterator[Sent]:
    """Give what a side can name of its own."""
    tenant = TENANTS.get(side)
    match kind:
        case Kind.TOKEN:
            names = known[side].tokens
        case Kind.WORKSPACE:
            names = [tenant.workspace_id] if tenant else []
        case Kind.MEMBER:
            names = [tenant.member_id(person) for person in tenant.people] if tenant else []
        case Kind.CONNECTOR:
            names = [tenant.connector] if tenant else []
        case Kind.CURSOR:
            names = []
            for opened in known[side].cursors:
                if opened.operation == operation.name:
                    yield Sent(whose=Whose.OWN, value=opened.cursor, opened=opened)
    for name in names:
        yield Sent(whose=Whose.OWN, value=name)


def _of_the_other(kind: Kind, operation: Operation, side: Side, known: Knowledge) -> list[Sent]:
    others = [OTHER[side]] if side in OTHER else [*OTHER]
    own = {sent.value for sent in _names(kind, operation, side, known)}
    return [
        replace(sent, whose=Whose.OTHER)
        for other in others
        for sent in _names(kind, operation, other, known)
        if sent.value not in own  # the one in both is called the same in both
    ]


def _unknown(kind: Kind) -> st.SearchStrategy[Sent]:
    letters = st.text(BASE62, min_size=16, max_size=16)
    match kind:
        case Kind.TOKEN:
            names = letters
        case Kind.CURSOR:
            names = st.text(BASE62 + "-_", min_size=60, max_size=100)
        case Kind.WORKSPACE:
            names = letters.map(lambda some: f"wks_{some}")
        case Kind.MEMBER:
            names = letters.map(lambda some: f"mem_{some}")
        case Kind.CONNECTOR:
            names = letters.map(str.lower)
    return names.map(lambda name: Sent(whose=Whose.UNKNOWN, value=name))


def _tampered(sent: Sent) -> st.SearchStrategy[Sent]:
    changed = tampered(str(sent.value))
    return changed.map(lambda text: replace(sent, whose=Whose.TAMPERED, value=text))


def belongs(opened: Opened, operation: Operation, values: Values) -> bool:
    """Tell whether a cursor may be good for this question: not for another list, nor under another filter."""
    if opened.operation != operation.name:
        return False
    then, now = _asked(opened.values), _asked(values)
    if operation.door is Door.REST:
        return then == now
    return all(then[name] == now[name] for name in then.keys() & now.keys())  # what is left out has a default


def _asked(values: Values) -> Values:
    """Give what a question asks for, apart from how much of it and from where on."""
    return {
        name: value
        for name, value in values.items()
        if name.startswith(("query.", "argument.")) and name not in PLACE and value is not LEFT_OUT
    }
