"""Every kind of row that the core table has is carried over, or is named as one that stays behind."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from shared.storage import rows
from shared.storage.rows import restoration

CARRIED = frozenset(
    {
        "WORKSPACES {ws}",
        "W#{ws} STATE",
        "W#{ws} E#{version:08}",
        "P#{sha256 of issuer, subject} W#{ws}",
        "W#{ws}#TOKENS {created ms:013}#{id}",
        "W#{ws}#CONTACTS {member_id}",
        "W#{ws}#PEOPLE {who}",
        "W#{ws}#TRAIL DAY#{yyyy-mm-dd}",
        "W#{ws}#LIMIT {subject}",
        "SEAL#{ws} HEAD",
        "TOK#{id} STATE",
        "TOK#{id} E#{version:08}",
        "TOK#{id} USE",
    }
)
LEFT = {
    "SESSION#{sha256 of the cookie} SESSION": "somebody may have ended it since",
    "CODE#{sha256 of the code} CODE": "its minutes are over, and it may have been used since",
    "IDEM#{caller} {sha256 of the key}": "what it was used for may not be there any more",
    "NOTICE#{event id} TOPIC,": "no event that is carried over is told again",
    "TAMPER#{ws} {yyyy-mm-ddThh}": "it was told, and stands in the trail",
    "SEAL#DUE {minute}#{ws}#{day}": "every day since is marked anew",
    "CALLS#DUE {minute}#{ws}#{name}": "calls that were under way then are nobody's any more",
    "I#{ws}#{import} E#{version:08}": "events of imports are read in the trail alone",
}
WORD = r"(?:\{[^}]*\}|\S)+"
DRAWN = re.compile(rf"(?:\s*core\s+|\s{{7,11}})(?P<pk>[A-Z]{WORD})\s+(?P<sk>{WORD})")
"""A line of a docstring that draws a row: the table stands before the first one alone, and what begins further in goes
on with the partition of the line before."""


def kinds() -> set[str]:
    """Read the kinds of core rows off the docstrings of the stores, which draw them."""
    found: set[str] = set()
    for file in Path(str(rows.__path__[0])).glob("*.py"):
        table = ""
        for line in (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").splitlines():
            if named := re.match(r"\s*(core|audit|facts|due)\s{2,}", line):
                table = named[1]
            elif not line.strip():
                table = ""
            if table == "core" and (drawn := DRAWN.match(line)):
                found.add(f"{drawn['pk']} {drawn['sk']}")
    return found


def test_every_kind_of_row_is_carried_over_or_stays_behind_for_a_reason() -> None:
    assert kinds() == CARRIED | LEFT.keys()


def test_what_is_carried_over_is_what_its_docstring_says() -> None:
    said = restoration.__doc__ or ""

    assert [kind for kind in CARRIED if kind.partition("{")[0].rstrip("#").split("#")[0] not in said] == []
