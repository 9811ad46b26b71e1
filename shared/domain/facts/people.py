"""Which payees of a shop's books are people, judged by what the books say: their names are in no rollup.

Nobody tells us who is a person, so the rule errs towards hiding a name: a business that looks like one costs its
reader a little, a person who is shown cannot be hidden again. A payee is taken for a person where

- the expense is of a kind that people are paid by (wages, contractors, what the owner takes), or
- the name is two to five words, digits and signs aside,

unless a word of it is one that businesses carry and people hardly do (Inc, Ltd, bank, software, …), it joins two parts
(&, +, "and"), or it is written as an address on the web. One word alone is taken for a brand, except for an expense of
the first kind.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
"""Letters, with an apostrophe or a hyphen inside."""
_JOINED = re.compile(r"[&+]|\w{2}\.[a-z]{2,}")
_WORDS_OF_A_NAME = range(2, 6)
"""How many words a person's name has."""

_PAID_TO_PEOPLE = frozenset(
    """
    payroll salary salaries wage wages contractor contractors freelance freelancer freelancers staff employee employees
    personnel owner owners officer officers director directors bonus bonuses commission commissions labor labour
    reimbursement reimbursements
    """.split()  # noqa: SIM905 - a list to read
)
_OF_BUSINESSES = frozenset(
    """
    inc incorporated llc llp lp ltd limited plc co corp corporation company gmbh ag ug kg ohg mbh bv nv ab oy oyj as aps
    sa sas sarl srl spa pty pte holdings holding group partners associates brothers sons bros enterprises industries
    international global ventures collective cooperative foundation association society institute university college
    school academy
    ads advertising agency media marketing studio studios design designs creative print printing press publishing
    photo photography video films
    bank banking capital finance financial funding credit loans lending insurance mutual assurance trust payments
    tax taxes treasury revenue customs government ministry department council county city state municipality
    accounting bookkeeping consulting consultants advisors advisory legal firm attorneys notary audit services service
    solutions systems software cloud web hosting apps app platform platforms technologies technology tech labs data
    digital online internet network networks telecom wireless mobile phone electronics analytics security
    shop store stores market marketplace supply supplies supplier suppliers wholesale trading traders imports exports
    goods foods food coffee catering restaurant bakery cafe hotel hotels travel airlines airways air rail cab taxi
    parking fuel energy electric electricity gas water utilities waste recycling cleaning maintenance repair
    repairs construction plumbing
    logistics freight shipping express courier couriers postal parcel delivery fulfillment fulfilment warehouse
    warehousing storage transport transportation cargo movers packaging box boxes paper plastics textiles fabrics
    apparel fashion leather metals tools machines machinery equipment office offices workspace coworking
    properties property realty estate estates lofts apartments lettings rentals rental leasing lease
    health medical pharmacy clinic dental fitness
    payroll hr staffing recruiting suite pro plus premium subscription
    the of and for
    google meta facebook amazon microsoft adobe shopify stripe paypal tiktok snapchat pinterest linkedin zoom
    """.split()  # noqa: SIM905 - the same
)


def is_person(vendor: str, *, category: str | None = None, is_owner_pay: bool = False) -> bool:
    """Tell whether a payee is to be taken for a person."""
    words = _words(vendor)
    if not words or _JOINED.search(vendor) or not _OF_BUSINESSES.isdisjoint(words):
        return False
    return is_owner_pay or is_paid_to_people(category) or len(words) in _WORDS_OF_A_NAME


def is_paid_to_people(category: str | None) -> bool:
    """Tell whether a category is one by which people are paid."""
    return category is not None and not _PAID_TO_PEOPLE.isdisjoint(_words(category))


def category_without_person(category: str | None) -> str | None:
    """Leave out of a category the part under a heading that is somebody's name: `Payroll:Jane Doe` is `Payroll`."""
    heading, _, below = (category or "").rpartition(":")
    return heading if heading and is_paid_to_people(heading) and is_person(below) else category


def same_person(vendor: str) -> str:
    """Give what two spellings of a name have in common: `Doe, Jane` and `JANE DOE`."""
    return " ".join(sorted(_words(vendor)))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
