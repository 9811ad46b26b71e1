"""What the accounts of a ledger are to a merchant's profit: settled by the merchant, else by their usual names.

An account is known by its path (`Payroll:Wages`), by its own name or by an account above it, the nearest first. What
nobody has settled is not guessed: its bookings are in no number and the account is named in the import's report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from shared.domain.facts.families import Family
from shared.domain.facts.fields import EXPENSE_LINES, FIELDS
from shared.domain.facts.values import WrongValue, choice, inside, text

Entry = Mapping[str, str]
"""What an account's bookings say of themselves: `line`, `category`, `behaviour` and `addback` of an expense."""

IGNORED = "ignore"
"""In place of a line: no expense, or one that another source tells better."""
LONGEST_NAME = 200
MOST_ACCOUNTS = 200
"""That a merchant settles: they are read with the settings at every call."""
_MOST_REMEMBERED = 1_000

_IGNORE: Entry = {"line": IGNORED}
_NUMBER = re.compile(r"^\d[\d.\-]{2,} (?:[\-·] )?")
"""Account numbers may stand before names."""
_PARTS = re.compile(r"\s*:\s*")


def _opex(category: str, **more: str) -> Entry:
    return {"line": "opex", "category": category, **more}


_USUAL: Mapping[str, Entry] = {
    name: entry
    for names, entry in (
        ("rent & lease; rent or lease; rent or lease of buildings; rent; rent expense", _opex("Rent")),
        (
            "utilities; telephone expense; telephone; internet; internet & tv services; phone service",
            _opex("Utilities"),
        ),
        ("office supplies & software; software; software & apps; apps & software", _opex("Software")),
        ("dues & subscriptions; dues and subscriptions; memberships & subscriptions", _opex("Subscriptions")),
        ("office expenses; office supplies; office/general administrative expenses", _opex("Office")),
        ("insurance; insurance expense; business insurance; liability insurance", _opex("Insurance")),
        ("legal & professional services; legal & professional fees; accounting fees", _opex("Professional services")),
        ("bank charges & fees; bank charges; bank service charges; bank fees", _opex("Bank charges")),
        ("travel; travel expense; car & truck; airfare; hotels; vehicle expenses; automobile expense", _opex("Travel")),
        ("meals & entertainment; meals and entertainment; meals; travel meals; entertainment", _opex("Meals")),
        ("repairs & maintenance; repair & maintenance; repairs and maintenance", _opex("Repairs")),
        ("taxes & licenses; taxes and licenses; licenses & permits; business licenses", _opex("Licences")),
        ("charitable contributions; contributions to charities", _opex("Donations", addback="discretionary")),
        (
            "payroll expenses; payroll; wages; salaries & wages; salaries; payroll wage expenses; payroll taxes",
            _opex("Payroll"),
        ),
        ("contractors; contract labor; subcontractors; freelancers", _opex("Contractors")),
        (
            "officer compensation; officers' salaries; salaries of officers; owner's salary",
            _opex("Owner's pay", addback="owner_pay"),
        ),
        (
            "shipping, freight & delivery; shipping, freight & delivery - cos; shipping & postage; postage & delivery",
            {"line": "fulfilment", "category": "Shipping", "behaviour": "variable"},
        ),
        ("packaging; packaging materials", {"line": "fulfilment", "category": "Packaging", "behaviour": "variable"}),
        ("depreciation; depreciation expense; amortization; amortization expense", {"line": "depreciation"}),
        ("interest paid; interest expense; credit card interest; business loan interest", {"line": "interest"}),
        ("income tax; income tax expense; federal income tax; state income tax", {"line": "income_tax"}),
    )
    for name in names.split("; ")
}
_NO_EXPENSE = re.compile(
    r"(?:(?:.+ )?income|sales|sales of .+|sales (?:discounts|returns).*|services|(?:.+ )?revenue|interest earned|"
    r"discounts given|discounts/refunds given|refunds-allowances|"
    r"cost of .+|.+ - (?:cos|cogs)|purchases|inventory shrinkage|"
    r"(?:.+ )?(?:checking|savings)(?: account)?|cash|petty cash|cash on hand|undeposited funds|payments to deposit|"
    r"(?:.+ )?(?:receivable|payable)(?: \(a/[rp]\))?|inventory|(?:.+ )?assets?|prepaid .+|accumulated .+|"
    r"(?:.+ )?(?:liability|liabilities|equity)|credit cards?|line of credit|retained earnings|"
    r"owner(?:'s|s)? (?:pay & personal expenses|draws?|investments?|contributions?|distributions?)|"
    r"loans? (?:from|to) .+|due (?:from|to) .+|(?:shareholder|member)(?:s|'s)? .+|"
    r"partner (?:distributions?|contributions?)|common stock|capital stock|(?:additional )?paid.in capital)"
)
"""Income, what is sold (unit costs tell it), and accounts of the balance sheet. Advertising and merchants' fees are in
neither list: who imports the platforms' own exports would count them twice, who does not would miss them."""

_FIELDS = frozenset({"line", "category", "behaviour", "addback"})
_CHOICES = {
    "line": choice(*EXPENSE_LINES, IGNORED),
    **{field.name: field.kind.read for field in FIELDS[Family.EXPENSE] if field.name in {"behaviour", "addback"}},
}


class Ledger:
    """The accounts of one merchant's books."""

    def __init__(self, settled: Mapping[str, Entry]) -> None:
        """Take what the merchant has settled."""
        self._settled = {_folded(name): entry for name, entry in settled.items()}
        self._found: dict[str, Entry | None] = {}

    def entry(self, account: str) -> Entry | None:
        """Tell what an account is; None: nobody has said."""
        if account not in self._found:
            if len(self._found) == _MOST_REMEMBERED:
                self._found.clear()
            self._found[account] = self._find(_folded(account))
        return self._found[account]

    def _find(self, path: str) -> Entry | None:
        names = path.split(":")
        if settled := next((self._settled[name] for name in _candidates(names) if name in self._settled), None):
            return settled
        if any(name not in _USUAL and _NO_EXPENSE.fullmatch(name) for name in names):
            return _IGNORE
        return next((_USUAL[name] for name in _candidates(names) if name in _USUAL), None)


def check_accounts(settled: Mapping[str, Entry]) -> None:
    """Check what is to be settled about accounts.

    Raises:
        WrongValue: it breaks a rule; `field` tells the account's place, which shows no name.

    """
    if len(settled) > MOST_ACCOUNTS:
        raise WrongValue("out_of_range", f"must not be more than {MOST_ACCOUNTS:,} accounts")
    for place, (name, entry) in enumerate(settled.items(), 1):
        try:
            _check_account(name, entry)
        except WrongValue as wrong:
            raise wrong.within(str(place)) from None


def _check_account(name: str, entry: Entry) -> None:
    if not _folded(name) or len(name) > LONGEST_NAME:
        raise WrongValue("wrong_account", f"must have a name of 1 to {LONGEST_NAME} characters", field="account")
    if "line" not in entry:
        raise WrongValue("field_missing", "is missing", field="line")
    for field, value in entry.items():
        if field not in _FIELDS:
            raise WrongValue("unknown_field", f"has other fields than {', '.join(sorted(_FIELDS))}")
        inside(field, _CHOICES.get(field, text), value)


def _candidates(names: list[str]) -> Iterator[str]:
    """Give the account's path, its own name, and those of the accounts above it."""
    for end in range(len(names), 0, -1):
        yield ":".join(names[:end])
        yield names[end - 1]


def _folded(path: str) -> str:
    parts = _PARTS.split(" ".join(path.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split()))
    return ":".join(_NUMBER.sub("", part) for part in parts)
