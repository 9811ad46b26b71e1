"""What the pages themselves refuse, before any rule of the product is asked.

DomainError
└── PageRefusal
    ├── SignInNeeded     nobody is signed in; a GET goes to the sign-in and comes back
    ├── FormRefused      a form that was not made for this session, or came from somebody else's page
    └── SignInFailed     the issuer, or whoever came back from it, did not say what it should have
"""

from __future__ import annotations

from shared.domain.errors import DomainError


class PageRefusal(DomainError):
    """The request got no further than the door."""


class SignInNeeded(PageRefusal):
    """Nobody is signed in."""

    def __init__(self, back_to: str) -> None:
        super().__init__("sign_in_needed", "Nobody is signed in.", hint="Sign in.")
        self.back_to = back_to


class FormRefused(PageRefusal):
    """The form cannot be taken."""

    def __init__(self) -> None:
        super().__init__(
            "form_refused",
            "This form is not from your present session, so nothing was changed.",
            hint="Load the page again and send it from there.",
        )


class SignInFailed(PageRefusal):
    """The sign-in did not come to its end."""
