"""Policy: what the workspace allows of its tokens. An owner sees whom a change would hit before it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from shared.domain.errors import Conflict, Invalid
from shared.domain.plans import plan_of
from shared.domain.scopes import GRANTS, Scope, parse_scopes
from shared.domain.token.attendance import LONGEST_SILENCE_DAYS, NEVER_USED_DAYS, SHORTEST_SILENCE_DAYS
from shared.domain.token.policy import MOST_NETWORKS, TokenPolicy, checked_policy
from shared.domain.token.wording import NAME_LENGTH
from shared.domain.workspace.events import Role
from shared.services.change_token_policy import SHOWN, Effect, PolicyPreview, change_token_policy, preview_policy
from shared.transports.web.pages.frame import ROOMS, page
from shared.transports.web.pages.obstacles import standing_obstacle
from shared.transports.web.pages.people import named
from shared.transports.web.pages.token_words import in_order
from shared.transports.web.parts import Now, Parts, WebParts
from shared.transports.web.visitors import Form, Visiting, Visitor
from shared.transports.web.wording import count

HERE = ROOMS["Policy"]
DONE = {"set": "The policy is set. Every token obeys it from now on."}
LONGEST_NUMBER = 5
"""Digits of days: a number that no token lives to see would only burden the store."""
LOOK_AGAIN = frozenset({"confirmation_required", "confirmation_invalid", "preview_outdated"})
"""Refusals after which the same policy is previewed again."""

router = APIRouter(prefix=HERE)


class Change(NamedTuple):
    """A rule that is about to be another one."""

    rule: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the fields."""

    longest_days: str = ""
    which: Literal["all", "some"] = "all"
    scopes: Sequence[str] = ()
    name_pattern: str = ""
    networks: str = ""
    suspend_abandoned: bool = False

    @classmethod
    def of(cls, policy: TokenPolicy) -> Typed:
        """Write a policy into the fields."""
        return cls(
            longest_days=str(policy.longest_days or ""),
            which="all" if policy.scopes is None else "some",
            scopes=in_order(policy.scopes if policy.scopes is not None else Scope),
            name_pattern=policy.name_pattern or "",
            networks="\n".join(policy.networks),
            suspend_abandoned=policy.suspend_abandoned,
        )

    @classmethod
    def read(cls, form: FormData) -> Typed:
        """Take down what somebody sent."""
        return cls(
            longest_days=_text(form, "longest_days"),
            which="some" if form.get("which") == "some" else "all",
            scopes=[scope for scope in form.getlist("scopes") if isinstance(scope, str)],
            name_pattern=_text(form, "name_pattern"),
            networks=_text(form, "networks"),
            suspend_abandoned=form.get("suspend_abandoned") == "yes",
        )

    def policy(self) -> TokenPolicy:
        """Give the policy that is meant, in its normal form.

        Raises:
            Invalid: it cannot be kept; the field is named.

        """
        days = self.longest_days
        if days and not (days.isascii() and days.isdigit() and len(days) <= LONGEST_NUMBER):
            raise Invalid(
                "policy_invalid",
                "Write the days as a whole number.",
                hint="Leave it empty to limit nothing.",
                field="longest_days",
            )
        wanted = TokenPolicy(
            longest_days=int(days) if days else None,
            scopes=None
            if self.which == "all"
            else frozenset(parse_scopes(self.scopes))
            if self.scopes
            else frozenset(),
            name_pattern=self.name_pattern or None,
            networks=tuple(line.strip() for line in self.networks.splitlines() if line.strip()),
            suspend_abandoned=self.suspend_abandoned,
        )
        return checked_policy(wanted)


@router.get("")
def policy(visitor: Visiting, parts: Parts, now: Now, done: str = "") -> Response:
    """Show the policy."""
    return _page(visitor, parts, now, Typed.of(visitor.workspace.token_policy), done=done)


@router.post("/preview")
def preview(form: Form, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Show what a policy would do. Nothing is changed."""
    return _preview(Typed.read(form), visitor, parts, now)


@router.post("")
def set_(form: Form, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Set the policy that somebody has seen a preview of."""
    typed = Typed.read(form)
    try:
        change_token_policy(
            typed.policy(),
            confirmation=_text(form, "confirmation") or None,
            workspace_id=visitor.workspace_id,
            member=visitor.member,
            origin=visitor.origin,
            now=now,
            keys=parts.keys,
            tokens=parts.tokens,
            workspaces=parts.workspaces,
            audit=parts.trail.audit,
        )
    except (Conflict, Invalid) as refused:
        if refused.code in LOOK_AGAIN:
            return _preview(typed, visitor, parts, now, again=refused.message)
        if isinstance(refused, Invalid):
            return _page(visitor, parts, now, typed, error=refused)
        raise
    return RedirectResponse(f"{HERE}?done=set", status_code=303)


def _preview(typed: Typed, visitor: Visitor, parts: WebParts, now: datetime, *, again: str = "") -> Response:
    """Show a policy with its victims; `again` says why it is shown once more."""
    try:
        wanted = typed.policy()
        found = preview_policy(
            wanted,
            workspace=visitor.workspace,
            member=visitor.member,
            now=now,
            keys=parts.keys,
            tokens=parts.tokens,
            audit=parts.trail.audit,
        )
    except Invalid as refused:
        return _page(visitor, parts, now, typed, error=refused)
    return _page(visitor, parts, now, Typed.of(wanted), wanted=wanted, found=found, again=again)


def _page(
    visitor: Visitor,
    parts: WebParts,
    now: datetime,
    typed: Typed,
    *,
    done: str = "",
    error: Invalid | None = None,
    wanted: TokenPolicy | None = None,
    found: PolicyPreview | None = None,
    again: str = "",
) -> Response:
    standing = visitor.workspace.token_policy
    victims = found.shown if found is not None else ()
    return page(
        visitor,
        "Policy",
        "policy.html",
        done=DONE,
        told=done,
        status=422 if error is not None else 409 if again else 200,
        here=HERE,
        now=now,
        obstacle=standing_obstacle(visitor),
        may_change=visitor.member.role is Role.OWNER,
        plan=plan_of(visitor.workspace.plan),
        typed=typed,
        error=error,
        rules=_told(standing),
        scopes=GRANTS.items(),
        most_networks=MOST_NETWORKS,
        name_length=NAME_LENGTH,
        silences=(NEVER_USED_DAYS, SHORTEST_SILENCE_DAYS, LONGEST_SILENCE_DAYS),
        found=found,
        again=again,
        changes=_changes(standing, wanted) if wanted is not None else (),
        suspended=[victim for victim in victims if victim.effect is Effect.SUSPENDED],
        shut_out=[victim for victim in victims if victim.effect is Effect.SHUT_OUT],
        shown=SHOWN,
        owners={victim.row.token.owner_id: named(victim.row.token.owner_id, visitor) for victim in victims},
        tokens=ROOMS["Tokens"],
        docs=f"{parts.docs_url}/api",
    )


def _told(policy: TokenPolicy) -> Mapping[str, str]:
    """Say each rule in words."""
    return {
        "Longest life": count(policy.longest_days, "day") if policy.longest_days is not None else "as the plan says",
        "Scopes": ", ".join(in_order(policy.scopes)) if policy.scopes is not None else "all",
        "Names": f"like {policy.name_pattern}" if policy.name_pattern is not None else "any",
        "Networks": ", ".join(policy.networks) or "calls may come from anywhere",
        "Abandoned tokens": "are flagged and suspended" if policy.suspend_abandoned else "are flagged",
    }


def _changes(before: TokenPolicy, after: TokenPolicy) -> Sequence[Change]:
    told = _told(after)
    return [Change(rule, words, told[rule]) for rule, words in _told(before).items() if words != told[rule]]


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
