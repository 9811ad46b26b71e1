"""How pages name who did something: of members we know ids and roles, and no names."""

from __future__ import annotations

from shared.services.trail.pseudonyms import BEGIN
from shared.transports.web.visitors import Visitor


def named(actor: str, visitor: Visitor) -> str:
    """Name an actor of the trail for whoever looks at it."""
    part, _, _ = actor.partition(":")
    workspace = visitor.workspace
    if actor == visitor.member.member_id:
        return "You"
    if (member := workspace.members.get(actor)) is not None:
        return f"{actor} ({member.role})"
    if actor in workspace.former_members:
        return f"{actor} (left)"
    if actor.startswith(BEGIN):
        return "A forgotten member"
    # What an operator is called on their own machine may be a person's name.
    return {"operator": "Our support", "system": "Merchant MCP", "token": "The token itself"}.get(part, actor)
