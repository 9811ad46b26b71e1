"""Field names that ask for a person: they are refused by name, though no such field is held."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_OF_PEOPLE = frozenset(
    {
        *("customer", "buyer", "recipient", "person", "user", "owner", "employee"),
        *("email", "mail", "phone", "mobile", "telephone", "fax", "contact"),
        *("address", "street", "city", "zip", "postcode", "postal", "billing", "ip", "latitude", "longitude"),
        *("note", "notes", "comment", "firstname", "lastname", "fullname", "surname", "birthday", "birthdate"),
        *("gender", "iban", "card"),
    }
)
_OF_THINGS = frozenset(
    {"campaign", "account", "ad", "adset", "group", "platform", "product", "variant", "category", "vendor", "order"}
)
"""What has a name, and is nobody."""


def asks_for_a_person(field: str) -> bool:
    """Tell whether a field's name speaks of a person: `customer`, `Billing Name`, `e-mail`, `shippingAddress`."""
    words = {word.casefold() for word in _WORD.findall(field)}
    return bool(words & _OF_PEOPLE) or ("name" in words and not words & _OF_THINGS)
