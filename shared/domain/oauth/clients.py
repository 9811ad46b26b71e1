"""An OAuth client, and the redirect URIs that one may have (RFC 8252; OAuth 2.1, sections 2.3 and 8.4).

A browser, Python and we must all read a URI alike, or a code goes elsewhere than was checked. So only the characters of
RFC 3986 are taken, and of its grammar the part that everybody reads alike: no user info, no percent-encoding in a host,
no brackets but around IPv6, no backslash, no space, no control.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import cast

from shared.domain.errors import Invalid
from shared.domain.text import clean_line, quoted, shortened
from shared.domain.token.wording import NAME_LENGTH, without_tokens

LONGEST_URI = 400
MOST_URIS = 10
LARGEST_PORT = 65535

LOOPBACK = frozenset({"127.0.0.1", "[::1]", "localhost"})
"""Hosts at which a program on the person's own computer waits; the only ones without TLS."""
_HERE = frozenset(host.strip("[]") for host in LOOPBACK)
EDITOR_SCHEMES = frozenset(
    {
        *("chatgpt", "claude", "code-oss", "cursor", "cursor-nightly", "goose", "jetbrains", "kiro", "lmstudio"),
        *("raycast", "trae", "vscode", "vscode-insiders", "vscodium", "warp", "windsurf", "windsurf-next", "zed"),
    }
)
"""Schemes without a dot, against RFC 8252, section 7.1, of programs that speak MCP. No browser acts on these itself."""

_CHARS = r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*"
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_URI = re.compile(
    rf"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):"
    rf"(?://(?P<host>\[[0-9A-Fa-f:.]+\]|{_NAME}(?:\.{_NAME})*)(?::(?P<port>[0-9]{{1,5}}))?(?=[/?]|\Z)|(?=/(?!/)))"
    rf"(?P<rest>{_CHARS})"
)


class ClientError(StrEnum):
    """The errors of RFC 6749, section 5.2, and RFC 7591, section 3.2.2, that are about a client."""

    INVALID_CLIENT = "invalid_client"
    INVALID_METADATA = "invalid_client_metadata"
    INVALID_REDIRECT = "invalid_redirect_uri"


class ClientRefused(Invalid):
    """A client is unknown, or says of itself what cannot be. `code` is the error's name in OAuth."""

    def __init__(self, error: ClientError, message: str, *, hint: str, field: str | None = None) -> None:
        super().__init__(error.value, message, hint=hint, field=field)


class ClientKind(StrEnum):
    """How we know a client."""

    DOCUMENT = "document"
    """Its id is the address of a document about it, so whoever owns the host vouches for it."""
    REGISTERED = "registered"
    """It told us about itself; nobody vouches for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """A public client."""

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    home: str | None
    """The host of its document."""
    kind: ClientKind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Redirect:
    scheme: str
    host: str
    """In small letters; empty where a scheme is followed by a path alone."""
    rest: str
    """Path and query, as they are written."""

    @property
    def is_loopback(self) -> bool:
        return self.scheme == "http" and self.host in LOOPBACK


def name_of(told: object, *, instead: str) -> str:
    """Give a client's name as one short line in which no token stands; `instead` for a client that tells none.

    Raises:
        ClientRefused: it is no text.

    """
    if told is None:
        told = ""
    if not isinstance(told, str):
        raise ClientRefused(
            ClientError.INVALID_METADATA, "client_name is no text.", hint="Send a string.", field="client_name"
        )
    # Cleaned first: what hides between the characters of a token would hide the token.
    line = without_tokens(clean_line(told))
    return shortened(line, longest=NAME_LENGTH) or shortened(instead, longest=NAME_LENGTH)


def check_redirect_uris(told: object) -> tuple[str, ...]:
    """Give the redirect URIs of a client, each of which may be sent a code.

    Raises:
        ClientRefused: one may not, or there are none or too many (`invalid_redirect_uri`).

    """
    if not isinstance(told, list | tuple):
        raise _redirect_refused("redirect_uris is no list.", hint="Send a list of strings.")
    uris = cast("Sequence[object]", told)
    if not 1 <= len(uris) <= MOST_URIS:
        raise _redirect_refused(
            f"A client has 1 to {MOST_URIS} redirect URIs.",
            hint="Send each once; of a loopback address one port does for all.",
        )
    return tuple(map(_checked, uris))


def redirect_of(client: OAuthClient, asked: str | None) -> str:
    """Give the URI that a person is sent back to: one of the client's, compared character by character.

    At a loopback address the port is whichever was free (RFC 8252, section 7.3). A client with one may leave it out.

    Raises:
        ClientRefused: it is none of the client's, or nobody can say which (`invalid_redirect_uri`).

    """
    if asked is None:
        if len(client.redirect_uris) == 1:
            return client.redirect_uris[0]
        raise _redirect_refused("There is no redirect_uri, and the client has several.", hint="Send the one you mean.")
    if asked in client.redirect_uris or _is_loopback_of(client, asked):
        return asked
    raise _redirect_refused(
        f"The redirect URI {quoted(asked)} is none of the client's.",
        hint="Send one of its redirect_uris as it stands there, or register again. Only the port of 127.0.0.1, [::1] "
        "and localhost may differ.",
    )


def redirect_host(uri: str) -> str:
    """Say where a person is sent back to: the host, or the scheme of a program on their computer.

    What stands where a host would behind another scheme is the program's own: it names nobody.
    """
    redirect = _read(uri)
    if redirect is None:
        raise ValueError("not one that was checked")
    return redirect.host.strip("[]") if redirect.scheme in {"http", "https"} else f"{redirect.scheme}:"


def is_on_their_computer(host: str) -> bool:
    """Tell whether a `redirect_host` is a program on the person's own computer."""
    return host in _HERE or host.endswith(":")


def _is_loopback_of(client: OAuthClient, asked: str) -> bool:
    wanted = _read(asked)
    return wanted is not None and wanted.is_loopback and any(_read(known) == wanted for known in client.redirect_uris)


def _checked(uri: object) -> str:
    if not isinstance(uri, str):
        raise _redirect_refused("A redirect URI is no text.", hint="Send a list of strings.")
    if len(uri) > LONGEST_URI:
        raise _redirect_refused(
            f"A redirect URI has up to {LONGEST_URI} characters.", hint="Keep what is longer in `state`."
        )
    redirect = _read(uri)
    if redirect is None:
        raise _redirect_refused(
            f"{quoted(uri)} is no redirect URI.",
            hint="Write it as in RFC 3986, e.g. https://app.example/callback: no fragment, no user name, no spaces; "
            "other letters percent-encoded, in a host as xn--, where no underscore stands.",
        )
    match redirect:
        case _Redirect(scheme="https"):
            return uri
        case _Redirect(is_loopback=True):
            return uri
        case _Redirect(scheme="http"):
            raise _redirect_refused(
                f"{quoted(uri)} would carry the code in the clear.",
                hint="Use https; http only to 127.0.0.1, [::1] or localhost.",
            )
        case _Redirect(scheme=scheme) if "." in scheme or scheme in EDITOR_SCHEMES:
            return uri
        case _:
            raise _redirect_refused(
                f"{quoted(uri)} has a scheme that may be anybody's.",
                hint="Use https, a loopback address (http://127.0.0.1/callback), or a scheme of a domain that is yours "
                "(com.example.app:/callback; RFC 8252, section 7.1).",
            )


def _read(uri: str) -> _Redirect | None:
    """Take a URI apart; None: it is none, or not everybody would read it alike."""
    found = _URI.fullmatch(uri) if len(uri) <= LONGEST_URI else None
    if found is None or not 1 <= int(found["port"] or 1) <= LARGEST_PORT:
        return None
    scheme, host = found["scheme"].lower(), (found["host"] or "").lower()
    if scheme in {"http", "https"} and (not host or "_" in host):  # a host has no underscore, and no policy takes one
        return None
    try:
        if host.startswith("["):
            IPv6Address(host[1:-1])
        elif _NUMBER.fullmatch(host.rpartition(".")[2]) and scheme in {"http", "https"}:
            IPv4Address(host)  # browsers read a host that ends in a number as IPv4, in whichever of its many spellings
    except AddressValueError:
        return None
    return _Redirect(scheme=scheme, host=host, rest=found["rest"])


def _redirect_refused(message: str, *, hint: str) -> ClientRefused:
    return ClientRefused(ClientError.INVALID_REDIRECT, message, hint=hint, field="redirect_uris")
