"""How pages name who somebody is.

We keep no names of members. Whoever looks sees the addresses of those whom they may reach, and of others what they are.
"""

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
        return f"{visitor.addresses.get(actor, actor)} ({member.role})"
    if actor in workspace.former_members:
        return f"{actor} (left)"
    if actor.startswith(BEGIN):
        return "A forgotten member"
    # What an operator is called on their own machine may be a person's name.
    return {"operator": "Our support", "system": "Merchant MCP", "token": "The token itself"}.get(part, actor)


def called(member_id: str, visitor: Visitor) -> str:
    """Name a member where their id stands beside it."""
    if member_id == visitor.member.member_id:
        return "You"
    member = visitor.workspace.members.get(member_id)
    if member is None:
        return "Former member"
    return visitor.addresses.get(member_id, member.role.value.capitalize())
