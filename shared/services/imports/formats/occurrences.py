"""Ids for rows that have none: what a row says, and the how-manieth of its day it is that says so.

Such an id stands as long as a file holds a day whole: the same rows get the same ids in whatever file they come.
"""

from __future__ import annotations

import hashlib
from typing import TypedDict, cast

from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.format import Reading

MOST_A_DAY = 5_000
"""Different rows of one day; what is remembered of a file has to stay small."""
_ID_BYTES = 12


def nth_id(reading: Reading, place: str, day: str, *said: str) -> str:
    """Make the id of a row; the days of one place (a file, a section of it) must follow each other, up or down.

    Where rows tell their moment, it stands for the day.

    Raises:
        WrongValue: the day comes back after another, so that its rows cannot be counted; or it has too many.

    """
    digest = keyed_digest(reading, day, *said)
    seen = _seen_that_day(reading, place, day)
    if digest not in seen and len(seen) == MOST_A_DAY:
        raise WrongValue("day_too_long", f"A day must not have more than {MOST_A_DAY:,} different rows.")
    seen[digest] = seen.get(digest, 0) + 1
    return f"{digest}-{seen[digest]}"


def keyed_digest(reading: Reading, *said: str) -> str:
    """Make of what a row says something that tells nothing of it, but that it is the same.

    It is keyed, because accounts and descriptions may name people, and a plain hash can be tried against their names.
    """
    text = "\x1f".join(said).encode()
    return hashlib.blake2b(text, key=reading.customer_key, digest_size=_ID_BYTES).hexdigest()


class _Now(TypedDict):
    place: str
    day: str
    falling: bool | None
    seen: dict[str, int]


def _seen_that_day(reading: Reading, place: str, day: str) -> dict[str, int]:
    now = cast("_Now | None", reading.carry.get("now"))
    if now is None or now["place"] != place:
        now = _Now(place=place, day=day, falling=None, seen={})
    elif now["day"] != day:
        falling = day < now["day"]
        if now["falling"] not in {None, falling}:
            raise WrongValue("not_sorted", "must not come back after another: sort the export by date", field="date")
        now = _Now(place=place, day=day, falling=falling, seen={})
    reading.carry["now"] = now
    return now["seen"]
