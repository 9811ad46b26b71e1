"""Invented people, each planted in one place alone, and the search for what is left of any of them."""

from __future__ import annotations

import base64
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote_plus

STEM = "Quorvelstamm"
"""Every surname begins so, and nothing else anywhere does."""
_SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
_TELEPHONE = re.compile(r"(?<![0-9a-z])(?:\+?1[ .-]?)?\(?415\)?[ .-]?550[ .-]?\d{4}(?![0-9a-z])")
_POSTCODE = re.compile(r"qx7\d{4}zz")
_ADDRESS = re.compile(r"198\.51\.100\.\d+")
_ESCAPES = re.compile(r"\\+u([0-9a-fA-F]{4})")
_NAME = re.compile(rf"[a-z]*{STEM.casefold()}[a-z]*")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who stands in one cell or field."""

    number: int

    @property
    def surname(self) -> str:
        return STEM + "".join(_SYLLABLES[self.number // 70**place % 70] for place in (1, 0))

    @property
    def name(self) -> str:
        return f"Zo\u00eb {self.surname}"

    @property
    def email(self) -> str:
        return f"zoe.{self.surname}@{self.surname}-mail.example"

    @property
    def phone(self) -> str:
        return f"+1 415 550 {self.number:04}"

    @property
    def contact(self) -> str:
        """Ways to reach them without a word that could only be a name."""
        return f"for {self.email}, call ({self.phone[3:6]}) 550-{self.number:04} or 1415550{self.number:04}"

    @property
    def fields(self) -> dict[str, str]:
        return {
            "email": self.email,
            "name": self.name,
            "first_name": "Zo\u00eb",
            "last_name": self.surname,
            "phone": self.phone,
            "address": f"{self.number} {self.surname} Street",
            "street": f"{self.number} {self.surname} Street",
            "city": f"{self.surname}ville",
            "postcode": f"QX7{self.number:04}ZZ",
            "ip": f"198.51.100.{self.number % 256}",
            "note": f"ring twice, {self.surname} is deaf",
        }

    @property
    def everything(self) -> str:
        """All of it in one cell."""
        return ", ".join(self.fields.values())


MARKS_A_PERSON = len(Person(0).fields)


def found_in(text: str) -> set[str]:
    """Give what of any person stands in a text, however it is written there."""
    found: set[str] = set()
    for spelling in _spellings(text):
        found.update(_NAME.findall(spelling))
        for pattern in (_TELEPHONE, _POSTCODE, _ADDRESS):
            found.update(pattern.findall(spelling))
    return found | {part for part in _IN_BASE64 if part in text}


def _spellings(text: str) -> list[str]:
    unescaped = _ESCAPES.sub(lambda code: chr(int(code[1], 16)), text)
    spelled = {text, unescaped, unquote_plus(text), text[::-1]}
    return [unicodedata.normalize("NFC", each).casefold() for each in spelled]


def _in_base64(text: str) -> list[str]:
    """Give what base64 makes of a text wherever it stands: it may begin at any of three places in a group."""
    return [
        base64.b64encode(b"x" * place + text.encode()).decode()[-(-place * 4 // 3) + 1 : -4].strip("=")
        for place in range(3)
    ]


_IN_BASE64 = [part for spelled in (STEM, STEM.lower(), STEM.upper()) for part in _in_base64(spelled)]
