"""Plans as data: what a workspace bought decides limits and lifetimes; no code asks a plan for its name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.errors import Invalid, NotPermitted
from shared.domain.token.events import TokenKind


class LimitSubject(StrEnum):
    """What the limit of a plan counts on."""

    TOKEN = "token"
    MEMBER = "member"
    WORKSPACE = "workspace"


class Counted(StrEnum):
    """Which requests take a place in the window."""

    TOOL_CALLS = "tools/call"
    REQUESTS = "requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantLifetimes:
    """How long what an app was granted lasts."""

    access_seconds: int
    """The life of an access token."""
    idle_days: int | None
    """How long a grant lasts that is not refreshed; None: there is no refresh token, and it lasts to its end."""
    longest_days: int
    """How long a grant lasts, however often it is refreshed."""


REFRESHED = GrantLifetimes(access_seconds=3600, idle_days=30, longest_days=365)
ONE_YEAR = GrantLifetimes(access_seconds=365 * 24 * 3600, idle_days=None, longest_days=365)
"""One access token that lasts a year, as the PMA page says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One row of the price list, as far as MCP is concerned."""

    key: str
    label: str
    includes_mcp: bool
    by_allow_list: bool
    """Access is granted per workspace, on request."""
    per_minute: int
    limit_subject: LimitSubject
    counted: Counted
    lifetimes_days: tuple[int, ...]
    """The lifetimes that a personal token may be given, shortest first."""
    organization_tokens: bool
    """Tokens that belong to the workspace itself and need not expire."""
    grants: GrantLifetimes = REFRESHED


LIFETIMES_DAYS = (30, 90, 180, 365)

PLANS: dict[str, Plan] = {
    plan.key: plan
    for plan in (
        Plan(
            key="starter",
            label="Starter",
            includes_mcp=False,
            by_allow_list=False,
            per_minute=0,
            limit_subject=LimitSubject.TOKEN,
            counted=Counted.TOOL_CALLS,
            lifetimes_days=(),
            organization_tokens=False,
        ),
        Plan(
            key="plus",
            label="Plus",
            includes_mcp=True,
            by_allow_list=False,
            per_minute=60,
            limit_subject=LimitSubject.TOKEN,
            counted=Counted.TOOL_CALLS,
            lifetimes_days=LIFETIMES_DAYS,
            organization_tokens=False,
        ),
        Plan(
            key="alpha",
            label="Alpha",
            includes_mcp=True,
            by_allow_list=True,
            per_minute=30,
            limit_subject=LimitSubject.WORKSPACE,
            counted=Counted.REQUESTS,
            lifetimes_days=LIFETIMES_DAYS,
            organization_tokens=True,
            grants=ONE_YEAR,
        ),
    )
}
"""`plus` is the MerchantFlow page's tier, `alpha` the PMA page's access programme."""


def plan_of(key: str) -> Plan:
    """Find a plan by its key.

    Raises:
        Invalid: there is no such plan (`plan_unknown`).

    """
    try:
        return PLANS[key]
    except KeyError:
        raise Invalid(
            "plan_unknown", f"There is no plan {key[:40]!r}.", hint=f"Use one of: {', '.join(PLANS)}.", field="plan"
        ) from None


def check_kind(plan: Plan, kind: TokenKind) -> None:
    """Refuse to make a token of a kind that the plan does not have, be it a first one or a successor.

    Raises:
        NotPermitted: it is an organization token, and the plan has none (`kind_not_allowed`).

    """
    if kind is TokenKind.ORGANIZATION and not plan.organization_tokens:
        raise NotPermitted(
            "kind_not_allowed",
            f"The plan {plan.label} has no organization tokens.",
            hint="Generate a personal access token.",
        )
