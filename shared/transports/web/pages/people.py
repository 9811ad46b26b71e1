"""How pages name who somebody is.

We keep no names of members. Whoever looks sees the addresses of those whom they may reach, and of others what they are.
"""

from __future__ import annotations

from shared.services.trail.pseudonyms import BEGIN
from shared.transports.web.visitors import Visitor

_YOU, _FORGOTTEN, _SUPPORT, _ITSELF = "You", "A forgotten member", "Our support", "The token itself"
_WORDS = frozenset({_YOU, _FORGOTTEN, _SUPPORT, _ITSELF})
"""What is no name, and small within a line."""


def named(actor: str, visitor: Visitor) -> str:
    """Name an actor of the trail for whoever looks at it."""
    part, _, _ = actor.partition(":")
    workspace = visitor.workspace
    if actor == visitor.member.member_id:
        return _YOU
    if (member := workspace.members.get(actor)) is not None:
        return f"{visitor.addresses.get(actor, actor)} ({member.role})"
    if actor in workspace.former_members:
        return f"{actor} (left)"
    if actor.startswith(BEGIN):
        return _FORGOTTEN
    # What an operator is called on their own machine may be a person's name.
    return {"operator": _SUPPORT, "system": "Merchant MCP", "token": _ITSELF}.get(part, actor)


def by_whom(actor: str, visitor: Visitor) -> str:
    """Say by whom something was done, as the beginning of a line."""
    name = named(actor, visitor)
    return f"By {name[:1].lower()}{name[1:]}" if name in _WORDS else f"By {name}"


def called(member_id: str, visitor: Visitor) -> str:
    """Name a member where their id stands beside it."""
    if member_id == visitor.member.member_id:
        return _YOU
    member = visitor.workspace.members.get(member_id)
    if member is None:
        return "Former member"
    return visitor.addresses.get(member_id, member.role.value.capitalize())
