"""What each side has come to know, and which of it is sent where something of a workspace is to be named."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import unquote

from hypothesis import strategies as st

from shared.domain.token.events import TokenKind
from shared.services.credentials.token_format import new_token
from shared.services.signed import LIFETIME
from tests.data.tenants import KEYS
from tests.walls.asking import Values
from tests.walls.operations import operation_named
from tests.walls.tampering import tampered
from tests.walls.tenants import OTHER, TENANTS, Side
from tests.walls.vocabulary import LEFT_OUT, Door, Kind, Operation, Reference

T = TypeVar("T")
BASE62 = string.digits + string.ascii_letters

FOUND = {
    Kind.TOKEN: re.compile(r'(?:"id": ?"|token:|token_id=|/mcp/tokens/)([0-9A-Za-z]{16})(?![0-9A-Za-z])'),
    Kind.MEMBER: re.compile(r'"id": ?"(mem_[0-9A-Za-z]{16})"'),
    Kind.EVENT: re.compile(r'(?:"id": ?"|/activity/)([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21})"'),
    Kind.IMPORT: re.compile(r"(?<!\w)(imp_[0-9a-f]{40})(?!\w)"),
    Kind.CURSOR: re.compile(r'(?:"next_cursor": ?"|[?&;]cursor=)([A-Za-z0-9_-]+)'),
    Kind.CONFIRMATION: re.compile(r'(?:"confirmation": ?|name="confirmation" value=)"([A-Za-z0-9_-]+)"'),
}
"""How an answer tells of what may be sent later."""
BEARER = re.compile(r"mf[ps]_[0-9A-Za-z]{71}")


class Whose(StrEnum):
    """Where a reference comes from. Only the asker's own names anything."""

    OWN = "own"
    OTHER = "the other's"
    UNKNOWN = "unknown"
    TAMPERED = "tampered"
    ELSEWHERE = "of another question"
    """The asker's own cursor or confirmation, for another list, another filter, another change, or a colleague's."""
    STALE = "too old"
    """The asker's own, where it belongs, after its time."""


READ = {
    **dict.fromkeys((Kind.TOKEN, Kind.MEMBER, Kind.FORMER, Kind.EVENT, Kind.IMPORT, Kind.ALERT), unquote),
    Kind.SECRET: str.strip,
}
"""What a door does to a text before it is looked up: Mangum decodes a path that the gateway has decoded already."""
PLACE = {"query.cursor", "query.limit", "argument.cursor", "body.confirmation", "form.confirmation"}
WEIGHTS = {Whose.OTHER: 8, Whose.TAMPERED: 4, Whose.ELSEWHERE: 2, Whose.STALE: 2, Whose.UNKNOWN: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A cursor or a confirmation, and the question whose answer gave it: who asked what, and when."""

    kind: Kind
    text: str
    operation: str
    values: Values
    who: str
    at: datetime

    def is_fresh(self, now: datetime) -> bool:
        return now - self.at < LIFETIME

    def among(self, values: Values, operation: Operation) -> dict[str, Any]:
        """Put what was asked then in the place of what is asked now."""
        takes = operation_named(self.operation).takes
        own = {name: value for name, value in values.items() if name.startswith("header.") or name not in takes}
        then = {name: value for name, value in self.values.items() if not name.startswith("header.")}
        return own | {name: value for name, value in then.items() if name in operation.takes}


@dataclass(kw_only=True)
class Known:
    """What one side has seen of its own, oldest first."""

    bearers: list[str] = field(default_factory=list[str])
    """Texts of tokens."""
    tokens: list[str] = field(default_factory=list[str])
    """Their ids."""
    members: list[str] = field(default_factory=list[str])
    """Ids of those who came later."""
    events: list[str] = field(default_factory=list[str])
    """Ids of rows of the trail."""
    imports: list[str] = field(default_factory=list[str])
    """Ids of files that were announced."""
    signed: list[Signed] = field(default_factory=list[Signed])

    def learn(self, operation: Operation, values: Values, answer: str, *, who: str, at: datetime) -> None:
        """Take from an answer what may be sent again."""
        for names, found in (
            (self.tokens, FOUND[Kind.TOKEN]),
            (self.members, FOUND[Kind.MEMBER]),
            (self.events, FOUND[Kind.EVENT]),
            (self.imports, FOUND[Kind.IMPORT]),
            (self.bearers, BEARER),
        ):
            names += [one for one in dict.fromkeys(found.findall(answer)) if one not in names]
        self.signed += [
            Signed(kind=kind, text=text, operation=operation.name, values=values, who=who, at=at)
            for kind in (Kind.CURSOR, Kind.CONFIRMATION)
            for text in FOUND[kind].findall(answer)
        ]


Knowledge = Mapping[Side, Known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What is sent for one reference; of what is signed, also where it is from."""

    whose: Whose
    value: Any
    signed: Signed | None = None

    def is_fresh(self, now: datetime) -> bool:
        return self.signed is None or self.signed.is_fresh(now)


def straight(
    reference: Reference, operation: Operation, side: Side, known: Knowledge, now: datetime
) -> st.SearchStrategy[Sent]:
    """Draw something of the asker's own, or leave it out where it may be."""
    own = [sent for sent in _names(reference, operation, side, known) if sent.is_fresh(now)]
    if not reference.required and not reference.kind.is_signed:
        own = [Sent(whose=Whose.OWN, value=LEFT_OUT), *own[:1]]
    elif not reference.required:
        own = [*own, *[Sent(whose=Whose.OWN, value=LEFT_OUT)] * (len(own) + 1)]
    elif reference.kind is Kind.TOKEN:
        own = [*often(own), *own]
    return st.sampled_from(own) if own else _unknown(reference.kind)


def often(names: list[T]) -> list[T]:
    """Give those again that most likely live: the first two, until somebody ends them, and the newest."""
    return [*names[:2] * 2, *names[-2:] * 2]


def crooked(
    reference: Reference, operation: Operation, side: Side, known: Knowledge, now: datetime
) -> Mapping[Whose, st.SearchStrategy[Sent]]:
    """Give the ways to send something that is not the asker's own, or not what it was, and not where it belongs."""
    own = list(_names(reference, operation, side, known))
    others = [] if reference.chooses else _of_the_other(reference, operation, side, known)
    signed = [each for each in known[side].signed if each.kind is reference.kind]
    stale = [replace(sent, whose=Whose.STALE) for sent in own if not sent.is_fresh(now)]
    ways = {Whose.UNKNOWN: _unknown(reference.kind)}
    if others and reference.kind is not Kind.SECRET:
        ways[Whose.OTHER] = st.sampled_from(others)
    if own or others:
        read = READ.get(reference.kind, str)
        texts = {sent.value for sent in (*own, *others)}
        changed = st.sampled_from([*own, *others]).flatmap(_tampered)
        ways[Whose.TAMPERED] = changed.filter(lambda sent: read(sent.value) not in texts)
    if signed:
        anywhere = [Sent(whose=Whose.ELSEWHERE, value=each.text, signed=each) for each in signed]
        ways[Whose.ELSEWHERE] = st.sampled_from(anywhere)
    if stale:
        ways[Whose.STALE] = st.sampled_from(stale)
    return ways


def weighted(ways: Mapping[Whose, st.SearchStrategy[Sent]]) -> st.SearchStrategy[Sent]:
    """Draw one way, the more telling ones more often."""
    return st.sampled_from([way for way in ways for _ in range(WEIGHTS[way])]).flatmap(lambda way: ways[way])


def _names(reference: Reference, operation: Operation, side: Side, known: Knowledge) -> Iterator[Sent]:
    """Give what a side can name of its own."""
    tenant = TENANTS.get(side)
    match reference.kind:
        case Kind.TOKEN:
            names = known[side].tokens
        case Kind.WORKSPACE:
            names = [tenant.workspace_id] if tenant else []
        case Kind.MEMBER:
            people = [tenant.member_id(person) for person in tenant.people] if tenant else []
            names = [*people, *known[side].members]
        case Kind.FORMER:
            names = [tenant.former_id] if tenant else []
        case Kind.EVENT:
            names = known[side].events
        case Kind.IMPORT:
            names = known[side].imports
        case Kind.ALERT:
            names = [tenant.alert_id] if tenant else []
        case Kind.CONNECTOR:
            names = [tenant.connector] if tenant else []
        case Kind.SKU:
            names = [tenant.sku] if tenant else []
        case Kind.SECRET:
            names = known[side].bearers
        case Kind.CURSOR | Kind.CONFIRMATION:
            names = []
            for signed in known[side].signed:
                if signed.kind is reference.kind and signed.operation == given_by(reference, operation):
                    yield Sent(whose=Whose.OWN, value=signed.text, signed=signed)
    for name in names:
        yield Sent(whose=Whose.OWN, value=name)


def given_by(reference: Reference, operation: Operation) -> str:
    """Name the operation whose answers give what is signed for this one."""
    return reference.given_by or operation.name


def _of_the_other(reference: Reference, operation: Operation, side: Side, known: Knowledge) -> list[Sent]:
    others = [OTHER[side]] if side in OTHER else [*OTHER]
    own = {sent.value for sent in _names(reference, operation, side, known)}
    return [
        replace(sent, whose=Whose.OTHER)
        for other in others
        for sent in _names(reference, operation, other, known)
        if sent.value not in own  # the one in both is called the same in both
    ]


def _unknown(kind: Kind) -> st.SearchStrategy[Sent]:
    letters = st.text(BASE62, min_size=16, max_size=16)
    match kind:
        case Kind.TOKEN:
            names = letters
        case Kind.SECRET:
            names = letters.map(lambda token_id: new_token(TokenKind.PERSONAL, token_id, KEYS).text)
        case Kind.CURSOR | Kind.CONFIRMATION:
            names = st.text(BASE62 + "-_", min_size=60, max_size=100)
        case Kind.WORKSPACE:
            names = letters.map(lambda some: f"wks_{some}")
        case Kind.MEMBER | Kind.FORMER:
            names = letters.map(lambda some: f"mem_{some}")
        case Kind.EVENT:
            names = st.sampled_from(["019aa7a2-4600-7000-8000-000000000000", "no-event"])
        case Kind.IMPORT:
            names = st.sampled_from([f"imp_{'0a' * 20}", "no-import"])
        case Kind.ALERT:
            names = st.sampled_from(["alr_2345672345672345", "no-alert"])
        case Kind.CONNECTOR | Kind.SKU:
            names = letters.map(str.lower)
    return names.map(lambda name: Sent(whose=Whose.UNKNOWN, value=name))


def _tampered(sent: Sent) -> st.SearchStrategy[Sent]:
    changed = tampered(str(sent.value))
    return changed.map(lambda text: replace(sent, whose=Whose.TAMPERED, value=text))


def belongs(signed: Signed, reference: Reference, operation: Operation, values: Values, who: str) -> bool:
    """Tell whether what is signed may be good for this question: not for another one, nor under another filter.

    A confirmation is also one person's, and says by itself what it does not share with the question.
    """
    if signed.operation != given_by(reference, operation):
        return False
    then, now = _asked(signed.values), _asked(values)
    if reference.kind is Kind.CONFIRMATION:
        shared = then.keys() & operation.takes.keys() | now.keys() & operation_named(signed.operation).takes.keys()
        return who == signed.who and all(then.get(name) == now.get(name) for name in shared)
    if operation.door in {Door.REST, Door.SITE}:
        return then == now
    return all(then[name] == now[name] for name in then.keys() & now.keys())  # what is left out has a default


def _asked(values: Values) -> Values:
    """Give what a question asks for, apart from how much of it and from where on."""
    return {
        name: value
        for name, value in values.items()
        if name.startswith(("query.", "argument.", "body.", "form.")) and name not in PLACE and value is not LEFT_OUT
    }
