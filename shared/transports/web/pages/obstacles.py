"""Why there is nothing to generate or to manage here for somebody, and what they can do instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from shared.domain.plans import plan_of
from shared.domain.workspace.decider import MANAGERS, Access, Standing, standing_of
from shared.transports.web.pages.frame import ROOMS
from shared.transports.web.visitors import Visitor


class Way(NamedTuple):
    """Where to go on."""

    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What stands in the way."""

    title: str
    text: str
    todo: str
    way: Way | None = None


NOT_FOR_ANALYSTS = Obstacle(
    title="Tokens are for owners and admins",
    text="A token reads the shop's numbers with nobody at the keyboard, so only an owner or an admin generates one.",
    todo="Ask an owner of the workspace for a token, or to make you an admin. What you can do yourself: connect an "
    "app that signs in with your browser. It acts for you, and you see and end it under Connected apps.",
    way=Way("To the connected apps", ROOMS["Connected apps"]),
)


def obstacle_for(visitor: Visitor) -> Obstacle | None:
    """Say what keeps a visitor from generating a token; None: nothing does."""
    return standing_obstacle(visitor) or (NOT_FOR_ANALYSTS if visitor.member.role not in MANAGERS else None)


def standing_obstacle(visitor: Visitor) -> Obstacle | None:
    """Say what keeps the workspace's credentials out; None: they are let in."""
    workspace = visitor.workspace
    plan = plan_of(workspace.plan)
    match standing_of(workspace):
        case Standing.OPEN:
            return None
        case Standing.PLAN_REQUIRED:
            return Obstacle(
                title=f"The {plan.label} plan has no MCP access",
                text="Agents and apps cannot read this workspace, and whatever tokens it has are refused.",
                todo="Move the workspace to the Plus tier. Tokens that have not ended until then are let in again at "
                "once; nothing has to be set up anew.",
            )
        case Standing.NOT_AUTHORIZED if workspace.access is Access.SUSPENDED:
            return Obstacle(
                title="MCP access of this workspace was suspended",
                text="Agents and apps cannot read it, and its tokens are refused until access is restored.",
                todo='Open a support ticket with the subject line "MCP Early Access" to have it restored. '
                "The tokens stay as they are.",
            )
        case Standing.NOT_AUTHORIZED:
            return Obstacle(
                title="This workspace is not authorized for MCP yet",
                text=f"On the {plan.label} plan access is granted to each organization on request.",
                todo='Open a support ticket with the subject line "MCP Early Access". '
                "Once it is granted, tokens are generated here.",
            )
