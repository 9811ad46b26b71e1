"""What a member of a workspace may be."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a member may do: owners and admins manage credentials, analysts read."""

    OWNER = "owner"
    ADMIN = "admin"
    ANALYST = "analyst"


_RANKS = (Role.ANALYST, Role.ADMIN, Role.OWNER)


def is_at_least(role: Role, other: Role) -> bool:
    """Tell whether a role allows all that another does."""
    return _RANKS.index(role) >= _RANKS.index(other)
