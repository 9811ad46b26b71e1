"""What an app was granted, for whoever runs the service: a token like others, which is not rotated."""

from __future__ import annotations

import pytest

from shared.services.grants.approve import issue_code
from shared.services.grants.redeem_code import redeem_code
from shared.services.grants.tokens import Tokens
from tests.data.tenants import NOON
from tests.services.grants.connecting import APP, APPROVAL, CLIENT, CONSENT, REDIRECT, RESOURCE, VERIFIER
from tests.transports.cli.program import Program


def connected(shop: Program) -> Tokens:
    on = shop.wiring
    code = issue_code(
        APPROVAL, origin=CONSENT, now=NOON, keys=on.credential_keys, codes=on.codes, workspaces=on.workspaces
    )
    return redeem_code(
        code,
        client_id=CLIENT,
        redirect_uri=REDIRECT,
        verifier=VERIFIER,
        resource=RESOURCE,
        origin=APP,
        now=NOON,
        keys=on.credential_keys,
        tokens=on.tokens,
        codes=on.codes,
        workspaces=on.workspaces,
    )


def test_the_list_says_which_tokens_are_of_apps(shop: Program) -> None:
    shop.run("token", "create", "-w", "wks_1", "--name", "CI", "--scope", "all")
    made = connected(shop)

    lines = shop.run("token", "list", "-w", "wks_1").out.splitlines()

    assert "KIND" in lines[0]
    (line,) = [line for line in lines if made.grant_id in line]
    assert " grant " in line
    assert "An editor" in line
    assert sum(" personal " in line for line in lines) == 1


def test_one_is_shown_with_its_app_and_nothing_secret(shop: Program) -> None:
    made = connected(shop)

    shown, as_json = shop.run("token", "show", made.grant_id), shop.run("token", "show", made.grant_id, "--json").json

    assert as_json["app"] == {
        "client_id": CLIENT,
        "name": "An editor",
        "redirect_host": "127.0.0.1",
        "refreshed_at": "2026-11-21T12:00:00Z",
        "access_expires_at": "2026-11-21T13:00:00Z",
    }
    for fact in (CLIENT, "127.0.0.1", "2026-11-21 13:00:00"):
        assert fact in shown.out
    for text in (made.access, made.refresh or ""):
        assert text[12:] not in shown.out


def test_a_token_of_a_person_shows_no_app(shop: Program) -> None:
    made = shop.run("token", "create", "-w", "wks_1", "--name", "CI", "--scope", "all", "--json").json

    assert "app" not in shop.run("token", "show", made["id"]).out


@pytest.mark.parametrize(
    ("words", "status"),
    [(("suspend", "--reason", "a look", "--yes"), "suspended"), (("revoke", "--reason", "over", "--yes"), "revoked")],
)
def test_it_is_suspended_and_revoked_as_every_token(shop: Program, words: tuple[str, ...], status: str) -> None:
    made = connected(shop)
    command, *more = words

    assert shop.run("token", command, made.grant_id, *more, "--json").json["status"] == status


def test_it_is_not_rotated_and_none_is_generated(shop: Program) -> None:
    made = connected(shop)

    rotated = shop.run("token", "rotate", made.grant_id, "--yes")
    generated = shop.run("token", "create", "-w", "wks_1", "--name", "CI", "--scope", "all", "--kind", "grant")

    assert (rotated.code, generated.code) == (1, 2)
    assert "An app renews its tokens itself" in rotated.err
    assert "'personal', 'organization'" in generated.err
