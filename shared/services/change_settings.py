"""Settles how a workspace's figures are read: its day, its currency, what it pays for payments, what it steers by."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from zoneinfo import available_timezones

from shared.domain.errors import Conflict, Invalid
from shared.domain.facts.ledger import check_accounts
from shared.domain.facts.settings import Settings, SettingsChanged, changed_names
from shared.domain.facts.values import WrongValue, currency
from shared.services.attempts import ATTEMPTS
from shared.services.check_rules import check_rules
from shared.storage.contracts.facts import Figures, Imports
from shared.storage.contracts.streams import Origin, StreamMoved

MONTHS = range(1, 13)
LEAST_K = 10
MOST_PPM = 500_000
"""Half of what was paid: no provider takes more, so it is a slip of the pen."""


def change_settings(
    workspace_id: str, settings: Settings, *, now: datetime, origin: Origin, imports: Imports, figures: Figures
) -> None:
    """Replace the settings, with an event that names those that changed; figures that exist are folded anew.

    Raises:
        Invalid: a setting breaks a rule.
        Conflict: the time zone would change after facts were filed under its days.
        StreamMoved: imports or other changes kept coming first; try again.

    """
    check_settings(settings)
    for _ in range(ATTEMPTS):
        before = figures.settings(workspace_id)
        changed = changed_names(before, settings)
        if not changed:
            return
        if "timezone" in changed and imports.last_generation(workspace_id):
            raise Conflict(
                "timezone_fixed",
                "The time zone cannot change after the first import: every fact is filed under its local day.",
                hint="Import the files into a new workspace.",
                field="timezone",
            )
        event = SettingsChanged(changed=changed, at=now)
        with suppress(StreamMoved):
            imports.set_settings(workspace_id, settings, event, before=before, origin=origin)
            return
    raise StreamMoved(workspace_id)


def check_settings(settings: Settings) -> None:
    """Check what is to be settled.

    Raises:
        Invalid: a setting breaks a rule.

    """
    if settings.timezone not in available_timezones():
        raise Invalid(
            "timezone_unknown",
            "There is no such time zone.",
            hint="Use an IANA name such as America/New_York.",
            field="timezone",
        )
    try:
        currency(settings.currency)
    except WrongValue as wrong:
        raise Invalid(
            "currency_wrong",
            f"The currency {wrong.message}.",
            hint="USD, EUR, GBP and JPY are such codes; metals, units of account and cryptocurrencies are not taken.",
            field="currency",
        ) from None
    if settings.fiscal_year_start not in MONTHS:
        raise Invalid("month_wrong", "The fiscal year starts with a month from 1 to 12.", field="fiscal_year_start")
    if settings.k_min < LEAST_K:
        raise Invalid("k_min_low", f"Figures about customers stand on at least {LEAST_K} of them.", field="k_min")
    for name in ("payment_fee_ppm", "platform_fee_ppm"):
        ppm: int | None = getattr(settings, name)
        if ppm is not None and not 0 <= ppm <= MOST_PPM:
            raise Invalid("fee_wrong", f"A fee rate lies between 0 and {MOST_PPM:,} millionths.", field=name)
    if settings.payment_fee_fixed < 0:
        raise Invalid("fee_wrong", "A fixed fee is not negative.", field="payment_fee_fixed")
    try:
        check_accounts(settings.ledger_accounts)
    except WrongValue as wrong:
        said = f"Account {wrong.field} {wrong.message}." if wrong.field else f"There {wrong.message}."
        raise Invalid("account_wrong", said, field="ledger_accounts") from None
    check_rules(settings)
