"""Documents of clients, fetched over HTTPS from addresses that are public.

A name is resolved once, every answer is checked, and the connection goes to the answer that was checked: a name that
answers otherwise a moment later (DNS rebinding) changes nothing. The certificate is that of the name. One deadline
bounds all of it, however slowly a server drips; at its end the connection is cut from under whatever waits for it.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from time import monotonic

from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError

from shared.services.grants.client_documents import LARGEST_DOCUMENT, DocumentAddress, DocumentUnreachable

logger = logging.getLogger(__name__)

SECONDS = 3.0
OK = 200
MOST_ADDRESSES = 8
"""Answers to a name that are tried; whoever has more has them for others."""

Resolve = Callable[[str, int], list[str]]
"""Give the addresses of a name, as text. May raise OSError."""

_JSON = re.compile(r"application/(?:[a-z0-9.-]+\+)?json", re.IGNORECASE)
_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address. Networks with IPv6 alone see most of the web so."""
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            *("192.0.0.0/24", "192.88.99.0/24"),  # protocol assignments; relays of 6to4
            *("2001::/23", "2001:db8::/32", "3fff::/20"),  # protocol assignments with Teredo; documentation
        ),
    )
)
"""What some versions of Python hold for global, or what leads elsewhere than it says."""
_NO_ANSWER = "no public address answered for its name over HTTPS in time."


def system_resolver(name: str, port: int) -> list[str]:
    """Ask as the system does; a zone stays with its address, which is then refused."""
    return [str(answer[4][0]) for answer in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]


def is_public(text: str) -> bool:
    """Tell whether an address is one of the public internet, looking into addresses that hold another."""
    address = _unwrapped(text)
    if address is None or not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not any(address.version == network.version and address in network for network in _NOT_PUBLIC)


def is_loopback(text: str) -> bool:
    """Tell whether an address is this computer's own."""
    address = _unwrapped(text)
    return address is not None and address.is_loopback


class _NotPublic(OSError):
    """A name has an address that is not to be connected to."""


class FetchDocument:
    """Fetches documents; keeps the `DocumentSource` contract."""

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        trusted: ssl.SSLContext | None = None,
        resolve: Resolve = system_resolver,
        seconds: float = SECONDS,
    ) -> None:
        """`trusted` holds the certificates of those who vouch for names: the system's, if there is none."""
        self._allow_loopback = allow_loopback
        self._given = trusted
        self._resolve = resolve
        self._seconds = seconds

    def fetch(self, address: DocumentAddress) -> bytes:
        """Give the JSON at an address; no redirect is followed, and nothing is unpacked."""
        deadline = monotonic() + self._seconds
        try:
            with self._connected(address, deadline) as connection:
                document = _ask(connection, address.target)
        except (OSError, HTTPError, HTTPException) as error:
            raise _silent(address, error) from error
        if monotonic() >= deadline:  # what was cut may look like an end
            raise _silent(address, TimeoutError("cut at the deadline"))
        return document

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return self._given or ssl.create_default_context()

    def _addresses(self, name: str, port: int, deadline: float) -> list[str]:
        """Give the addresses of a name if each of them may be connected to."""
        found = _in_time(lambda: self._resolve(name, port), deadline)
        for text in found:
            if not is_public(text) and not (self._allow_loopback and is_loopback(text)):
                raise _NotPublic
        return list(dict.fromkeys(found))[:MOST_ADDRESSES]

    @contextmanager
    def _connected(self, address: DocumentAddress, deadline: float) -> Generator[HTTPSConnection]:
        with self._dialled(address, deadline) as made, _cut_at(deadline, made):
            connection = _Pinned(address.host, address.port, made=made, trusted=self._trusted)
            with closing(connection):
                connection.connect()
                yield connection

    def _dialled(self, address: DocumentAddress, deadline: float) -> socket.socket:
        """Connect to the first address that answers; each has its share of the time that is left."""
        addresses = self._addresses(address.host, address.port, deadline)
        failed: OSError = OSError("the name has no address")
        for tried, text in enumerate(addresses):
            left = _left(deadline)
            try:
                made = socket.create_connection((text, address.port), timeout=left / (len(addresses) - tried))
            except OSError as error:
                failed = error
            else:
                made.settimeout(_left(deadline))
                return made
        raise failed


class _Pinned(HTTPSConnection):
    """A connection that was made already; SNI, certificate and `Host` are those of the name."""

    def __init__(self, host: str, port: int, *, made: socket.socket, trusted: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=made.gettimeout(), ssl_context=trusted)  # pyright: ignore[reportUnknownMemberType] - urllib3 guards its import of ssl
        self._made = made

    def _new_conn(self) -> socket.socket:
        return self._made


def _ask(connection: HTTPSConnection, target: str) -> bytes:
    connection.request(
        "GET",
        target,
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "merchant-mcp"},
        preload_content=False,
        decode_content=False,
    )
    with closing(connection.getresponse()) as answer:
        if answer.status != OK:
            raise DocumentUnreachable(f"its server answers with status {answer.status}; redirects are not followed.")
        if not _JSON.fullmatch(answer.headers.get("Content-Type", "").partition(";")[0].strip()):
            raise DocumentUnreachable("its content type is not application/json.")
        if answer.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise DocumentUnreachable("it is compressed, though we ask for it as it is.")
        document = b""
        # Piece by piece: `read` takes a chunk of -1 bytes for all that ever comes, whatever it is asked for.
        while piece := answer.read1(LARGEST_DOCUMENT, decode_content=False):
            document += piece
            if len(document) > LARGEST_DOCUMENT:
                raise DocumentUnreachable(f"it is larger than {LARGEST_DOCUMENT // 1024} KiB.")
    return document


def _unwrapped(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, or the IPv4 address in it; None: it is none, or one of a zone."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    if address.scope_id is not None:
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _in_time(resolve: Callable[[], list[str]], deadline: float) -> list[str]:
    """Wait for a resolver no longer than there is time: the system's own waits as long as it likes."""
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve())
        except (OSError, UnicodeError) as error:  # the second is a name that is none
            answers.put(OSError(str(error)))

    Thread(target=ask, name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=_left(deadline))
    except Empty:
        raise TimeoutError("the resolver is slow") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


@contextmanager
def _cut_at(deadline: float, connected: socket.socket) -> Generator[None]:
    """Cut a connection at the deadline. A time-out of a socket is for each byte: a server that drips has many."""
    with connected.dup() as same:  # TLS takes the socket itself away

        def cut() -> None:
            with suppress(OSError):  # the other end was quicker
                same.shutdown(socket.SHUT_RDWR)

        timer = Timer(_left(deadline), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError("there is no time left")
    return left


def _silent(address: DocumentAddress, error: Exception) -> DocumentUnreachable:
    """Say the same of every name that does not answer as it should, so that nobody can look around our network."""
    # No words of the error: they may be the server's.
    logger.info("a client's document at %s cannot be had: %s", address.host, type(error).__name__)
    return DocumentUnreachable(_NO_ANSWER)
