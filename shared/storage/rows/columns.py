"""Columns of whole numbers in few bytes: the sums of thousands of things, which are read many at a time.

A document of few things is JSON. In a longer one, JSON that names the things is the first line, and behind it the
numbers of each column lie in **planes**: the lowest byte of every number, then the next byte of every number, as many
as its largest needs. They are counted from the column's lowest in steps of its greatest common divisor, as amounts are
whole cents more often than not. That packs to two thirds of what digits do, and is read without a look at each number.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from math import gcd
from typing import Any

from shared.domain.facts.parts import compact_json
from shared.storage.rows.packing import LEVEL

FEW = 20
"""So many things cost one unit to read anyway, and people can read JSON."""
NUMBER_BYTES = 8


def packed_columns(keys: Sequence[str], columns: Mapping[str, Sequence[int]]) -> str:
    """Pack what the columns say of each key."""
    if len(keys) <= FEW:
        return compact_json({"keys": list(keys), "columns": {name: list(column) for name, column in columns.items()}})
    plain: dict[str, Sequence[int]] = {}
    forms: dict[str, Sequence[int]] = {}
    planes: list[bytes] = []
    for name, column in sorted(columns.items()):
        lowest = min(column)
        step = gcd(*(number - lowest for number in column)) or 1
        width = -(-((max(column) - lowest) // step).bit_length() // 8)
        if width > NUMBER_BYTES:
            plain[name] = list(column)
            continue
        data = struct.pack(f"<{len(column)}Q", *((number - lowest) // step for number in column))
        forms[name] = (lowest, step, width)
        planes += (data[place::NUMBER_BYTES] for place in range(width))
    head = compact_json({"keys": list(keys), "columns": plain, "planes": forms})
    return base64.b64encode(zlib.compress(b"\n".join((head.encode(), b"".join(planes))), LEVEL)).decode()


def unpacked_columns(document: str) -> tuple[Sequence[str], Mapping[str, Sequence[int]]]:
    """Give the keys and the columns again."""
    whole = document.encode() if document.startswith("{") else zlib.decompress(base64.b64decode(document))
    head, _, planes = whole.partition(b"\n")
    told: dict[str, Any] = json.loads(head)
    keys, columns = told["keys"], told["columns"]
    first = 0
    for name, (lowest, step, width) in sorted(told.get("planes", {}).items()):
        data = bytearray(NUMBER_BYTES * len(keys))
        for place in range(width):
            data[place::NUMBER_BYTES] = planes[first : first + len(keys)]
            first += len(keys)
        numbers = struct.unpack(f"<{len(keys)}Q", data)
        columns[name] = numbers if (lowest, step) == (0, 1) else [lowest + step * number for number in numbers]
    return keys, columns
