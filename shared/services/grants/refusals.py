"""What an OAuth client is told when it does not get what it asks for."""

from __future__ import annotations

from enum import StrEnum

from shared.domain.errors import DomainError


class OAuthError(StrEnum):
    """The errors of RFC 6749, sections 4.1.2.1 and 5.2; of RFC 8628, 3.5; of RFC 8707, 2; of RFC 9101, 7."""

    ACCESS_DENIED = "access_denied"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    INVALID_REQUEST = "invalid_request"
    INVALID_SCOPE = "invalid_scope"
    INVALID_TARGET = "invalid_target"
    REQUEST_NOT_SUPPORTED = "request_not_supported"
    REQUEST_URI_NOT_SUPPORTED = "request_uri_not_supported"
    SLOW_DOWN = "slow_down"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"


class GrantRefused(DomainError):
    """A client asked for what it does not get. `code` is the error's name in OAuth."""

    def __init__(self, error: OAuthError, message: str, *, hint: str, field: str | None = None) -> None:
        super().__init__(error.value, message, hint=hint, field=field)


CONNECT_AGAIN = "Connect the app again: send its user through /oauth/authorize."


def not_granted(message: str, *, hint: str = CONNECT_AGAIN, field: str | None = None) -> GrantRefused:
    """Refuse with `invalid_grant`, for which the usual remedy is to begin again."""
    return GrantRefused(OAuthError.INVALID_GRANT, message, hint=hint, field=field)


def check_client(shown: str, *, kept: str) -> None:
    """Refuse what was given to another client.

    Raises:
        GrantRefused: it was (`invalid_grant`).

    """
    if shown != kept:
        raise not_granted(
            "This was given to another client.",
            hint="Send the client_id with which the user was sent to /oauth/authorize.",
            field="client_id",
        )


def check_resource(asked: str | None, *, granted: str) -> None:
    """Refuse a token for anything but the resource that was approved; a client that names none means that one.

    Raises:
        GrantRefused: it is another (`invalid_target`).

    """
    if asked is not None and asked != granted:
        raise GrantRefused(
            OAuthError.INVALID_TARGET,
            "The tokens are for another resource.",
            hint=f"Send resource={granted}, or leave it out.",
            field="resource",
        )
