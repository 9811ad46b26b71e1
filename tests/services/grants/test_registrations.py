"""Clients that register themselves: what went in comes out, and nothing else does."""

from __future__ import annotations

import string
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.oauth.clients import ClientKind, ClientRefused, check_redirect_uris
from shared.services.credentials.keys import CredentialKeys, Purpose
from shared.services.grants.registrations import client_id_told, register_client, registered_client
from tests.domain.test_oauth_clients import WELL_KNOWN

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
KEYS = CredentialKeys.of({"1": "k" * 64})
INSPECTOR: dict[str, object] = {
    "redirect_uris": ["http://localhost:6274/oauth/callback"],
    "token_endpoint_auth_method": "none",
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "client_name": "MCP Inspector",
    "client_uri": "https://github.com/modelcontextprotocol/inspector",
    "logo_uri": "http://169.254.169.254/latest",
    "scope": "pnl:read",
}
MINE = register_client(INSPECTOR, now=NOW, keys=KEYS).client.client_id


def test_what_went_in_comes_out() -> None:
    client = registered_client(MINE, keys=KEYS)

    assert (client.client_id, client.name, client.kind) == (MINE, "MCP Inspector", ClientKind.REGISTERED)
    assert client.redirect_uris == ("http://localhost:6274/oauth/callback",)
    assert client.home is None


@given(st.text(max_size=120), st.lists(st.sampled_from(WELL_KNOWN), min_size=1, max_size=6, unique=True))
def test_whatever_is_registered_is_found_as_it_was_told(name: str, uris: list[str]) -> None:
    made = register_client({"client_name": name, "redirect_uris": uris}, now=NOW, keys=KEYS)

    assert registered_client(made.client.client_id, keys=KEYS) == made.client
    assert made.client.redirect_uris == check_redirect_uris(uris)
    assert made.issued_at == NOW.timestamp()
    assert 1 <= len(made.client.name) <= 100


@given(st.integers(0, len(MINE) - 1), st.sampled_from(string.ascii_letters + string.digits + "-_=+/.é "))
def test_no_character_of_an_id_can_be_changed(place: int, char: str) -> None:
    if MINE[place] == char:
        return
    with pytest.raises(ClientRefused) as refusal:
        registered_client(MINE[:place] + char + MINE[place + 1 :], keys=KEYS)
    assert refusal.value.code == "invalid_client"


@pytest.mark.parametrize("shown", ["mfc_", MINE[:-1], MINE + "A", MINE + "=", "", "mfc_" + "1" * 44, MINE[:48]])
def test_a_part_of_an_id_is_none(shown: str) -> None:
    with pytest.raises(ClientRefused, match="given out here"):
        registered_client(shown, keys=KEYS)


def test_an_id_outlives_a_new_key_and_ends_with_its_own() -> None:
    assert registered_client(MINE, keys=CredentialKeys.of({"1": "k" * 64, "2": "l" * 64})).client_id == MINE
    with pytest.raises(ClientRefused):
        registered_client(MINE, keys=CredentialKeys.of({"2": "l" * 64}))


def test_what_was_signed_for_something_else_is_no_id() -> None:
    payload = MINE[48:]

    with pytest.raises(ClientRefused):
        registered_client("mfc_" + KEYS.sign(Purpose.CONSENT, payload) + payload, keys=KEYS)


def test_an_id_of_before_with_an_address_that_is_no_longer_taken_is_refused() -> None:
    told = b'{"n": "An app", "r": ["http://app.example/callback"], "t": 1788264000}'
    payload = urlsafe_b64encode(told).decode().rstrip("=")

    with pytest.raises(ClientRefused) as refusal:
        registered_client("mfc_" + KEYS.sign(Purpose.REGISTRATION, payload) + payload, keys=KEYS)
    assert refusal.value.code == "invalid_redirect_uri"


def test_an_id_that_is_longer_than_any_we_give_is_none_though_its_signature_is_right() -> None:
    told = b'{"n": "%s", "r": ["https://app.example/callback"], "t": 1788264000}'

    def signed(letters: int) -> str:
        payload = urlsafe_b64encode(told % (b"x" * letters)).decode().rstrip("=")
        return "mfc_" + KEYS.sign(Purpose.REGISTRATION, payload) + payload

    assert registered_client(signed(1_000), keys=KEYS).redirect_uris == ("https://app.example/callback",)
    assert len(signed(1_500)) > 2_000
    with pytest.raises(ClientRefused) as refusal:
        registered_client(signed(1_500), keys=KEYS)
    assert refusal.value.code == "invalid_client"


def test_what_would_be_too_long_as_an_id_is_refused_and_told_so() -> None:
    uris = [f"https://app.example/{number}/{'a' * 350}" for number in range(5)]

    with pytest.raises(ClientRefused, match="too long") as refusal:
        register_client({"redirect_uris": uris}, now=NOW, keys=KEYS)
    assert refusal.value.code == "invalid_client_metadata"
    assert "2,000" in refusal.value.hint
    assert len(register_client({"redirect_uris": uris[:3]}, now=NOW, keys=KEYS).client.client_id) <= 2_000


@pytest.mark.parametrize(
    "told",
    [
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["implicit"]},
        {"grant_types": "authorization_code"},
        {"response_types": ["token"]},
        {"response_types": "code"},
        {"client_name": 7},
    ],
)
def test_another_flow_than_the_one_there_is_cannot_be_registered(told: dict[str, object]) -> None:
    with pytest.raises(ClientRefused) as refusal:
        register_client({**INSPECTOR, **told}, now=NOW, keys=KEYS)
    assert refusal.value.code == "invalid_client_metadata"


def test_a_client_that_asks_for_a_secret_is_registered_as_one_without() -> None:
    """Older SDKs ask for `client_secret_post` and go by what they are answered (RFC 7591, section 3.2.1)."""
    told = {**INSPECTOR, "token_endpoint_auth_method": "client_secret_post"}

    assert register_client(told, now=NOW, keys=KEYS).client.name == "MCP Inspector"


def test_an_app_without_a_name_is_told_by_where_it_waits() -> None:
    told = {"redirect_uris": ["cursor://anysphere.cursor-retrieval/callback"]}

    assert register_client(told, now=NOW, keys=KEYS).client.name == "An app at cursor:"


def test_a_long_id_is_told_by_its_hash_and_a_short_one_as_it_is() -> None:
    assert client_id_told("https://app.example/client.json") == "https://app.example/client.json"
    assert client_id_told("a" * 200) == "a" * 200
    told = client_id_told("a" * 201)
    assert len(told) == len("sha256:") + 64
    assert told != client_id_told("a" * 202)
