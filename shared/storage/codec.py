"""Events to what is stored and back, for as long as a row lives.

An event is stored under its dotted `type`, never under the name of a class, with the version of its shape. When a shape
changes (a field is added, a value is written otherwise), the old one keeps its number and its example in
`events/stored`, and one more upcaster turns its rows into the next shape when they are read. Rows are never rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, ClassVar, Protocol, cast, get_args, get_origin, get_type_hints

from shared.domain.activity import CallEvent
from shared.domain.alerts.alert import AlertAcknowledged
from shared.domain.facts.imports import ImportEvent
from shared.domain.facts.settings import SettingsChanged
from shared.domain.moments import moment
from shared.domain.token.events import TokenEvent
from shared.domain.token.wording import without_tokens
from shared.domain.trail.events import TrailEvent
from shared.domain.workspace.events import WorkspaceEvent
from shared.storage.engine import Value

Data = dict[str, Value]
"""The fields of an event as stored, but for `type` and `at`, which stand in the envelope."""

Upcaster = Callable[[Data], Data]
"""Turns the stored fields of one version of an event into those of the next."""


class Event(Protocol):
    """What every event is: a dataclass that says what happened, and when."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def type(self) -> str:
        """The dotted name."""
        ...

    @property
    def at(self) -> datetime:
        """When it happened."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An event in stored form."""

    type: str
    version: int
    at: str
    data: Data


class UnknownEvent(Exception):
    """A row holds an event that this program does not know: a newer one wrote it."""


class Codec:
    """Writes and reads the events that it was given, all of them frozen dataclasses with `type` and `at`."""

    def __init__(self, events: Iterable[Any], *, upcasters: Mapping[str, Sequence[Upcaster]] | None = None) -> None:
        """Know these event classes (or unions of them).

        `upcasters[type]` has one function for each step of that event's shape: the first makes version 2 of version 1.
        """
        classes = [cls for event in events for cls in get_args(event) or (event,)]
        self._classes: dict[str, type] = {get_args(_hints(cls)["type"])[0]: cls for cls in classes}
        self._upcasters = dict(upcasters or {})

    def types(self) -> frozenset[str]:
        """Name the events that are known."""
        return frozenset(self._classes)

    def version(self, type_: str) -> int:
        """Give the version of the shape in which an event is written today."""
        return 1 + len(self._upcasters.get(type_, ()))

    def encode(self, event: Event) -> Stored:
        """Write an event in its newest shape."""
        data = {f.name: written(getattr(event, f.name)) for f in fields(event) if f.name not in {"type", "at"}}
        return Stored(type=event.type, version=self.version(event.type), at=moment(event.at), data=data)

    def decode(self, stored: Stored) -> Event:
        """Read an event of any shape that it ever had.

        Raises:
            UnknownEvent: its type or its version is from a later day.

        """
        cls = self._classes.get(stored.type)
        if cls is None or stored.version > self.version(stored.type):
            raise UnknownEvent(f"{stored.type} version {stored.version}")
        return cast("Event", read_fields(cls, {**self.upcast(stored), "at": stored.at}))

    def upcast(self, stored: Stored) -> Data:
        """Bring the fields of a stored event into the newest shape; what a newer program wrote stays as it is."""
        data = dict(stored.data)
        for upcaster in self._upcasters.get(stored.type, ())[stored.version - 1 :]:
            data = upcaster(data)
        return data


def storable(text: str) -> str:
    """Replace what no event may hold: tokens, and halves of surrogate pairs, which JSON can carry in from outside."""
    if not text.isascii():
        text = text.encode(errors="replace").decode()
    # Each call of an agent comes here a dozen times, and hardly a text gets past the first look.
    return without_tokens(text) if "mf" in text else text


def written(value: object) -> Value:
    """Write a value of an event as a value of an attribute."""
    match value:
        case StrEnum():
            return value.value
        case str():
            return storable(value)
        case None | bool() | int():
            return value
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case frozenset() | tuple() | list():
            values = [written(each) for each in cast("Iterable[object]", value)]
            return sorted(values, key=str) if isinstance(value, frozenset) else values
        case Mapping():
            named = cast("Mapping[str, object]", value)
            return {storable(name): written(each) for name, each in named.items()}
        case _ if is_dataclass(value):
            return {f.name: written(getattr(value, f.name)) for f in fields(value)}
        case _:
            raise TypeError(f"an event cannot hold {type(value).__name__}")


def read_fields(cls: type, data: Mapping[str, Any]) -> object:
    """Make a dataclass of stored fields; one that is not stored takes its default."""
    hints = _hints(cls)
    return cls(
        **{
            f.name: _read(hints[f.name], data[f.name])
            for f in fields(cls)
            if f.name in data or (f.default is MISSING and f.default_factory is MISSING)
        }
    )


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _read(hint: Any, value: Any) -> object:  # noqa: ANN401  # an annotation may be anything, and so may JSON
    """Read a stored value as what the annotation of its field says."""
    if value is None:
        return None
    arguments = get_args(hint)
    origin = get_origin(hint) or hint
    if NoneType in arguments:
        (hint,) = (each for each in arguments if each is not NoneType)
        return _read(hint, value)
    if origin in {date, datetime}:
        return origin.fromisoformat(value)
    if origin is frozenset:
        return frozenset(_read(arguments[0], each) for each in value)
    if origin in {tuple, Sequence}:
        return tuple(_read(_element(arguments, place), each) for place, each in enumerate(value))
    if origin is Mapping:
        return {name: _read(arguments[1], each) for name, each in value.items()}
    if isinstance(origin, type) and is_dataclass(origin):
        return read_fields(origin, value)
    return origin(value) if isinstance(origin, type) and issubclass(origin, StrEnum) else value


def _element(arguments: tuple[Any, ...], place: int) -> Any:  # noqa: ANN401  # as above
    """Give the annotation of one element: `tuple[X, ...]` and `Sequence[X]` have one for all."""
    return arguments[0] if len(arguments) == 1 or arguments[1] is ... else arguments[place]


UPCASTERS: Mapping[str, Sequence[Upcaster]] = {
    "token.created": (lambda data: {**data, "predecessor_id": None},),  # before rotation no token had one
}

EVENTS = Codec(
    (TokenEvent, WorkspaceEvent, CallEvent, TrailEvent, ImportEvent, SettingsChanged, AlertAcknowledged),
    upcasters=UPCASTERS,
)
"""Every event of the product."""
