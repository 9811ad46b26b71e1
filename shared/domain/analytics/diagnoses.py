"""What may be wrong with a merchant's sources, in words, and what to do about each.

The first three causes are those that the PMA page names for a tool that returns no rows; the states of a connection
are PMA's own words; the rest is what our imports can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shared.domain.analytics import rates_missing
from shared.domain.analytics.diagnosis import Cause, Diagnosis
from shared.domain.analytics.names import nearest
from shared.domain.facts.families import Family
from shared.domain.facts.inspections import Inspection
from shared.domain.facts.rollups import Account, Figure, Holding, ShopMonth
from shared.domain.text import quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What is known when a diagnosis is asked for."""

    all: Sequence[Account]
    asked: Sequence[Account]
    """Those of the connector that was asked about, or all."""
    connector: str | None
    sent: frozenset[str] = frozenset()
    """Connectors of which files were sent, whatever became of these."""
    has_files: bool = False
    """Whether any files were sent, of whatever connector."""
    family: Family | None
    inspections: Sequence[Inspection]
    """Of what was asked about."""
    shop: Sequence[ShopMonth]
    """The month that the data ends in, and the one before."""
    now: datetime
    today: date
    currency: str
    """The reporting currency."""
    unrated: Mapping[str, rates_missing.Spans] = field(default_factory=dict[str, rates_missing.Spans])
    """See `Overview`."""


SYNCED, SYNCING = "synced", "syncing"
STATUS_IN_WORDS: Mapping[str, str] = {
    Cause.RECONNECT: "its sign-in at the platform has ended",
    Cause.LOST_ACCESS: "nobody here may look into the account any more",
    Cause.MISSING_PERMISSIONS: "some of its reports may not be read",
    Cause.RESOLVING: "the platform is mending it",
    Cause.DISCONTINUED: "the account was given up",
    Cause.NOT_SYNCING: "its sync is switched off",
    Cause.NO_ACCOUNTS: "no account is chosen",
    SYNCING: "its first sync is not finished",
}
FIX_OF_STATUS: Mapping[str, str] = {
    Cause.RECONNECT: "Sign in at the platform again where it is connected, then export anew.",
    Cause.LOST_ACCESS: "Have somebody with access to this account at the platform grant it again, or export it there. "
    "If it is given up for good, import an account line that says discontinued (docs/data.md).",
    Cause.MISSING_PERMISSIONS: "Grant the missing permissions at the platform (reading reports is enough).",
    Cause.RESOLVING: "Wait: the platform is working on it. Earlier rows stay.",
    Cause.DISCONTINUED: "Nothing more will come. Earlier rows stay; leave the account out of recent periods.",
    Cause.NOT_SYNCING: "Turn the sync of this account on, or send its exports.",
    Cause.NO_ACCOUNTS: "Choose at least one account for this connection.",
    SYNCING: "Wait for the first sync to finish, then ask again.",
}

SILENT_AFTER: Mapping[str, timedelta] = {
    Family.ORDER: timedelta(days=7),
    Family.AD_DAY: timedelta(days=7),
    Family.PAYMENT: timedelta(days=14),
    Family.BANK_TXN: timedelta(days=14),
    Family.EXPENSE: timedelta(days=21),
}
"""How long a source of such rows may be behind the others: longer than what a quiet week explains. Books that are
closed by the month are behind for that alone; figures lack what is not booked all the same."""
OUTDATED_AFTER = timedelta(days=7)
"""Since its latest export: what comes by hand comes weekly at the least, or the last days of every answer are empty."""
RECENT = timedelta(days=92)
"""Gaps that are older are told in the table and are no news."""
_RATES_OF = (
    (rates_missing.OF_THE_PROFIT, "Facts are in no sum, and get_pnl is refused for their days"),
    ((Family.COST,), "Costs of goods count as unknown"),
    (rates_missing.OF_THE_BANK, "Balances and bank lines are in no sum of get_cash_position"),
)
COSTS_KNOWN_ENOUGH = 0.95
FEWEST_COPIES = 10
COPIED_SHARE = 0.5
"""Of the smaller account's rows: below, two campaigns may look alike by chance."""
FEWEST_OF_A_COPY = 3
"""Where all rows of an account are copies: fewer may be chance still, such as the same fee of two bank accounts."""


def diagnose(sources: Sources) -> Sequence[Diagnosis]:
    """Find everything that may be wrong with what was asked about; what keeps rows away comes first."""
    if not sources.all and sources.has_files:
        return [
            Diagnosis(
                cause=Cause.SYNC_INCOMPLETE,
                message="Files were sent to this workspace, and no row of them is to be seen yet.",
                fix="See under last_imports what became of them; what was just finished is seen a minute later.",
            )
        ]
    if not sources.all:
        return [
            Diagnosis(
                cause=Cause.SYNC_INCOMPLETE,
                message="Nothing has been imported into this workspace yet.",
                fix="Send a first export: POST /v1/imports, or merchant-mcp import FILE.",
            )
        ]
    known = sorted({account.source for account in sources.all})
    if sources.connector is not None and sources.connector not in known:
        meant = nearest(sources.connector, known) or f"Connected are: {', '.join(known)}."
        return [
            Diagnosis(
                cause=Cause.SYNC_INCOMPLETE,
                message=f"Files of {sources.connector} were sent, and no row of them is to be seen yet.",
                fix="See under last_imports what became of them; what was just finished is seen a minute later.",
            )
            if sources.connector in sources.sent
            else Diagnosis(
                cause=Cause.NAME_MISMATCH,
                message=f"No connected source is named exactly like this. {meant}",
                fix="Use the exact connector name that pma_list_data_sources gives.",
            )
        ]
    return [
        *_of_connections(sources),
        *_of_the_report_type(sources),
        *_of_rates(sources),
        *_of_reach(sources),
        *_of_rows(sources),
        *_of_costs(sources),
    ]


def _of_connections(sources: Sources) -> Iterator[Diagnosis]:
    for account in sources.asked:
        of = f"{account.source} {quoted(account.account)}"
        if account.status != SYNCED:
            yield Diagnosis(
                cause=Cause.SYNC_INCOMPLETE if account.status == SYNCING else Cause(account.status),
                message=f"{of}: its status is {account.status} ({STATUS_IN_WORDS[account.status]}); "
                f"{_reach(account, sources.all)}.",
                fix=FIX_OF_STATUS[account.status],
            )
        elif not account.holdings:
            yield Diagnosis(
                cause=Cause.SYNC_INCOMPLETE,
                message=f"{of}: it has given no rows yet.",
                fix="Send its first export, or wait for the import that brings it.",
            )


def _reach(account: Account, accounts: Sequence[Account]) -> str:
    """Say how far the rows of an account reach, and how far they lie behind."""
    last = max((holding.last for holding in account.holdings if holding.last is not None), default=None)
    if last is None:
        return "it has given no dated rows" if account.holdings else "it has given no rows"
    others = _reach_of_others(account, accounts)
    if others is None or others <= last:
        return f"its rows end on {last}"
    return (
        f"its rows end on {last}, {(others - last).days} days before those of others, and nothing later is in figures"
    )


def _of_the_report_type(sources: Sources) -> Iterator[Diagnosis]:
    has = sorted({holding.family for account in sources.asked for holding in account.holdings})
    if sources.family is not None and sources.family not in has:
        givers = sorted(
            {one.source for one in sources.all for holding in one.holdings if holding.family == sources.family}
        )
        yield Diagnosis(
            cause=Cause.WRONG_REPORT_TYPE,
            message=f"There are no rows of {sources.family} here. There are: {', '.join(has) or 'none of any type'}.",
            fix=f"Rows of {sources.family} come from {', '.join(givers)}: ask for one of these, or for another type."
            if givers
            else "Ask for one of the report types that there are, or import an export that holds this one.",
        )


def _of_rates(sources: Sources) -> Iterator[Diagnosis]:
    """Tell currencies without rates, whoever told of facts in them: the figures of the whole shop lack them."""
    for families, of in _RATES_OF:
        missing = rates_missing.of_families(sources.unrated, families)
        asked = {None, *families, *({Family.ORDER} if Family.COST in families else ())}
        if missing and sources.family in asked:
            yield Diagnosis(
                cause=Cause.RATES_MISSING,
                message=f"{of}, because there is no rate of {rates_missing.named(missing)}.",
                fix=rates_missing.what_to_import(missing, sources.currency),
            )


def _of_reach(sources: Sources) -> Iterator[Diagnosis]:
    """Tell sources that fell silent while others went on, and those whose last export is old."""
    for account in sources.asked:
        daily = [each for each in account.holdings if each.family in SILENT_AFTER and _is_asked(each, sources)]
        if account.status != SYNCED or not daily:
            continue
        of, exported = f"{account.source} {quoted(account.account)}", account.last_export
        if exported is not None and sources.now - exported > OUTDATED_AFTER:
            yield Diagnosis(
                cause=Cause.OUTDATED,
                message=f"{of}: its latest export left the source on {exported:%Y-%m-%d}; later days are not known.",
                fix="Export it again up to yesterday and send the file.",
            )
            continue
        for holding in daily:
            if (ends := holding.last) is None:
                continue
            others = _reach_of_others(account, sources.all)
            if others is not None and others - ends > SILENT_AFTER[holding.family]:
                yield Diagnosis(
                    cause=Cause.SILENT,
                    message=f"{of}: no {holding.family} since {ends} ({(others - ends).days} days), while other "
                    f"sources go on to {others}.",
                    fix="Look at the platform whether it still runs. If it was switched off, this is right; if not, "
                    "reconnect it and export the days since.",
                )


def _reach_of_others(account: Account, accounts: Sequence[Account]) -> date | None:
    lasts = [
        holding.last
        for other in accounts
        if (other.source, other.account) != (account.source, account.account)
        for holding in other.holdings
        if holding.family in SILENT_AFTER and holding.last is not None
    ]
    return max(lasts, default=None)


def _of_rows(sources: Sources) -> Iterator[Diagnosis]:
    rows = {
        (account.source, account.account, holding.family): holding.rows
        for account in sources.asked
        for holding in account.holdings
    }
    for each in sources.inspections:
        for one, other, copies in each.copies:
            smaller = min(rows.get((each.source, str(name), each.family), 0) for name in (one, other))
            needed = min(max(FEWEST_COPIES, COPIED_SHARE * smaller), max(FEWEST_OF_A_COPY, smaller))
            if int(copies) >= needed:
                yield Diagnosis(
                    cause=Cause.WRONG_ACCOUNT,
                    message=f"{each.source}: {copies:,} rows of {each.family} stand word for word in both accounts "
                    f"{quoted(str(one))} and {quoted(str(other))}, so they count twice.",
                    fix="One file was probably imported for the wrong account. Take it away there by an NDJSON file "
                    "that claims these days of the account as complete and holds no line (docs/data.md).",
                )
        recent = [gap for gap in each.gaps if date.fromisoformat(gap[1]) >= sources.today - RECENT]
        if recent:
            first, last = recent[-1]
            span = f"on {first}" if first == last else f"from {first} to {last}"
            yield Diagnosis(
                cause=Cause.GAPS,
                message=f"{each.source}: no {each.family} {span}"
                + (f", and {len(recent) - 1} more gaps in the last {RECENT.days} days." if len(recent) > 1 else "."),
                fix="If there was business on these days, export them again and send the file.",
            )
        if each.duplicate_keys:
            yield Diagnosis(
                cause=Cause.DUPLICATE_KEYS,
                message=f"{each.source}: {each.duplicate_keys:,} keys of {each.family} stand in one export in two "
                "ways; one was chosen.",
                fix="Look in the export for lines with the same id; for ads, export by day and campaign.",
            )


def _of_costs(sources: Sources) -> Iterator[Diagnosis]:
    of_products = {None, Family.ORDER, Family.COST, Family.PRODUCT}
    sells = any(holding.family == Family.ORDER for account in sources.asked for holding in account.holdings)
    sales = sum(month.total(Figure.GROSS_SALES) - month.total(Figure.DISCOUNTS) for month in sources.shop)
    if sources.family not in of_products or not sells or sales <= 0:
        return
    known = sum(month.total(Figure.COST_KNOWN_SALES) for month in sources.shop) / sales
    if known < COSTS_KNOWN_ENOUGH:
        months = " and ".join(month.month for month in sources.shop)
        yield Diagnosis(
            cause=Cause.MISSING_COSTS,
            message=f"Unit costs are known for {known:.0%} of the sales of {months}; the rest counts as unknown.",
            fix="list_product_costs names the products; send their costs (sku, unit_cost, effective_from).",
        )


def _is_asked(holding: Holding, sources: Sources) -> bool:
    return sources.family in {None, holding.family}
