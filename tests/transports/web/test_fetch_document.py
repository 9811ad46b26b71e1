"""Documents of clients over real TLS: which addresses are connected to, who is believed, and that it ends."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.services.grants.client_documents import DocumentAddress, DocumentUnreachable
from shared.transports.web.oauth.fetch_document import FetchDocument, is_loopback, is_public
from tests.transports.web.https_servers import Answer, Authority, drips, says, serving

NAME = "client.test"
BODY = b'{"client_id": "https://client.test/c"}'
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def fetcher(authority: Authority, *answers: str, seconds: float = 3.0, loopback: bool = True) -> FetchDocument:
    return FetchDocument(
        allow_loopback=loopback,
        trusted=authority.trusted(),
        resolve=lambda _, __: list(answers or ("127.0.0.1",)),
        seconds=seconds,
    )


def at(port: int, name: str = NAME) -> DocumentAddress:
    return DocumentAddress(host=name, port=port, target="/c?v=1")


def test_a_document_is_fetched_by_the_name_from_the_address(authority: Authority, tmp_path: Path) -> None:
    with serving(authority.server(NAME, tmp_path), says(BODY, kind="application/json; charset=utf-8")) as server:
        assert fetcher(authority).fetch(at(server.port)) == BODY

    [asked] = server.requests
    assert server.names == [NAME]
    assert asked.startswith(b"GET /c?v=1 HTTP/1.1\r\n")
    assert f"Host: {NAME}:{server.port}\r\n".encode() in asked
    assert b"Accept-Encoding: identity\r\n" in asked
    assert b"cookie" not in asked.lower()
    assert b"authorization" not in asked.lower()


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", "application/client+json;v=1"])
def test_json_is_told_by_its_content_type(kind: str, authority: Authority, tmp_path: Path) -> None:
    with serving(authority.server(NAME, tmp_path), says(BODY, kind=kind)) as server:
        assert fetcher(authority).fetch(at(server.port)) == BODY


def test_the_certificate_is_that_of_the_name(authority: Authority, tmp_path: Path) -> None:
    with serving(authority.server("other.test", tmp_path), says(BODY)) as server:
        with pytest.raises(DocumentUnreachable):
            fetcher(authority).fetch(at(server.port))
        assert fetcher(authority).fetch(at(server.port, "other.test")) == BODY
    assert len(server.requests) == 1


def test_a_certificate_of_nobody_we_trust_is_none(authority: Authority, tmp_path: Path) -> None:
    with serving(Authority().server(NAME, tmp_path), says(BODY)) as server:
        with pytest.raises(DocumentUnreachable):
            fetcher(authority).fetch(at(server.port))
        with pytest.raises(DocumentUnreachable):
            FetchDocument(allow_loopback=True, resolve=lambda _, __: ["127.0.0.1"]).fetch(at(server.port))
    assert not server.requests


def test_a_certificate_whose_time_is_over_is_none(authority: Authority, tmp_path: Path) -> None:
    context = authority.server(NAME, tmp_path, end=datetime(2026, 1, 2, tzinfo=UTC))

    with serving(context, says(BODY)) as server, pytest.raises(DocumentUnreachable):
        fetcher(authority).fetch(at(server.port))
    assert not server.requests


def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(authority: Authority, tmp_path: Path) -> None:
    """DNS rebinding: whoever answers otherwise the second time is not asked."""
    asked: list[str] = []

    def resolve(name: str, _: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with serving(authority.server(NAME, tmp_path), says(BODY)) as server:
        source = FetchDocument(allow_loopback=True, trusted=authority.trusted(), resolve=resolve)
        assert source.fetch(at(server.port)) == BODY
        assert asked == [NAME]
        with pytest.raises(DocumentUnreachable):
            source.fetch(at(server.port))
    assert server.connections == 1


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "2606:4700::1111"], []],
)
def test_without_the_setting_nothing_on_this_computer_is_connected_to(
    answers: list[str], authority: Authority, tmp_path: Path
) -> None:
    with serving(authority.server(NAME, tmp_path), says(BODY)) as server:
        source = FetchDocument(trusted=authority.trusted(), resolve=lambda _, __: answers)
        with pytest.raises(DocumentUnreachable):
            source.fetch(at(server.port))
    assert server.connections == 0


def test_a_name_of_which_one_address_may_not_be_connected_to_is_not_asked_at_another(
    authority: Authority, tmp_path: Path
) -> None:
    with serving(authority.server(NAME, tmp_path), says(BODY)) as server:
        source = FetchDocument(
            allow_loopback=True, trusted=authority.trusted(), resolve=lambda _, __: ["127.0.0.1", "10.0.0.1"]
        )
        with pytest.raises(DocumentUnreachable):
            source.fetch(at(server.port))
    assert server.connections == 0


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_loopback_by_name_or_number_is_nothing_without_the_setting(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        with pytest.raises(DocumentUnreachable):
            FetchDocument().fetch(at(listening.getsockname()[1], name))
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize("private", ["10.0.0.1", "169.254.169.254", "fe80::1%lo", "fd00::1", "not an address"])
def test_one_private_answer_among_others_is_enough_to_connect_to_none(
    private: str, authority: Authority, tmp_path: Path
) -> None:
    with serving(authority.server(NAME, tmp_path), says(BODY)) as server:
        for answers in (("127.0.0.1", private), (private, "127.0.0.1")):
            with pytest.raises(DocumentUnreachable):
                fetcher(authority, *answers).fetch(at(server.port))
    assert server.connections == 0


def test_an_address_at_which_nobody_answers_leaves_time_for_the_next(authority: Authority, tmp_path: Path) -> None:
    with serving(authority.server(NAME, tmp_path), says(BODY)) as server:
        assert fetcher(authority, "127.0.0.2", "::1", "127.0.0.1").fetch(at(server.port)) == BODY


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (says(b"", status="302 Found", more=("Location: https://127.0.0.1/",)), "status 302"),
        (says(BODY, status="301 Moved Permanently", more=("Location: /c",)), "status 301"),
        (says(BODY, status="404 Not Found"), "status 404"),
        (says(BODY, status="206 Partial Content"), "status 206"),
        (says(BODY, kind="text/html"), "content type"),
        (says(BODY, kind="text/json"), "content type"),
        (says(BODY, kind="application/jsonp"), "content type"),
        (says(BODY, kind="text/html, application/json"), "content type"),
        (says(BODY, kind=""), "content type"),
        (says(BODY, more=("Content-Encoding: gzip",)), "compressed"),
        (says(BODY, more=("Content-Encoding: identity, br",)), "compressed"),
        (says(b"x" * 10_241), "larger than 10 KiB"),
        (says(BODY, status="2OO OK"), "no public address"),
        (says(BODY, more=("Content-Length: 7",)), "no public address"),
        (drips(OK + b"Content-Length: 50\r\n\r\n{", b"", every=9), "no public address"),
        (drips(b"SSH-2.0-OpenSSH\r\n", b"", every=9), "no public address"),
    ],
)
def test_what_is_no_document_as_we_ask_for_it_is_refused(
    answer: Answer, why: str, authority: Authority, tmp_path: Path
) -> None:
    with serving(authority.server(NAME, tmp_path), answer) as server, pytest.raises(DocumentUnreachable, match=why):
        fetcher(authority, seconds=1).fetch(at(server.port))
    assert server.connections == 1


def test_a_document_may_have_ten_kibibytes(authority: Authority, tmp_path: Path) -> None:
    with serving(authority.server(NAME, tmp_path), says(b"x" * 10_240)) as server:
        assert len(fetcher(authority).fetch(at(server.port))) == 10_240


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SLOW: dict[str, Answer] = {
    "headers": drips(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a", every=0.05),
    "many headers": drips(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n", every=0.05),
    "the status line": drips(b"HTTP/1.1 20", b"0", every=0.05),
    "continues": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n", every=0.05),
    "the body": drips(OK + b"Content-Length: 9000\r\n\r\n", b" ", every=0.05),
    "a body without a length": drips(OK + b"\r\n" + BODY, b" ", every=0.05),
    "chunks": drips(CHUNKED, b"1\r\n \r\n", every=0.05),
    "a chunk's size": drips(CHUNKED, b"0", every=0.05),
    "trailers": drips(CHUNKED + b"0\r\n", b"X: a\r\n", every=0.05),
    "nothing": drips(b"", b"", every=9),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
def test_the_time_is_for_all_of_it_however_slowly_a_server_drips(
    answer: Answer, authority: Authority, tmp_path: Path
) -> None:
    with serving(authority.server(NAME, tmp_path), answer) as server:
        begun = monotonic()
        with pytest.raises(DocumentUnreachable):
            fetcher(authority, seconds=0.5).fetch(at(server.port))
        assert monotonic() - begun < 1.5


def test_a_handshake_that_drips_ends_in_time_too(authority: Authority) -> None:
    record = b"\x16\x03\x03\x40\x00"  # the beginning of a long record, of which the rest comes byte by byte

    with serving(None, drips(record, b"\x02", every=0.05)) as server:
        begun = monotonic()
        with pytest.raises(DocumentUnreachable):
            fetcher(authority, seconds=0.5).fetch(at(server.port))
        assert monotonic() - begun < 1.5


def test_a_resolver_that_does_not_answer_is_not_waited_for(authority: Authority) -> None:
    over = threading.Event()

    def resolve(_: str, __: int) -> list[str]:
        over.wait(10)
        return ["127.0.0.1"]

    begun = monotonic()
    with pytest.raises(DocumentUnreachable):
        FetchDocument(trusted=authority.trusted(), resolve=resolve, seconds=0.3).fetch(at(9))
    assert monotonic() - begun < 1.3
    over.set()


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (OK + b"\r\n", b" " * 65_536),
        (CHUNKED, b"4000\r\n" + b" " * 16_384 + b"\r\n"),
        (CHUNKED + b"-1\r\n", b" " * 65_536),
    ],
    ids=["to the end of the connection", "in chunks", "in less than a chunk"],
)
def test_an_endless_body_is_read_to_its_limit_alone(
    begin: bytes, piece: bytes, authority: Authority, tmp_path: Path
) -> None:
    endless = drips(begin, piece, every=0)

    with (
        serving(authority.server(NAME, tmp_path), endless) as server,
        pytest.raises(DocumentUnreachable, match="large"),
    ):
        fetcher(authority).fetch(at(server.port))


def test_what_fails_in_the_network_is_told_alike() -> None:
    """Or whoever is signed in could look around in ours: which names there are, and which ports are open."""

    def missing(_: str, __: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    told: set[str] = set()
    sources = [FetchDocument(resolve=missing), FetchDocument(resolve=lambda _, __: ["10.0.0.1"])]
    sources.append(FetchDocument(resolve=lambda _, __: []))
    sources.append(FetchDocument(resolve=lambda _, __: ["127.0.0.1"], allow_loopback=True))
    for source in sources:
        with pytest.raises(DocumentUnreachable) as refusal:
            source.fetch(at(9))
        told.add(str(refusal.value))
    assert len(told) == 1


PRIVATE = [
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    *("0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1"),
    *("192.0.0.9", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1"),
    *("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "64:ff9b:1::a00:1", "100::1"),
    *("2001::1", "2001:0:7f00:1::", "2001:db8::1", "2001:10::1", "2002:7f00:1::", "2002:a9fe:a9fe::1"),
    *("2002:c0a8:1::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "2606::1%eth0"),
    *("fec0::1", "ff02::1", "ff0e::1", "4000::1"),
    *("2130706433", "0x7f.1", "0177.0.0.1", "127.1", "8.8.8", "010.0.0.1", "localhost", "", "8.8.8.8 ", "\uff18.8.8.8"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_not_connected_to(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "104.16.1.1", "2606:4700::1111", "2a00:1450:4001:81b::200e", "::ffff:8.8.8.8"),
        *("64:ff9b::808:808", "2002:808:808::1"),
    ],
)
def test_what_is_public_is(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_what_it_is(inside: IPv4Address) -> None:
    number = int(inside)
    wrapped = [IPv6Address((0xFFFF << 32) | number), IPv6Address((0x64FF9B << 96) | number)]
    wrapped.append(IPv6Address((0x2002 << 112) | (number << 80)))

    assert {is_public(str(address)) for address in wrapped} == {is_public(str(inside))}
    assert {is_loopback(str(address)) for address in wrapped} == {inside.is_loopback}
