"""What the REST door itself refuses, before any rule of the product is asked. The words are those of a rule's refusal.

DomainError
└── DoorRefusal
    ├── CredentialMissing    nobody says who they are
    ├── BearerRefused        somebody says it, and we do not believe it
    ├── SignatureRefused     the body is not signed by whom it should be from
    ├── Malformed            the body is not JSON
    ├── TooLarge             the body is longer than any that makes sense here
    ├── NotJson              the body says that it is something else
    ├── RouteUnknown, MethodNotAllowed
    ├── IssuerUnavailable    the keys of whoever signs cannot be had, so that nobody can be believed
    └── TokenRefused         a token asks about itself, and the gate says no
"""

from __future__ import annotations

from shared.domain.errors import DomainError
from shared.services.refusals import Refusal


class DoorRefusal(DomainError):
    """The request got no further than the door."""


class CredentialMissing(DoorRefusal):
    """The request carries no bearer."""


class BearerRefused(DoorRefusal):
    """The bearer proves nothing to us."""


class SignatureRefused(DoorRefusal):
    """The signature of the body proves nothing to us."""


class Malformed(DoorRefusal):
    """The body cannot be read."""


class TooLarge(DoorRefusal):
    """The body is too long."""


class NotJson(DoorRefusal):
    """The body is not declared as JSON."""


class RouteUnknown(DoorRefusal):
    """Nothing lies under this path."""


class MethodNotAllowed(DoorRefusal):
    """Something lies under this path, and it does not take this method."""


class IssuerUnavailable(DoorRefusal):
    """The keys of whoever signs cannot be had at the moment."""


class TokenRefused(DoorRefusal):
    """The token is not let in: for the same reasons, and in the same words, as at /mcp."""

    def __init__(self, refusal: Refusal, *, hint: str | None = None) -> None:
        super().__init__(str(refusal.reason), refusal.form.message, hint=hint or refusal.form.hint)
        self.refusal = refusal
