"""Where a person may be sent back to with a code, and where not."""

from __future__ import annotations

import string
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.oauth.clients import (
    ClientKind,
    ClientRefused,
    OAuthClient,
    check_redirect_uris,
    name_of,
    redirect_host,
    redirect_of,
)

WELL_KNOWN = [
    "http://localhost:54212/callback",  # Claude Code
    "http://127.0.0.1:33418",  # VS Code
    "http://127.0.0.1:33418/",
    "https://vscode.dev/redirect",
    "https://insiders.vscode.dev/redirect",
    "vscode://vscode.github-authentication/did-authenticate",
    "https://claude.ai/api/mcp/auth_callback",  # claude.ai and Claude Desktop
    "https://claude.com/api/mcp/auth_callback",
    "cursor://anysphere.cursor-retrieval/oauth/user-1234/callback",
    "cursor://anysphere.cursor-mcp/oauth/callback",
    "http://localhost:6274/oauth/callback",  # MCP Inspector
    "http://localhost:6274/oauth/callback/debug",
    "https://chatgpt.com/connector_platform_oauth_redirect",
    "http://localhost:3030/callback",  # the SDKs' examples
    "http://localhost:8090/callback",
    "http://[::1]:8080/callback",
    "com.example.app:/oauth2redirect",
    "com.example.app://oauth2redirect?from=mcp",
]
NEVER = [
    "javascript:alert(1)",
    "JavaScript://app.example/%0aalert(1)",
    "java.script",
    "data:text/html,hi",
    "data://app.example/,hi",
    "file:///etc/passwd",
    "blob:https://app.example/1",
    "vbscript:x",
    "about:blank",
    "view-source://app.example/",
    "intent://app.example/#Intent;end",
    "ftp://app.example/",
    "ws://localhost/",
    "urn:ietf:wg:oauth:2.0:oob",
    "myapp://callback",
    "http://localhost.evil.com/callback",
    "http://127.0.0.1.evil.com/callback",
    "http://127.0.0.1@evil.com/callback",
    "http://127.0.0.1:80@evil.com/callback",
    "http://evil.com/?@localhost",
    "http://localhost:80.evil.com/",
    "http://localhost\\@evil.com/",
    "http://localhost\\.evil.com/",
    "http:\\\\localhost/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.0.2/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::1%25eth0]/",
    "http://[::1",
    "http://app.example/callback",
    "http://192.168.1.5/callback",
    "http://localhost./",
    "https://good#frag",
    "https://good/#",
    "https://user@good/",
    "https://user:word@good/",
    "https://good.example\t/callback",
    "https://good.example/call\nback",
    "https://good.example/callback ",
    " https://good.example/callback",
    "https://good.example/\r\nSet-Cookie: a=b",
    "https://good.example/\x00",
    "https://good.example/<script>",
    'https://good.example/"',
    "https://good.example/%zz",
    "https://good.example/%",
    "https://%67ood.example/",
    "https://g\u043e\u043ed.example/",
    "https://good\u3002example/",
    "https://good..example/",
    "https://good_one.example/",
    "https://.example/",
    "https:///callback",
    "https:/good.example",
    "https:good.example",
    "//good.example/",
    "/callback",
    "callback",
    "https://",
    "https://good:/",
    "https://good:0/",
    "https://good:65536/",
    "https://good:-1/",
    "https://good:4 4/",
    "https://good.example;evil/",
    "https://good.example/" + "a" * 400,
    "",
    None,
    7,
    ["https://good.example/"],
]


def client(*uris: str) -> OAuthClient:
    return OAuthClient(client_id="c", name="App", redirect_uris=uris, home=None, kind=ClientKind.REGISTERED)


@pytest.mark.parametrize("uri", WELL_KNOWN)
def test_what_well_known_clients_send_is_taken(uri: str) -> None:
    assert check_redirect_uris([uri]) == (uri,)
    assert redirect_of(client(uri), uri) == uri


@pytest.mark.parametrize("uri", NEVER)
def test_what_may_lead_elsewhere_is_refused(uri: object) -> None:
    with pytest.raises(ClientRefused) as refusal:
        check_redirect_uris([uri])

    assert refusal.value.code == "invalid_redirect_uri"
    assert refusal.value.hint


@pytest.mark.parametrize("told", [None, [], "https://good.example/", {"0": "https://good.example/"}, 7, True])
def test_redirect_uris_are_a_list_of_at_least_one(told: object) -> None:
    with pytest.raises(ClientRefused, match="redirect"):
        check_redirect_uris(told)


def test_there_are_at_most_ten() -> None:
    uris = [f"https://good.example/{number}" for number in range(11)]

    assert check_redirect_uris(uris[:10]) == tuple(uris[:10])
    with pytest.raises(ClientRefused, match="1 to 10"):
        check_redirect_uris(uris)


@given(
    st.text(string.printable + "\uff41\u3002\uff0f\uff20\u2028", max_size=60).map(
        lambda text: f"https://good.example{text}"
    )
)
def test_whatever_follows_the_host_a_code_stays_there_or_the_uri_is_refused(uri: str) -> None:
    try:
        check_redirect_uris([uri])
    except ClientRefused:
        return
    parts = urlsplit(uri)
    assert (parts.hostname or "").startswith("good.example")
    assert parts.hostname == redirect_host(uri)
    assert parts.username is None
    assert not parts.fragment


@given(st.text(string.ascii_letters + string.digits + "+-", min_size=1, max_size=12))
def test_a_scheme_without_a_dot_is_one_that_we_know(scheme: str) -> None:
    known = {"https", "http", *("cursor", "vscode", "claude", "zed", "warp", "goose", "kiro", "trae", "raycast")}
    if scheme.lower() in known:
        return
    with pytest.raises(ClientRefused):
        check_redirect_uris([f"{scheme}://localhost/callback"])


PORTS = st.integers(1, 65535)
HOSTS = st.sampled_from(["127.0.0.1", "[::1]", "localhost"])


@given(HOSTS, HOSTS, PORTS, st.sampled_from(["", "/", "/callback", "/callback?a=b"]))
def test_of_a_loopback_address_the_port_alone_may_differ(known: str, asked: str, port: int, path: str) -> None:
    one = client(f"http://{known}{path}", f"http://{known}:1234{path}/x")
    wanted = f"http://{asked}:{port}{path}"

    if known == asked:
        assert redirect_of(one, wanted) == wanted
    else:
        with pytest.raises(ClientRefused):
            redirect_of(one, wanted)


@pytest.mark.parametrize(
    "asked",
    [
        "https://app.example:8443/callback",
        "https://app.example:443/callback",
        "https://app.example/callback/",
        "https://app.example/Callback",
        "https://app.example/callback?",
        "https://app.example/callback#",
        "https://app.example/%63allback",
        "https://APP.example/callback",
        "http://app.example/callback",
        "https://app.example.evil.com/callback",
        "https://app.example/callback/../evil",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:5/cb/",
        "http://127.0.0.1:5@evil.com/cb",
        "https://127.0.0.1:5/cb",
        "http://localhost:5/cb",
        "",
    ],
)
def test_everything_else_is_compared_character_by_character(asked: str) -> None:
    one = client("https://app.example/callback", "http://127.0.0.1/cb")

    with pytest.raises(ClientRefused) as refusal:
        redirect_of(one, asked)
    assert refusal.value.code == "invalid_redirect_uri"


def test_a_client_with_one_redirect_uri_may_leave_it_out_and_one_with_two_may_not() -> None:
    assert redirect_of(client("https://a.example/"), None) == "https://a.example/"
    with pytest.raises(ClientRefused, match="several"):
        redirect_of(client("https://a.example/", "https://b.example/"), None)


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("https://App.example:8443/callback?a=b", "app.example"),
        ("http://127.0.0.1:33418/", "127.0.0.1"),
        ("http://[::1]:33418/", "::1"),
        ("cursor://claude.ai/callback", "cursor:"),
        ("com.example.app:/callback", "com.example.app:"),
    ],
)
def test_a_person_is_told_the_host_and_no_host_that_a_program_made_up(uri: str, host: str) -> None:
    assert redirect_host(uri) == host


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Claude Code (plugin)", "Claude Code (plugin)"),
        ("  An\n\tapp\u202e ", "An app"),
        ("a" * 200, "a" * 100),
        ("", "app.example"),
        ("\u200b\x07", "app.example"),
        (None, "app.example"),
        ("\ud800", "app.example"),
        ("mfp_1" + "a" * 30, "(a token)"),
        ("mfp_\u200b1" + "a" * 30, "(a token)"),
    ],
)
def test_a_name_is_one_short_line_in_which_no_token_stands(told: object, name: str) -> None:
    assert name_of(told, instead="app.example") == name


@pytest.mark.parametrize("told", [7, ["a"], {"en": "a"}, True])
def test_a_name_is_a_text(told: object) -> None:
    with pytest.raises(ClientRefused) as refusal:
        name_of(told, instead="app.example")
    assert refusal.value.code == "invalid_client_metadata"
