"""One line of an import becomes a fact, or is refused with the field and the rule that it breaks.

A fact has a **key**, which tells it from others of its family, source and account, and a **content hash** over its
canonical form. Two lines with one key are two versions of one fact. Nothing that names a person passes: a customer
becomes a keyed reference here, and the fields of a person are dropped.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast
from zoneinfo import ZoneInfo

from shared.domain.facts import values
from shared.domain.facts.checks import CHECKS
from shared.domain.facts.customers import customer_ref
from shared.domain.facts.families import UNDATED_FAMILIES, Family
from shared.domain.facts.fields import FIELDS, ID, KEYS, NEVER_AHEAD, TIMED, Field
from shared.domain.facts.people import is_named, naming_words
from shared.domain.facts.text import REDACTED
from shared.domain.facts.values import Stored, WrongValue, inside

Line = Mapping[str, object]

COMMON = frozenset({"type", "source", "account", "deleted"})
PERSON_FIELDS = frozenset(
    {"name", "first_name", "last_name", "phone", "address", "street", "city", "postcode", "ip", "note"}
)
"""May stand beside a customer's `id` and `email`, as systems export them; none is kept, nor a text with the name."""
MOST_ITEMS = 1_000
LONGEST_ADDRESS = 320
KEY_SEPARATOR = "\x1f"
"""No id can hold it: ids are printable."""
HASH_BYTES = 16
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a line does not say itself because the whole file says it, or the workspace."""

    source: str | None
    account: str
    currency: str
    zone: ZoneInfo
    last_day: str
    """The local day of the export."""
    customer_key: bytes


@dataclass(frozen=True, slots=True)
class Fact:
    """One version of a fact, or (deleted) the statement that there is none any more."""

    family: Family
    source: str
    account: str
    key: str
    day: str | None
    deleted: bool
    body: str
    """Canonical JSON of its stored fields; `{}` if it is deleted."""

    @property
    def month(self) -> str | None:
        """The month of its bucket; None for families without one."""
        return None if self.day is None or self.family in UNDATED_FAMILIES else self.day[:7]

    def content_hash(self) -> str:
        """Hash what it says, so that a version that says the same again is known."""
        said = f"deleted\n{self.day}" if self.deleted else f"{self.day}\n{self.body}"
        return hashlib.blake2b(said.encode(), digest_size=HASH_BYTES).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What a line (or an element of its list) may hold."""

    readers: Mapping[str, tuple[values.Reader, Stored]]
    """Name -> what reads the value, and what a missing one means."""
    required: tuple[str, ...]
    beside: frozenset[str]
    """Names that are read elsewhere."""


def read_line(line: Line, context: Context) -> Fact:
    """Read one line.

    Raises:
        WrongValue: it breaks a rule; nothing of it is to be used.

    """
    family = _family(line)
    deleted = _flag(line, "deleted")
    source = _common(line, "source", context.source, values.source)
    account = _common(line, "account", context.account, values.identifier)
    stored = _read_fields((_DELETED_FORMS if deleted else _FORMS)[family], line)
    day = _read_day(family, line, stored, context)
    if not deleted:
        if family is Family.ORDER and line.get("customer") is not None:
            stored["customer"] = customer_ref(
                context.customer_key, inside("customer", _read_identity, line["customer"])
            )
            _redact_names(stored, line["customer"])
        if "currency" in _FORMS[family].readers:
            stored.setdefault("currency", context.currency)
        if family in CHECKS:
            CHECKS[family](stored)
    key = KEY_SEPARATOR.join(str(day if name == "date" else stored.get(name, "")) for name in KEYS[family])
    body = "{}" if deleted else _CANONICAL.encode(stored)
    return Fact(family, source, account, key, day, deleted, body)


def _family(line: Line) -> Family:
    name = line.get("type")
    if name is None:
        raise WrongValue("field_missing", "is missing", field="type")
    if not isinstance(name, str) or name not in _FAMILIES:
        raise WrongValue("unknown_type", f"must be one of: {', '.join(Family)}", field="type")
    return _FAMILIES[name]


def _flag(line: Line, name: str) -> bool:
    value = line.get(name)
    return False if value is None else inside(name, values.flag, value)


def _common(line: Line, name: str, default: str | None, read: values.Reader) -> str:
    value = line.get(name)
    if value is None:
        if default is None:
            raise WrongValue("field_missing", "is missing here and in the first line of the file", field=name)
        return default
    return str(inside(name, read, value))


def _read_fields(form: _Form, line: Line) -> dict[str, Stored]:
    stored: dict[str, Stored] = {}
    for name, value in line.items():
        known = form.readers.get(name)
        if known is None:
            if name in form.beside:
                continue
            raise WrongValue("unknown_field", "is not a field of this type of line", field=shown_name(name))
        if value is None:
            continue
        read, default = known
        # Written out, as in `_read_items`: a call of `inside` would cost more than most values do.
        try:
            found = read(value)
        except WrongValue as wrong:
            raise wrong.within(name) from None
        if found is not None and found != default:
            stored[name] = found
    for name in form.required:
        if name not in stored:
            raise WrongValue("field_missing", "is missing", field=name)
    return stored


def _read_items(kind: str, form: _Form, value: object) -> list[Stored]:
    if not isinstance(value, list):
        raise WrongValue("wrong_type", f"must be a {kind}")
    elements = cast("list[object]", value)
    if len(elements) > MOST_ITEMS:
        raise WrongValue("out_of_range", f"must not have more than {MOST_ITEMS:,} elements")
    items: list[Stored] = []
    for element in elements:
        try:
            items.append(_read_item(form, element))
        except WrongValue as wrong:
            raise wrong.within(str(len(items))) from None
    return items


def _read_item(form: _Form, element: object) -> dict[str, Stored]:
    if not isinstance(element, dict):
        raise WrongValue("wrong_type", "must be an object")
    return _read_fields(form, cast("Line", element))


def _read_day(family: Family, line: Line, stored: dict[str, Stored], context: Context) -> str | None:
    if family is Family.COST:
        return cast("str", stored["effective_from"])
    if family in UNDATED_FAMILIES:
        return None
    day_given, moment_given = line.get("date"), line.get("at") if family in TIMED else None
    name = "date" if moment_given is None else "at"
    if day_given is not None and moment_given is not None:
        raise WrongValue("two_dates", "must not stand beside `date`", field="at")
    if day_given is None and moment_given is None:
        raise WrongValue("field_missing", "is missing", field=name)
    if moment_given is None:
        day = inside(name, values.day, day_given)
    else:
        moment = inside(name, values.moment, moment_given)
        stored["at"] = values.microseconds(moment)
        day = moment.astimezone(context.zone).date().isoformat()
    if family in NEVER_AHEAD and day > context.last_day:
        raise WrongValue("after_export", "lies after the day of the export", field=name)
    return day


def _read_identity(value: object) -> str:
    """Find what a customer is known by: the e-mail address before the platform's id."""
    if not isinstance(value, dict):
        return _read_email(value) if isinstance(value, str) and "@" in value else values.hidden_identifier(value)
    person = cast("dict[str, object]", value)
    for name in person:
        if name not in PERSON_FIELDS and name not in {"id", "email"}:
            raise WrongValue("unknown_field", "is not a field of a customer", field=shown_name(name))
    if (email := person.get("email")) is not None:
        return inside("email", _read_email, email)
    if (platform_id := person.get("id")) is not None:
        return inside("id", values.hidden_identifier, platform_id)
    raise WrongValue("field_missing", "must have an `email` or an `id`")


def _redact_names(stored: dict[str, Stored], customer: object) -> None:
    """Take out of an order the texts that hold the name of who bought."""
    if not isinstance(customer, dict):
        return
    person = cast("dict[str, object]", customer)
    names = [str(person.get("name") or ""), f"{person.get('first_name') or ''} {person.get('last_name') or ''}"]
    for field in _ORDER_TEXTS:
        if text := stored.get(field):
            words = naming_words(str(text))
            if any(is_named(words, name) for name in names):
                stored[field] = REDACTED


def _read_email(value: object) -> str:
    if not isinstance(value, str) or "@" not in value or len(value) > LONGEST_ADDRESS:
        raise WrongValue("wrong_email", "must be an e-mail address")
    return value


def shown_name(name: str) -> str:
    """Show the name of a field that is none, unless it looks like no name: then it may be a value that slipped."""
    return name if _NAME.fullmatch(name) else "?"


def _form(fields: tuple[Field, ...], *, beside: frozenset[str] = frozenset()) -> _Form:
    return _Form(
        readers={field.name: (_reader(field), field.default) for field in fields},
        required=tuple(field.name for field in fields if field.required),
        beside=beside,
    )


def _reader(field: Field) -> values.Reader:
    return partial(_read_items, field.kind.name, _form(field.items)) if field.items else field.kind.read


def _all_fields(family: Family) -> tuple[Field, ...]:
    own = FIELDS[family]
    return (Field(name="id", kind=ID, about="", required=True), *own) if "id" in KEYS[family] else own


def _beside(family: Family) -> frozenset[str]:
    dates = () if family in UNDATED_FAMILIES else ("date", "at") if family in TIMED else ("date",)
    return COMMON.union(dates)


_FAMILIES = {str(family): family for family in Family}
_FORMS = {
    family: _form(_all_fields(family), beside=_beside(family).union(["customer"] if family is Family.ORDER else []))
    for family in Family
}
_ORDER_TEXTS = tuple(field.name for field in FIELDS[Family.ORDER] if field.kind.name == "text")
_DELETED_FORMS = {
    family: _form(tuple(field for field in _all_fields(family) if field.name in KEYS[family]), beside=_beside(family))
    for family in Family
}
