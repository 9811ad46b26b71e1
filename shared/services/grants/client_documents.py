"""Clients whose id is the address of a document about them (draft-ietf-oauth-client-id-metadata-document).

Whoever is signed in can have us fetch an address of their choice. So there is one spelling of each, and what lies at it
is read as little as needed: logos and other addresses in a document are not looked at. A document is kept for five
minutes. One that could not be had is not asked for again for half a minute: a server that is silent holds us up for
seconds each time.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import NoReturn, Protocol, cast

from shared.domain.oauth.clients import (
    LARGEST_PORT,
    ClientError,
    ClientKind,
    ClientRefused,
    OAuthClient,
    check_redirect_uris,
    name_of,
)
from shared.services.grants.registrations import check_flow

LONGEST_ADDRESS = 400
LARGEST_DOCUMENT = 10 * 1024
"""Bytes."""
KEPT_FOR = timedelta(minutes=5)
LEFT_ALONE_FOR = timedelta(seconds=30)
CAPACITY = 200
HTTPS_PORT = 443

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(
    # The last label is no number, or it would be IPv4 in one of its many spellings.
    rf"https://(?:(?P<name>(?:{_LABEL}\.)+(?![0-9]){_LABEL})"
    r"|(?P<loopback>localhost|127\.0\.0\.1|\[::1\])(?::(?P<port>[1-9][0-9]{0,4}))?)"
    r"(?P<target>/(?P<path>(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-F]{2})+)"
    r"(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-F]{2})*)?)"
)
_DOTS = re.compile(r"(?:\.|%2E){1,2}")
_SECRETS = frozenset({"client_secret", "client_secret_expires_at"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAddress:
    """Where a document lies: a name (or this computer), and what to ask for there."""

    host: str
    """A name in small letters, or 127.0.0.1, or ::1."""
    port: int
    target: str
    """Path and query."""


class DocumentUnreachable(Exception):
    """A document cannot be had. The text is a sentence for the client's author, which tells nothing of our network."""


class DocumentSource(Protocol):
    """The web, as far as documents of clients lie in it."""

    def fetch(self, address: DocumentAddress) -> bytes:
        """Give the JSON at an address: up to `LARGEST_DOCUMENT`, from a public address, in a time that is bounded.

        Raises:
            DocumentUnreachable: there is none to be had.

        """
        ...


@dataclass
class ClientDocuments:
    """Documents, and what is remembered of them; the oldest are forgotten first."""

    source: DocumentSource
    capacity: int = CAPACITY
    _kept: OrderedDict[str, tuple[datetime, OAuthClient | str]] = field(
        default_factory=OrderedDict[str, tuple[datetime, OAuthClient | str]], repr=False
    )
    """When each was asked for, and what came: the client, or why there is none."""
    _lock: Lock = field(default_factory=Lock, repr=False)

    def client(self, client_id: str, *, now: datetime) -> OAuthClient:
        """Give the client whose document lies at an address.

        Raises:
            ClientRefused: it is no address for a document, there is none, or it is not as it has to be.

        """
        with self._lock:
            at, kept = self._kept.get(client_id, (now, None))
        if isinstance(kept, OAuthClient) and at <= now < at + KEPT_FOR:
            return kept
        address = read_address(client_id)
        if isinstance(kept, str) and at <= now < at + LEFT_ALONE_FOR:
            raise _not_had(kept)
        try:
            document = self.source.fetch(address)
        except DocumentUnreachable as error:
            why = str(error)  # the error itself would keep all that it went through
            self._keep(client_id, now, why)
            raise _not_had(why) from error
        client = read_document(document, client_id=client_id, home=address.host)
        self._keep(client_id, now, client)
        return client

    def _keep(self, client_id: str, now: datetime, found: OAuthClient | str) -> None:
        with self._lock:
            self._kept[client_id] = now, found
            self._kept.move_to_end(client_id)
            while len(self._kept) > self.capacity:
                self._kept.popitem(last=False)


def read_address(client_id: str) -> DocumentAddress:
    """Take an address apart that is written in the one way that we take.

    Raises:
        ClientRefused: it is not (`invalid_client`).

    """
    found = _ADDRESS.fullmatch(client_id) if len(client_id) <= LONGEST_ADDRESS else None
    is_one = (
        found is not None
        and len(found["name"] or "") <= 253  # noqa: PLR2004 - RFC 1035: the longest name
        and int(found["port"] or HTTPS_PORT) <= LARGEST_PORT
        and not any(_DOTS.fullmatch(segment) for segment in found["path"].split("/"))
    )
    if found is None or not is_one:
        raise ClientRefused(
            ClientError.INVALID_CLIENT,
            "This client_id is no address of a client's document.",
            hint="Write https://, a public name in small letters (others as xn--), and a path: no port, no user name, "
            f"no fragment, no . or .. in the path, up to {LONGEST_ADDRESS} characters.",
            field="client_id",
        )
    return DocumentAddress(
        host=(found["name"] or found["loopback"]).strip("[]"),
        port=int(found["port"] or HTTPS_PORT),
        target=found["target"],
    )


def read_document(document: bytes, *, client_id: str, home: str) -> OAuthClient:
    """Give the client that a document describes.

    Raises:
        ClientRefused: it is not as it has to be (`invalid_client_metadata`, `invalid_redirect_uri`).

    """
    told = _object(document)
    if told.get("client_id") != client_id:
        raise _refused(
            "The document is about another client_id than the address that it lies at.",
            hint="Write the address into it character by character: case, closing slash and port count.",
            field="client_id",
        )
    if told.get("token_endpoint_auth_method", "none") != "none" or _SECRETS & told.keys():
        raise _refused(
            "The document is that of a client with a secret or a key, and there are only public ones here.",
            hint='Write "token_endpoint_auth_method": "none", and no secret.',
            field="token_endpoint_auth_method",
        )
    check_flow(told)
    return OAuthClient(
        client_id=client_id,
        name=name_of(told.get("client_name"), instead=home),
        redirect_uris=check_redirect_uris(told.get("redirect_uris")),
        home=home,
        kind=ClientKind.DOCUMENT,
    )


def _object(document: bytes) -> Mapping[str, object]:
    try:
        told = json.loads(document.decode(), object_pairs_hook=_each_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:  # of which the second is JSON that is nested too deep
        raise _not_json() from error
    if not isinstance(told, dict):
        raise _not_json()
    return cast("Mapping[str, object]", told)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError("a key twice: readers differ in which one counts")
    return told


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _not_json() -> ClientRefused:
    return _refused(
        "The client's document is no JSON object.", hint="Publish one in UTF-8, each key once.", field="client_id"
    )


def _not_had(why: str) -> ClientRefused:
    seconds = int(LEFT_ALONE_FOR.total_seconds())
    return ClientRefused(
        ClientError.INVALID_CLIENT,
        f"The client's document cannot be had: {why}",
        hint=f"Try again in {seconds} seconds. If it stays so, whoever publishes the client has to mend it.",
        field="client_id",
    )


def _refused(message: str, *, hint: str, field: str) -> ClientRefused:
    return ClientRefused(ClientError.INVALID_METADATA, message, hint=hint, field=field)
