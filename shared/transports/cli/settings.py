"""merchant-mcp workspace settings: see and set how a merchant's facts become figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from shared.domain.facts.ledger import IGNORED
from shared.domain.facts.settings import Settings
from shared.services.change_settings import change_settings
from shared.transports.cli.files import text_of
from shared.transports.cli.output import AsJson, show_fields, show_json, show_table
from shared.transports.cli.place import Session, session_of
from shared.transports.cli.rules import RULES_HELP, rules_of, show_rules

app = typer.Typer()

ACCOUNTS_HELP = (
    "What the accounts of the books are: CSV with the columns account, line, category, behaviour, addback, or JSON "
    f'such as {{"Merchant fees": {{"line": "payment_fees"}}}}. The line {IGNORED} leaves an account out.'
)
_COLUMNS = ("account", "line", "category", "behaviour", "addback")


@app.command()
def settings(
    context: typer.Context,
    *,
    workspace_id: Annotated[
        str, typer.Argument(metavar="WORKSPACE", help="The id of a workspace.", show_default=False)
    ],
    timezone: Annotated[str | None, typer.Option(help="IANA name; the first import fixes it.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of reports, ISO 4217.")] = None,
    fiscal_year_start: Annotated[int | None, typer.Option(help="The month that the fiscal year begins with.")] = None,
    k_min: Annotated[int | None, typer.Option(help="The fewest customers that a figure may stand on.")] = None,
    prices_include_tax: Annotated[
        bool | None,
        typer.Option(help="How an order is read whose export leaves open whether its taxes are in its prices."),
    ] = None,
    ledger_accounts: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help=ACCOUNTS_HELP, show_default=False)
    ] = None,
    north_star: Annotated[
        str | None, typer.Option(help="The metric that the shop steers by, such as cm3 or net_revenue.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help=RULES_HELP, show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the settings, or change those that are said; figures that exist follow within seconds."""
    session = session_of(context)
    session.workspace(workspace_id)
    known = session.on.figures.settings(workspace_id)
    said = {
        "timezone": timezone,
        "currency": currency,
        "fiscal_year_start": fiscal_year_start,
        "k_min": k_min,
        "prices_include_tax": prices_include_tax,
        "ledger_accounts": _accounts(ledger_accounts) if ledger_accounts is not None else None,
        "north_star": north_star,
        **(rules_of(rules) if rules is not None else {}),
    }
    if changes := {name: value for name, value in said.items() if value is not None}:
        known = _changed(workspace_id, replace(known, **cast("dict[str, Any]", changes)), session)
    if as_json:
        show_json(asdict(known))
        return
    fields = asdict(known)
    for listed in ("ledger_accounts", "guardrails", "promotions", "multiples"):
        del fields[listed]
    show_fields(fields)
    accounts = known.ledger_accounts
    if accounts:
        rows = ([name, *map(entry.get, _COLUMNS[1:])] for name, entry in accounts.items())
        show_table([column.upper() for column in _COLUMNS], rows, nothing="")
    show_rules(known)


def _changed(workspace_id: str, settled: Settings, session: Session) -> Settings:
    on, now = session.on, session.now()
    change_settings(workspace_id, settled, now=now, origin=session.origin, imports=on.imports, figures=on.figures)
    return settled


def _accounts(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Read a file of accounts; what its values may be is for the service to say."""
    try:
        text = text_of(path)
    except UnicodeDecodeError:
        raise typer.BadParameter("the file of accounts is not UTF-8 text") from None
    if not text.lstrip().startswith("{"):
        return _accounts_of_rows(text)
    try:
        document: object = json.loads(text)
    except ValueError:
        raise typer.BadParameter("the file of accounts begins as JSON and is none") from None
    accounts = cast("Mapping[str, object]", document)
    if not all(isinstance(entry, dict) for entry in accounts.values()):
        raise typer.BadParameter('each account is an object such as {"line": "opex"}')
    return cast("Mapping[str, Mapping[str, str]]", accounts)


def _accounts_of_rows(text: str) -> Mapping[str, Mapping[str, str]]:
    rows = csv.DictReader(StringIO(text))
    unknown = set(rows.fieldnames or ()).symmetric_difference(_COLUMNS) - {"category", "behaviour", "addback"}
    if unknown:
        raise typer.BadParameter(f"the columns of accounts are {', '.join(_COLUMNS)}; the last three may be left out")
    accounts = list(rows)
    if any(None in row for row in accounts):
        raise typer.BadParameter("a row of accounts has more cells than there are columns")
    return {row["account"]: {name: row[name] for name in _COLUMNS[1:] if row.get(name)} for row in accounts}
