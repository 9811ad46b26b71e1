"""The refusals of a rule.

    DomainError
    ├── NotFound            the thing is not there, or not the caller's to see
    ├── NotPermitted        the caller's role or plan does not allow it
    ├── Conflict            it clashes with what has happened since or before
    └── Invalid             the request itself is wrong, and says which field

A refusal carries a stable `code` for programs, a sentence for people and a `hint` that says how to mend it. Ordinary
outcomes of the call path (a bad token, a full window) are values, not exceptions: see `shared.services.refusals`.
"""

from __future__ import annotations


class DomainError(Exception):
    """A rule said no. `code` is part of the API and never changes its meaning."""

    def __init__(self, code: str, message: str, *, hint: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.field = field


class NotFound(DomainError):
    """There is no such thing, or it belongs to somebody else: both look alike."""


class NotPermitted(DomainError):
    """The caller is known and the thing is there, but the role or the plan does not allow this."""


class Conflict(DomainError):
    """What is asked clashes with the state that the thing is in."""


class Invalid(DomainError):
    """An argument breaks a rule; `field` names it."""
