"""Files of every format with a person in every column: rows that are taken in, and rows that are not."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import count
from typing import Any

from shared.domain.facts.families import Family
from shared.domain.facts.fields import FIELDS, Column
from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.formats.format import Format
from tests.transports.privacy.people import Person
from tests.transports.privacy.plain_rows import PLAIN, PLANTINGS, Planting

ROWS_FOR_A_BAD_ONE = 25
"""A file of which more is bad is refused whole."""
SAID_TO_BE_PERSONAL = ("Contact e-mail", "Mobile number", "Street address", "Recipient name", "Customer notes", "IP")
NAMED_IN = {"shopify_orders": "billing name", "quickbooks_journal": "customer", "quickbooks_ledger": "employee"}
"""Columns of their own that tell of persons; where a format has none, one may stand beside its own."""
UNKNOWN = ("Mystery", "Colour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A file, and how many people stand in it."""

    format: str
    file_name: str
    content: bytes
    people: int


def planted_files() -> Iterator[Planted]:
    """Write a file of each format, and one of NDJSON."""
    numbers = count(1)
    for format_ in FORMATS:
        yield _sheet(format_, PLANTINGS[format_.name], numbers)
    yield _ndjson(numbers)


def _sheet(format_: Format, planting: Planting, numbers: Iterator[int]) -> Planted:
    """Write rows with a person in every column that becomes nothing, and for each that is read one with them there."""
    read = list(planting.row(0))
    beside = [*sorted(_beside(format_)), *SAID_TO_BE_PERSONAL, *UNKNOWN, Person(next(numbers)).name]
    first = next(numbers)
    people = {header: Person(number) for number, header in enumerate([*beside, *read], first)}
    for _ in range(len(people) - 1):
        next(numbers)
    bad = [(header, text) for header in read if header for text in _texts(header, people[header], planting)]
    rows = [dict(planting.row(number)) for number in range(1, len(bad) * ROWS_FOR_A_BAD_ONE)]
    for place, (header, text) in enumerate(bad):
        rows[place * ROWS_FOR_A_BAD_ONE][header] = text
        for row in rows[place * ROWS_FOR_A_BAD_ONE :][:2]:  # one that may be bad, and one that is good
            row.update({name: people[name].everything for name in beside})
    told = _told_beside(format_, read, numbers)
    for place, (header, person) in enumerate(told.items()):
        row = rows[place * ROWS_FOR_A_BAD_ONE + 2]  # behind those two
        row.update({header: f"{person.surname}, Zo\u00eb", NAMED_IN.get(format_.name, "Recipient name"): person.name})
    written = StringIO()
    sheet = csv.DictWriter(written, [*read, *beside])
    sheet.writeheader()
    sheet.writerows(rows)
    owner = Person(next(numbers))
    return Planted(
        format=format_.name,
        file_name=f"{format_.name} of {owner.email} {owner.phone}.csv",
        content=written.getvalue().encode(),
        people=len(people) + len(told) + 2,
    )


def _told_beside(format_: Format, read: Sequence[str], numbers: Iterator[int]) -> Mapping[str, Person]:
    """Give each column of free text somebody whom another column of the row names."""
    return {header: Person(next(numbers)) for header in read if header.casefold() in format_.texts}


def _beside(format_: Format) -> frozenset[str]:
    return (format_.personal | format_.unneeded) - {folded.casefold() for folded in PLANTINGS[format_.name].row(0)}


def _texts(header: str, person: Person, planting: Planting) -> Sequence[str]:
    """Give what is planted in a column that is read."""
    folded = header.casefold()
    named = (planting.named or {}).get(folded)
    texts = [named.format(person.name)] if named else []
    texts += [person.contact] if folded in planting.texts else []
    return texts or [person.everything, person.email]


def _ndjson(numbers: Iterator[int]) -> Planted:
    """Write a line for each text of each family, for each id and for whoever buys."""
    first = next(numbers)
    people: list[Person] = []

    def somebody() -> Person:
        people.append(Person(first + len(people)))
        return people[-1]

    lines: list[dict[str, Any]] = []
    for family, fields in FIELDS.items():
        plain = PLAIN[family]
        for place, field in enumerate(fields):
            if field.kind.column is not Column.TEXT:
                continue
            person = somebody()
            planted = [person.contact] if field.kind.name == "text" else [person.everything, person.email]
            lines += [{**plain, **_another(family, place), field.name: text} for text in planted]
        lines += [
            {**plain, "id": somebody().email},
            {**plain, "account": somebody().email},
            {**plain, "source": somebody().email},
            {**plain, somebody().name: 1},
            {**plain, somebody().email: 1},
        ]
    lines += [
        {**PLAIN[Family.ORDER], "id": "c1", "customer": somebody().fields},
        {**PLAIN[Family.ORDER], "id": "c2", "customer": somebody().email},
        {**PLAIN[Family.ORDER], "id": "c3", "customer": {"id": somebody().name}},
        _bought_through_themselves("c5", somebody()),
        {**PLAIN[Family.ORDER], "id": "c4", "customer": {somebody().name: 1}},
    ]
    good = [{**PLAIN[Family.ORDER], "id": f"o{number}"} for number in range(len(lines) * ROWS_FOR_A_BAD_ONE)]
    header = {"type": "export", "schema": 1, "exported_at": "2026-11-20T12:00:00Z", "source": "shop"}
    for _ in people[1:]:
        next(numbers)
    owner = Person(next(numbers))
    return Planted(
        format="ndjson",
        file_name=f"facts of {owner.email}.ndjson",
        content="".join(json.dumps(line) + "\n" for line in [header, *good, *lines]).encode(),
        people=len(people) + 1,
    )


def _bought_through_themselves(id_: str, person: Person) -> dict[str, Any]:
    customer = {"id": id_, "first_name": "Zo\u00eb", "last_name": person.surname}
    return {**PLAIN[Family.ORDER], "id": id_, "customer": customer, "channel": f"store of {person.name}"}


def _another(family: Family, place: int) -> Mapping[str, Any]:
    """Make the line one of its own key, where its family has ids."""
    return {"id": f"{family}-{place}"} if "id" in PLAIN[family] else {}
