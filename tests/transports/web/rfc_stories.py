"""What the table of RFCs asks that takes more than one request to get at."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.workspace.commands import RemoveMember
from tests.data.tenants import NOON, order
from tests.transports.web.app_of_tests import STATE, App, encoded, told
from tests.transports.web.rfc_scene import Asked, Scene, story
from tests.transports.web.web import Page, Web


def _code_twice(scene: Scene) -> Page:
    code = scene.app.code()
    scene.app.redeem(code)
    return scene.app.redeem(code)


def _refresh_after_code_twice(scene: Scene) -> Page:
    code = scene.app.code()
    tokens = scene.app.redeem(code).json
    scene.app.redeem(code)
    return scene.app.refresh(tokens["refresh_token"])


def _old_code(scene: Scene) -> Page:
    code = scene.app.code()
    scene.web.now += timedelta(minutes=5)
    return scene.app.redeem(code)


def _code_of_other(scene: Scene) -> Page:
    return App(scene.web, name="Another app").redeem(scene.app.code())


def _refresh_of_other(scene: Scene) -> Page:
    return App(scene.web, name="Another app").refresh(scene.app.connect()["refresh_token"])


def _revoke_of_other(scene: Scene) -> Page:
    tokens = scene.app.connect()
    App(scene.web, name="Another app").revoke(tokens["refresh_token"])
    return scene.app.refresh(tokens["refresh_token"])


def _repeat(scene: Scene) -> Page:
    first = scene.app.connect()["refresh_token"]
    answered = scene.app.refresh(first).json
    again = scene.app.refresh(first)
    assert again.json == answered
    return again


def _void_answer(scene: Scene) -> Page:
    first = scene.app.connect()["refresh_token"]
    void = scene.app.refresh(first).json["refresh_token"]
    scene.web.now += timedelta(hours=1)
    assert scene.app.refresh(first).json["refresh_token"] != void
    return scene.app.refresh(void)


def _often(scene: Scene) -> Page:
    newest = scene.app.connect()["refresh_token"]
    for _ in range(10):
        newest = scene.app.refresh(newest).json["refresh_token"]
    return scene.app.refresh(newest)


def _reuse(scene: Scene) -> Page:
    first = scene.app.connect()["refresh_token"]
    second = scene.app.refresh(first).json
    scene.call("get_pnl", second["access_token"])
    scene.web.now += timedelta(seconds=31)
    return scene.app.refresh(first)


def _call_after_reuse(scene: Scene) -> Page:
    first = scene.app.connect()["refresh_token"]
    second = scene.app.refresh(first).json["access_token"]
    scene.call("get_pnl", second)
    scene.web.now += timedelta(seconds=31)
    scene.app.refresh(first)
    return scene.call("get_pnl", second)


def _after_leaving(scene: Scene) -> Page:
    app = App(Web(stores=scene.web.stores))
    app.web.sign_in("adam")
    tokens = app.connect()
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=scene.web.stores)
    return app.refresh(tokens["refresh_token"])


def _refresh_after_revocation(scene: Scene) -> Page:
    tokens = scene.app.connect()
    assert scene.app.revoke(tokens["access_token"]).status == 200
    return scene.app.refresh(tokens["refresh_token"])


def _call_after_revocation(scene: Scene) -> Page:
    tokens = scene.app.connect()
    assert scene.app.revoke(tokens["refresh_token"]).status == 200
    return scene.call("get_pnl", tokens["access_token"])


def _revoke_twice(scene: Scene) -> Page:
    token = scene.app.connect()["refresh_token"]
    scene.app.revoke(token)
    return scene.app.revoke(token)


def _another_port(scene: Scene) -> Page:
    app = App(scene.web, redirect_uri="http://127.0.0.1/callback")
    return app.answer(app.ask(redirect_uri="http://127.0.0.1:50123/callback"))


def _query_of_its_own(scene: Scene) -> Page:
    app = App(scene.web, redirect_uri="http://127.0.0.1:33418/callback?kept=yes")
    page = app.answer(app.ask())
    assert told(page)["state"] == STATE
    return page


def _called(tool: str) -> Asked:
    return story(
        f"POST /mcp, {tool} with an access token", lambda scene: scene.call(tool, scene.app.connect()["access_token"])
    )


def _called_late(scene: Scene) -> Page:
    token = scene.app.connect()["access_token"]
    scene.web.now += timedelta(hours=1)
    return scene.call("get_pnl", token)


def _refresh_at_mcp(scene: Scene) -> Page:
    return scene.call("get_pnl", scene.app.connect()["refresh_token"])


def _in_query(scene: Scene) -> Page:
    fields = {"grant_type": "refresh_token", "client_id": scene.app.client_id, "refresh_token": "x"}
    return scene.app.send(f"/oauth/token?{encoded(fields)}", {"a": "b"})


CODE_TWICE = story("POST /oauth/token of a code that was used", _code_twice)
REFRESH_AFTER_CODE_TWICE = story(
    "POST /oauth/token of the refresh token of a code that was used twice", _refresh_after_code_twice
)
OLD_CODE = story("POST /oauth/token of a code, five minutes later", _old_code)
CODE_OF_OTHER = story("POST /oauth/token of another client's code", _code_of_other)
REFRESH_OF_OTHER = story("POST /oauth/token of another client's refresh token", _refresh_of_other)
REVOKE_OF_OTHER = story("POST /oauth/token of a refresh token that another client gave back", _revoke_of_other)
REPEAT = story("POST /oauth/token of the same refresh token again, its answer being lost", _repeat)
VOID_ANSWER = story("POST /oauth/token of what stood in an answer that was asked for again an hour later", _void_answer)
OFTEN = story("POST /oauth/token of the eleventh refresh token in a row", _often)
REUSE = story("POST /oauth/token of a refresh token whose successor is in use", _reuse)
CALL_AFTER_REUSE = story("POST /mcp with the access token of that successor, afterwards", _call_after_reuse)
AFTER_LEAVING = story("POST /oauth/token of a refresh token whose owner has left the workspace", _after_leaving)
REFRESH_AFTER_REVOCATION = story(
    "POST /oauth/token of a refresh token whose access token was given back", _refresh_after_revocation
)
CALL_AFTER_REVOCATION = story(
    "POST /mcp with an access token whose refresh token was given back", _call_after_revocation
)
REVOKE_TWICE = story("POST /oauth/revoke of a refresh token again", _revoke_twice)
ANOTHER_PORT = story("POST /oauth/authorize with a loopback redirect URI of another port", _another_port)
QUERY_OF_ITS_OWN = story("POST /oauth/authorize with a redirect URI that has a query", _query_of_its_own)
CALLED = _called("get_pnl")
CALLED_BEYOND_SCOPE = _called("get_cohort_retention")
CALLED_LATE = story("POST /mcp with an access token, an hour later", _called_late)
REFRESH_AT_MCP = story("POST /mcp with a refresh token", _refresh_at_mcp)
CALLED_WITHOUT = story("POST /mcp without a credential", lambda scene: scene.call("get_pnl", None))
IN_QUERY = story("POST /oauth/token with its parameters in the address", _in_query)
