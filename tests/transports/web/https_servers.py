"""Real HTTPS servers on this computer, with certificates of an authority that was made for them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2096, 1, 1, tzinfo=UTC)

Answer = Callable[[socket.socket, threading.Event], None]
"""What is done with a connection whose request was read; the event is set when the test is over."""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Vouches for names."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._made = (
            self._builder("Authority of the tests", self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def trusted(self) -> ssl.SSLContext:
        """Give what a client trusts that trusts this authority alone."""
        return ssl.create_default_context(cadata=self._made.public_bytes(serialization.Encoding.PEM).decode())

    def server(self, name: str, folder: Path, *, end: datetime = END) -> ssl.SSLContext:
        """Give a server the certificate of a name."""
        key = ec.generate_private_key(ec.SECP256R1())
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            self._builder(name, key, end=end)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        kept = folder / f"{name}.pem"
        kept.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(kept)
        return context

    def _builder(self, name: str, key: ec.EllipticCurvePrivateKey, *, end: datetime = END) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("Authority of the tests"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(BEGIN - timedelta(days=1))
            .not_valid_after(end)
        )


@dataclass
class Server:
    """What a server was asked, and by which name (SNI)."""

    port: int
    requests: list[bytes] = field(default_factory=list[bytes])
    names: list[str | None] = field(default_factory=list[str | None])
    connections: int = 0


@contextmanager
def serving(context: ssl.SSLContext | None, answer: Answer) -> Generator[Server]:
    """Serve until the test is over; without a context nothing is said of TLS, and `answer` has the bare connection."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(port=listening.getsockname()[1])

        def note_name(_: object, name: str | None, __: object) -> None:
            server.names.append(name)

        if context is not None:
            context.sni_callback = note_name

        def serve() -> None:
            while True:
                try:
                    taken, _ = listening.accept()
                except OSError:
                    return
                if over.is_set():
                    taken.close()
                    return
                server.connections += 1
                with closing(taken), suppress(OSError):
                    taken.settimeout(5)
                    _talk(taken, context, answer, server, over)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", server.port), timeout=5).close()  # wakes the one that accepts
            thread.join()


def _talk(
    taken: socket.socket, context: ssl.SSLContext | None, answer: Answer, server: Server, over: threading.Event
) -> None:
    if context is None:
        answer(taken, over)
        return
    with context.wrap_socket(taken, server_side=True) as secure:
        asked = b""
        while b"\r\n\r\n" not in asked:
            piece = secure.recv(4096)
            if not piece:
                return
            asked += piece
        server.requests.append(asked)
        answer(secure, over)


def says(body: bytes, *, status: str = "200 OK", kind: str = "application/json", more: tuple[str, ...] = ()) -> Answer:
    """Answer at once, and end the connection."""

    def answer(taken: socket.socket, _: threading.Event) -> None:
        lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *more, "", "")
        taken.sendall("\r\n".join(lines).encode() + body)

    return answer


def drips(begin: bytes, piece: bytes, *, every: float) -> Answer:
    """Say the beginning, and then a piece now and then for as long as somebody listens."""

    def answer(taken: socket.socket, over: threading.Event) -> None:
        taken.sendall(begin)
        while not over.wait(every):
            taken.sendall(piece)

    return answer
