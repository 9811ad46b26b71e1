"""Two workspaces of which every text and every amount is marked, and whose a stored row is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from shared.domain.alerts.of_data import of_accounts
from shared.domain.facts.rollups import Account
from shared.domain.facts.settings import Settings
from shared.domain.workspace.events import Role
from shared.storage.engine import Item
from tests.data.merchants import header

IN_BOTH = "bea"
"""The one person who belongs to both workspaces."""
STRANGER = "sam"
"""Signs in with the same issuer, and belongs to none."""
EXPORTED_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Side(StrEnum):
    """On whose behalf somebody asks; for a tenant, also the word that marks everything of theirs."""

    ZEBRA = "zebra"
    QUOKKA = "quokka"
    NOBODY = "nobody"
    """Strangers, and those whose credential is none: everybody who belongs to neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A workspace with its people, its plan and its figures."""

    side: Side
    plan: str
    ip: str
    settings: Settings
    second_file: str
    """Both have imported twice, so that their cursors speak of the same version of the data."""
    amounts: tuple[str, ...]
    """What its marked days sold. The digits of one tenant's amounts are not those of the other's."""

    @property
    def workspace_id(self) -> str:
        return f"wks_{self.side}"

    @property
    def connector(self) -> str:
        return f"{self.side}_shop"

    @property
    def sku(self) -> str:
        """What its one product is called."""
        return f"{self.side}-sku"

    @property
    def alert_id(self) -> str:
        """Name the alert that its ads account raises, which says that it must be connected again."""
        account = Account(
            source=f"{self.side}_ads",
            account=f"{self.side}-2",
            name="No rows",
            status="reconnect",
            last_export=EXPORTED_AT,
            holdings=(),
        )
        (alert,) = of_accounts([account], today=EXPORTED_AT.date(), timezone=self.settings.timezone)
        return alert.alert_id

    @property
    def people(self) -> Mapping[str, Role]:
        """Role by the name that a person signs in with."""
        own = {f"{self.side}-{role}": role for role in Role}
        return {**own, IN_BOTH: Role.ADMIN}

    @property
    def former_id(self) -> str:
        """Name whoever has left."""
        return f"mem_{self.side}_former"

    def member_id(self, person: str) -> str:
        """Name a member. The one in both has the same id in both: ids of members are the workspace's own."""
        if person == IN_BOTH:
            return f"mem_{IN_BOTH}"
        return f"mem_{self.side}_{person.removeprefix(f'{self.side}-')}"


ZEBRA = Tenant(
    side=Side.ZEBRA,
    plan="plus",
    ip="192.0.2.77",
    settings=Settings(timezone="America/New_York", currency="USD", fiscal_year_start=4),
    second_file="later",
    amounts=("4624.26", "6246.42", "2462.64", "6642.24", "4226.46", "2644.62"),
)
QUOKKA = Tenant(
    side=Side.QUOKKA,
    plan="alpha",
    ip="203.0.113.55",
    settings=Settings(timezone="Australia/Perth", currency="EUR", fiscal_year_start=7),
    second_file="shared",
    amounts=("5735.37", "7357.53", "3573.75", "7753.35", "5337.57", "3755.73"),
)
TENANTS = {tenant.side: tenant for tenant in (ZEBRA, QUOKKA)}
OTHER = {Side.ZEBRA: Side.QUOKKA, Side.QUOKKA: Side.ZEBRA}

SHARED = {"LOG", "LOG#NOTES", "LOG#KEYS"}
"""The log of the seals of all workspaces: hashes, and what is signed of them."""
_IN_KEY = re.compile(r"(?:^|[#:])wks_(zebra|quokka)(?=[#/]|$)")


def whose(item: Item) -> Side:
    """Say whose row this is, by its key or by what it says of itself; a row of no workspace nor the log is a fault."""
    if str(item["pk"]) in SHARED:
        return Side.NOBODY
    if str(item["pk"]).startswith("SESSION#"):
        return next((side for side, tenant in TENANTS.items() if item["subject"] in tenant.people), Side.NOBODY)
    said = {str(item[name]) for name in ("workspace", "workspace_id") if name in item}
    keyed = {f"wks_{word}" for key in ("pk", "sk") for word in _IN_KEY.findall(str(item[key]))}
    owners = said | keyed
    assert len(owners) == 1, f"the row {item['pk']} {item['sk']} belongs to {sorted(owners) or 'nobody'}"
    return Side(owners.pop().removeprefix("wks_"))


def facts_of(tenant: Tenant) -> Sequence[Mapping[str, Any]]:
    """Give a year of a shop: one marked order a month, customers who come back, and everything beside them."""
    word, amounts = tenant.side, tenant.amounts
    place = {"source": tenant.connector, "account": f"{word}-1"}

    def order(id_: str, date: str, price: str, customer: str | None = None) -> dict[str, Any]:
        line = {"sku": tenant.sku, "quantity": 1, "price": price}
        return {"type": "order", "id": id_, "date": date, "customer": customer, "lines": [line], **place}

    months = [f"2026-{month:02}" for month in range(6, 12)]
    long_ago = "2025-10-03"  # twelve whole months are known, and what was spent in them: a valuation needs both
    customers = [f"{word}-{number}" for number in range(12)]
    return [
        {"type": "export", "schema": 1, "exported_at": f"{EXPORTED_AT:%Y-%m-%dT%H:%M:%SZ}", "source": tenant.connector},
        {"type": "account", "name": f"The {word} shop", **place},
        {"type": "account", "name": "No rows", "status": "reconnect", "source": f"{word}_ads", "account": f"{word}-2"},
        *(order(f"{word}-{month}", f"{month}-03", amount) for month, amount in zip(months, amounts, strict=True)),
        order(f"{word}-{long_ago}", long_ago, amounts[0]),
        *(order(f"{word}-first-{name}", "2026-07-10", amounts[0], name) for name in customers),
        *(order(f"{word}-again-{name}", "2026-09-10", amounts[1], name) for name in customers[:11]),
        {"type": "cost", "sku": tenant.sku, "effective_from": "2026-01-01", "unit_cost": amounts[2][:3], **place},
        {
            "type": "refund",
            "id": f"{word}-r",
            "order_id": f"{word}-2026-10",
            "date": "2026-11-05",
            "lines": [{"amount": amounts[3][:3]}],
            **place,
        },
        *(
            {
                "type": "ad_day",
                "platform": "meta",
                "campaign_id": f"{word}-campaign",
                "date": date,
                "spend": amounts[4],
                **place,
            }
            for date in (long_ago, "2026-11-04")
        ),
        *(
            {"type": "expense", "id": f"{word}-{date}", "date": date, "amount": amounts[5], "vendor": word, **place}
            for date in (long_ago, "2026-11-06")
        ),
        *(
            {"type": "fx", "base": "EUR", "quote": "USD", "date": f"{month}-{day:02}", "rate": f"1.{amounts[0][:2]}"}
            for month in months
            for day in (1, 8, 15, 20)
        ),
    ]


SECOND_FACTS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "later": (
        header(source=ZEBRA.connector, account=f"{Side.ZEBRA}-1"),
        {"type": "order", "id": "later", "date": "2026-11-12", "lines": [{"quantity": 1, "price": ZEBRA.amounts[0]}]},
    ),
    "shared": (
        header(source="common_shop"),
        {"type": "order", "id": "1", "date": "2026-11-02", "lines": [{"quantity": 1, "price": "10.00"}]},
    ),
}
"""By name of the file. Of `shared`, both have the very same bytes, and only one of them has sent it."""
