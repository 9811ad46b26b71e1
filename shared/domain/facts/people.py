"""Which payees of a shop's books are people, judged by what the books say: their names are in no rollup.

Nobody tells us who is a person, so the rule errs towards hiding a name: a business that looks like one costs its
reader a little, a person who is shown cannot be hidden again. A payee is taken for a person where

- the expense is of a kind that people are paid by (wages, contractors, what the owner takes), or
- the name is two to six words, digits and signs aside, or one of a script without spaces,

unless it has a word that businesses carry and people do not (Inc, Ltd, software, …) or is written as an address on the
web. Words that people are called by, too (bank, travel, sa, …), tell a business only if all its words are of that kind,
or, where people are not paid by the expense, there are three at least. One word alone is taken for a brand, except for
an expense of the first kind.

Below the headings of a category, too, a part that looks like a person's name is left out. In the path of an account
the words of books (draw, loan, payroll, fees) tell nothing: a part is a name if what is left without them is one, and
one word is enough where the account is of what people are paid by, lend or own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from shared.domain.facts.text import REDACTED
from shared.domain.text import shortened

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
"""Letters, with an apostrophe or a hyphen inside."""
_ADDRESS = re.compile(
    r"\w{2}\.(?:com|net|org|io|co|ai|app|dev|shop|store|online|us|ca|uk|eu|de|at|ch|fr|nl|it|es)\b", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST_TOLD = 480
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,6}")
"""A name in Chinese, Japanese or Korean."""
_COMPANY_WITHOUT_SPACES = re.compile("公司|会社|會社|银行|銀行|은행|회사")
_PARTS = re.compile(r"\s*:\s*|\s+[-/|\u2013\u2014]\s+")
_WORDS_OF_A_NAME = range(2, 7)
"""How many words a person's name has."""
_TELLING = 3
"""Of so many words, one that a person may be called is enough to tell a business."""

_PAID_TO_PEOPLE = frozenset(
    """
    payroll salary salaries wage wages contractor contractors freelance freelancer freelancers staff employee employees
    personnel owner owners officer officers director directors bonus bonuses commission commissions labor labour
    reimbursement reimbursements owner's officer's director's employee's contractor's
    """.split()  # noqa: SIM905 - a list to read
)
_OF_BUSINESSES = frozenset(
    """
    inc incorporated llc llp ltd limited plc corp corporation company gmbh mbh oyj pty pte sarl holdings holding
    group partner partners associates enterprises industries
    international ventures collective cooperative foundation association society institute university college academy
    ads advertising agency media marketing studio studios designs publishing photography videos
    banking finance financial funding loans lending insurance mutual assurance payments
    taxes treasury revenue customs government ministry department municipality
    accounting bookkeeping consulting consultants advisors advisory legal attorneys notary audit services service
    solutions systems software hosting apps platform platforms technologies technology tech labs
    digital internet network networks telecom wireless electronics analytics
    stores marketplace supply supplies supplier suppliers wholesale trading traders imports exports
    goods catering restaurant bakery hotels airlines airways
    electricity utilities recycling maintenance repairs construction plumbing
    logistics freight shipping couriers postal delivery fulfillment fulfilment warehouse
    warehousing storage transportation movers packaging plastics textiles fabrics
    apparel machinery equipment workspace coworking
    properties realty estates lofts apartments lettings rentals leasing
    pharmacy clinic
    payroll hr staffing recruiting suite subscription
    the for
    google facebook amazon microsoft adobe shopify stripe paypal tiktok snapchat pinterest linkedin
    """.split()  # noqa: SIM905 - the same
)
_OF_EITHER = frozenset(
    """
    lp co ag ug kg ohg bv nv ab oy as aps sa sas srl spa global brothers sons bros school
    design creative print printing press photo video film films
    bank capital credit trust tax council county city state firm cloud web app data online mobile phone security
    shop store market foods food coffee cafe hotel travel air rail cab taxi parking fuel energy electric gas water waste
    cleaning repair express courier parcel transport cargo box boxes paper fashion leather metals tools machines pos
    office offices property estate rental lease health medical dental fitness pro plus premium of meta zoom
    """.split()  # noqa: SIM905 - the same
)
_OF_ACCOUNTS = frozenset(
    """
    account accounts expense expenses cost costs fee fees charge charges income sales returns discounts debt debts loan
    interest rent dues subscriptions licences licenses permits meals entertainment trips auto car vehicle vehicles
    mileage depreciation amortization benefits pension retirement overtime equity draw draws deposit deposits cash
    checking savings reserve research development education training gifts donations charity misc miscellaneous other
    general admin administrative administration professional events fairs shows merchant merchandise inventory materials
    samples postage stationery computer computers hardware website subcontractors helpers workers hourly employer team
    temporary seasonal bills purchases receivable payable assets liabilities clearing
    """.split()  # noqa: SIM905 - the same
)

_DEALINGS = frozenset(
    """
    advance advances borrowings capital contribution contributions debt distribution distributions dividend dividends
    draw draws due equity investment investments investor investors lending loan loans member members note notes owed
    partner partners repayment repayments shareholder shareholders stockholder stockholders withdrawal withdrawals
    """.split()  # noqa: SIM905 - the same
)
"""What a business has with those who own it or lend it money: people more often than not."""
_OF_BOOKS = (
    _PAID_TO_PEOPLE
    | _DEALINGS
    | _OF_ACCOUNTS
    | frozenset(
        """
        accountant accounting adjustment adjustments affiliate affiliates allowance ask balance bookkeeping business
        cards chargeback chargebacks commercial company conferences consultants consulting customer customers
        discrepancies duties event exchange expenditure filing finance financial fixed fixtures funding furniture gain
        hiring incentives influencer influencers insurance legal license loss losses lunches maintenance material
        merchandising net opening operating payment payments payroll penalties photography processing product production
        products program project projects promotion promotional promotions purchase rebates reconciliation refund
        refunds reimbursable relations rentals repairs retainer return sample seminars service services show snacks
        software staffing subscription supplies suspense taxes tolls trade transaction transactions unapplied
        uncategorized uniforms unknown videos work
        """.split()  # noqa: SIM905 - the same
    )
)
"""In the name of an account; some of them tell a business in the name of a payee."""
_BETWEEN = frozenset({"a", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"})


def is_person(vendor: str, *, category: str | None = None, is_owner_pay: bool = False) -> bool:
    """Tell whether a payee is to be taken for a person."""
    return _is_name(vendor, are_people_paid=is_owner_pay or is_paid_to_people(category))


def is_paid_to_people(category: str | None) -> bool:
    """Tell whether a category is one by which people are paid."""
    return category is not None and not _PAID_TO_PEOPLE.isdisjoint(_words(category))


def category_without_person(category: str | None) -> str | None:
    """Leave out of a category the parts below its heading that are somebody's name: `Rent:Jane Doe` is `Rent`."""
    if category is None:
        return None
    heading, *_ = parts = _PARTS.split(category)
    kept = _without_names(parts)
    # What has no parts is what the merchant calls a category; so is a heading, unless wages are below it.
    if heading not in kept and not is_paid_to_people(category):
        kept = [heading, *kept]
    return category if len(kept) in {0, len(parts)} else ":".join(kept)


def account_without_person(account: str) -> str:
    """Leave out of the path of an account what is somebody's name."""
    parts = _PARTS.split(account)
    are_people_paid = not (_PAID_TO_PEOPLE | _DEALINGS).isdisjoint(_words(account))
    kept = [part for part in parts if not _has_name(part, are_people_paid=are_people_paid)]
    return account if len(kept) == len(parts) else ":".join(kept) or REDACTED


def same_person(vendor: str) -> str:
    """Give what two spellings of a name have in common: `Doe, Jane` and `JANE DOE`."""
    return " ".join(sorted(_words(vendor)))


def naming_words(text: str) -> frozenset[str]:
    """Give the words of a text that may name somebody; none where all of them are of businesses.

    Case, accents, what stands between words and what is hidden in them say nothing.
    """
    line = shortened(text, longest=_LONGEST_TOLD)
    if not line.isascii():
        line = "".join(char for char in unicodedata.normalize("NFKD", line) if not unicodedata.combining(char))
    words = {word for word in _LETTERS.findall(line.casefold()) if len(word) > 1 or not word.isascii()}
    return frozenset() if words <= _OF_BUSINESSES | _OF_EITHER else frozenset(words)


def is_named(words: frozenset[str], name: str) -> bool:
    """Tell whether words of a text name somebody whose name is known, such as Jane Doe.

    Two words of the name are enough, wherever they stand: `Doe, Jane` and `for Jane M. Doe` are her, and the title
    before a name need not be there. So is the one word that a name has.
    """
    if name.isascii() and name.isprintable():  # as most are, and most have nothing of the text in them
        lower = name.lower()
        if not any(word in lower for word in words):
            return False
    told = naming_words(name)
    return bool(told) and len(told & words) >= min(len(told), 2)


def _is_name(text: str, *, are_people_paid: bool) -> bool:
    words = _words(text)
    others = [word for word in words if word not in _OF_EITHER]
    if not others or _is_business(text, words):
        return False
    if _WITHOUT_SPACES.fullmatch(words[0]):
        return not _COMPANY_WITHOUT_SPACES.search(text)
    is_telling = len(others) < len(words) >= _TELLING
    return are_people_paid or (len(words) in _WORDS_OF_A_NAME and not is_telling)


def _has_name(part: str, *, are_people_paid: bool) -> bool:
    """Tell whether a part of an account's path names a person, be it beside words of books."""
    words = _words(part)
    left = [word for word in words if word.removesuffix("'s") not in _OF_BOOKS]
    if len(left) == len(words) and _is_name(part, are_people_paid=are_people_paid):
        return True
    left = [word for word in left if word not in _BETWEEN]
    others = [word for word in left if word not in _OF_EITHER]
    is_name = len(others) in _WORDS_OF_A_NAME or (are_people_paid and bool(others))
    return is_name and not _is_business(part, left)


def _is_business(text: str, words: Sequence[str]) -> bool:
    return bool(_ADDRESS.search(text)) or not _OF_BUSINESSES.isdisjoint(words)


def _without_names(parts: list[str]) -> list[str]:
    are_people_paid = any(map(is_paid_to_people, parts))
    return [
        part
        for part in parts
        if not (_PAID_TO_PEOPLE | _OF_ACCOUNTS).isdisjoint(_words(part))
        or not _is_name(part, are_people_paid=are_people_paid)
    ]


def _words(text: str) -> list[str]:
    return [word.casefold().replace("\u2019", "'") for word in _WORD.findall(text)]
