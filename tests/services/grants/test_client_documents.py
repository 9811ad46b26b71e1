"""Clients by their documents: which addresses are asked, what a document may say, how long it is believed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.oauth.clients import ClientKind, ClientRefused
from shared.services.credentials.keys import CredentialKeys
from shared.services.grants.client_documents import (
    ClientDocuments,
    DocumentAddress,
    DocumentUnreachable,
    read_address,
    read_document,
)
from shared.services.grants.find_client import find_client
from shared.services.grants.registrations import register_client

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
KEYS = CredentialKeys.of({"1": "k" * 64})
ID = "https://app.example/oauth/client.json"
URIS = ["http://127.0.0.1/callback", "https://app.example/callback"]


def document(**told: object) -> bytes:
    return json.dumps({"client_id": ID, "client_name": "An app", "redirect_uris": URIS, **told}).encode()


@dataclass
class Web:
    """A web with whatever lies in it."""

    pages: dict[str, bytes] = field(default_factory=lambda: {"/oauth/client.json": document()})
    asked: list[DocumentAddress] = field(default_factory=list[DocumentAddress])

    def fetch(self, address: DocumentAddress) -> bytes:
        self.asked.append(address)
        if address.target not in self.pages:
            raise DocumentUnreachable("it is not there.")
        return self.pages[address.target]


@pytest.mark.parametrize(
    ("client_id", "host", "port", "target"),
    [
        (ID, "app.example", 443, "/oauth/client.json"),
        ("https://vscode.dev/oauth/client-metadata.json", "vscode.dev", 443, "/oauth/client-metadata.json"),
        ("https://claude.ai/oauth/claude-code-client-metadata", "claude.ai", 443, "/oauth/claude-code-client-metadata"),
        ("https://xn--mnchen-3ya.example/c?v=1", "xn--mnchen-3ya.example", 443, "/c?v=1"),
        ("https://localhost:8443/c", "localhost", 8443, "/c"),
        ("https://127.0.0.1:8443/c", "127.0.0.1", 8443, "/c"),
        ("https://[::1]:8443/c", "::1", 8443, "/c"),
    ],
)
def test_an_address_is_read_as_it_is_written(client_id: str, host: str, port: int, target: str) -> None:
    assert read_address(client_id) == DocumentAddress(host=host, port=port, target=target)


@pytest.mark.parametrize(
    "client_id",
    [
        "http://app.example/c",
        "HTTPS://app.example/c",
        "https://App.example/c",
        "https://app.example",
        "https://app.example/",
        "https://app.example:443/c",
        "https://app.example:22/c",
        "https://app.example./c",
        "https://app.example/c#f",
        "https://app.example/c#",
        "https://user@app.example/c",
        "https://user:word@app.example/c",
        "https://app.example@evil.com/c",
        "https://app.example\\@evil.com/c",
        "https://app.example\\c",
        "https://app.example/a\\..\\c",
        "https://app.example/a/../c",
        "https://app.example/./c",
        "https://app.example/..",
        "https://app.example/%2E%2E/c",
        "https://app.example/%2e%2e/c",
        "https://app.example/.%2E/c",
        "https://app.example/a%0d%0aHost: evil",
        "https://app.example/c%",
        "https://app.example/c d",
        "https://app.example/c\r\nHost: evil",
        "https://app.example/c\n",
        "https://app.example/c\t",
        "https://app.example/é",
        "https://áapp.example/c",
        "https://app\u3002example/c",
        "https://\uff41pp.example/c",
        "https://%61pp.example/c",
        "https://-app.example/c",
        "https://app-.example/c",
        "https://app_1.example/c",
        "https://app..example/c",
        "https://intranet/c",
        "https://2130706433/c",
        "https://0x7f000001/c",
        "https://0x7f.1/c",
        "https://0177.0.0.1/c",
        "https://127.1/c",
        "https://10.0.0.1/c",
        "https://169.254.169.254/latest/meta-data",
        "https://8.8.8.8/c",
        "https://[::ffff:127.0.0.1]/c",
        "https://[fe80::1%25eth0]/c",
        "https://[2001:db8::1]/c",
        "https://localhost:0/c",
        "https://localhost:65536/c",
        "https://localhost.:8443/c",
        "https://" + "a" * 64 + ".example/c",
        "https://" + ".".join(["a" * 60] * 5) + "/c",
        "https://app.example/" + "a" * 400,
    ],
)
def test_an_address_that_could_be_read_otherwise_is_not_asked(client_id: str) -> None:
    web = Web()

    with pytest.raises(ClientRefused) as refusal:
        ClientDocuments(web).client(client_id, now=NOW)
    assert refusal.value.code == "invalid_client"
    assert not web.asked


def test_a_document_tells_the_client_and_its_host_is_its_home() -> None:
    logo = "http://169.254.169.254/"
    client = read_document(document(logo_uri=logo, jwks_uri=7), client_id=ID, home="app.example")

    assert (client.client_id, client.name, client.home) == (ID, "An app", "app.example")
    assert (client.kind, client.redirect_uris) == (ClientKind.DOCUMENT, tuple(URIS))
    assert logo not in repr(client)


@pytest.mark.parametrize(
    "other",
    [
        ID + "/",
        ID + "?",
        ID.upper(),
        ID.replace("app.", "App."),
        ID.replace("oauth", "OAuth"),
        ID.replace(".example", ".example:443"),
        ID.replace("https", "http"),
        ID + "#",
        "",
        None,
        [ID],
    ],
)
def test_a_document_is_about_the_very_address_that_it_lies_at(other: object) -> None:
    with pytest.raises(ClientRefused, match="another client_id"):
        read_document(document(client_id=other), client_id=ID, home="app.example")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [*URIS, "http://localhost.evil.com/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"token_endpoint_auth_method": "client_secret_basic"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": ["none"]}, "invalid_client_metadata"),
        ({"client_secret": "word"}, "invalid_client_metadata"),
        ({"client_secret_expires_at": 0}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"client_name": ["An app"]}, "invalid_client_metadata"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_with_its_name_in_oauth(told: dict[str, object], code: str) -> None:
    with pytest.raises(ClientRefused) as refusal:
        read_document(document(**told), client_id=ID, home="app.example")
    assert refusal.value.code == code
    assert refusal.value.hint


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'"text"',
        b"[" * 10_000,
        b'{"a":' * 2_000,
        b'{"client_id": ' + b"9" * 9_000 + b"}",
        b'{"a": NaN}',
        b"\xff\xfe{}",
        b"\xef\xbb\xbf" + document(),
        document() + b"{}",
        document()[:-1] + b', "redirect_uris": ["https://evil.com/"]}',
        document()[:-1] + b', "jwks": {"a": 1, "a": 2}}',
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_not_every_reader_reads_alike_is_no_document(text: bytes) -> None:
    with pytest.raises(ClientRefused) as refusal:
        read_document(text, client_id=ID, home="app.example")
    assert refusal.value.code == "invalid_client_metadata"


def test_a_document_is_believed_for_five_minutes() -> None:
    web = Web()
    documents = ClientDocuments(web)
    documents.client(ID, now=NOW)
    web.pages["/oauth/client.json"] = document(client_name="Renamed")

    assert documents.client(ID, now=NOW + timedelta(minutes=4, seconds=59)).name == "An app"
    assert documents.client(ID, now=NOW + timedelta(minutes=5)).name == "Renamed"
    assert len(web.asked) == 2


def test_a_clock_that_goes_back_keeps_nothing_for_longer() -> None:
    web = Web()
    documents = ClientDocuments(web)
    documents.client(ID, now=NOW)
    documents.client(ID, now=NOW - timedelta(days=1))

    assert len(web.asked) == 2


def test_what_was_wrong_is_asked_for_again_at_once() -> None:
    web = Web(pages={"/oauth/client.json": document(client_id="https://evil.com/c")})
    documents = ClientDocuments(web)
    with pytest.raises(ClientRefused):
        documents.client(ID, now=NOW)
    web.pages = {"/oauth/client.json": document()}

    assert documents.client(ID, now=NOW).name == "An app"


def test_a_server_that_had_no_document_is_left_alone_for_half_a_minute_and_its_app_told_so() -> None:
    web = Web(pages={})
    documents = ClientDocuments(web)
    for seconds in (0, 29.9):
        with pytest.raises(ClientRefused) as refused:
            documents.client(ID, now=NOW + timedelta(seconds=seconds))
        assert "Try again in 30 seconds" in refused.value.hint
        web.pages = {"/oauth/client.json": document()}

    assert documents.client(ID, now=NOW + timedelta(seconds=30)).name == "An app"


def test_no_more_documents_are_kept_than_there_is_room_for() -> None:
    ids = [f"https://app.example/{number}" for number in range(3)]
    web = Web(pages={f"/{number}": document(client_id=client_id) for number, client_id in enumerate(ids)})
    documents = ClientDocuments(web, capacity=2)
    for client_id in [*ids, *reversed(ids)]:
        documents.client(client_id, now=NOW)

    assert [address.target for address in web.asked] == ["/0", "/1", "/2", "/0"]


def test_a_client_is_found_by_its_registration_or_by_its_document() -> None:
    mine = register_client({"redirect_uris": URIS}, now=NOW, keys=KEYS).client
    documents = ClientDocuments(Web())

    assert find_client(mine.client_id, keys=KEYS, documents=documents, now=NOW) == mine
    assert find_client(ID, keys=KEYS, documents=documents, now=NOW).home == "app.example"


@pytest.mark.parametrize("client_id", [None, "", "my-app", "http://app.example/c", " https://app.example/c", "mfc"])
def test_every_other_id_is_no_clients(client_id: str | None) -> None:
    web = Web()

    with pytest.raises(ClientRefused) as refusal:
        find_client(client_id, keys=KEYS, documents=ClientDocuments(web), now=NOW)
    assert refusal.value.code == "invalid_client"
    assert not web.asked
