"""Who can sign in at the local issuer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What somebody is, and where: the sign-in page says it, no token does."""

    workspace: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may be chosen on the sign-in page."""

    subject: str
    name: str
    email: str
    memberships: Sequence[Membership] = ()


People = Mapping[str, Person]
"""Subject -> person."""
