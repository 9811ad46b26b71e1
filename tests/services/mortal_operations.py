"""What changes one token, or several one by one, in several calls to the store; the same request again goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.rotation import AlreadyRotated
from shared.services.create_token_once import create_token_once
from shared.services.manage_tokens import resume_token, revoke_token, suspend_token
from shared.services.report_leaks import report_leaks
from shared.services.revoke_tokens import Selection, preview_revocation, revoke_selected
from shared.services.rotate_token import WantedRotation
from shared.services.rotate_token_once import rotate_for_member, rotate_self
from tests.data.stores import Stores
from tests.data.tenants import KEYS, NOON, member, origin, token, workspace
from tests.services.killing import Known, Operation, Step
from tests.services.lived import Lived

A_DAY_LONG = WantedRotation(overlap_seconds=86_400)


def shop(lived: Lived) -> dict[str, Any]:
    """Give a workspace with a token of its owner and two of its admin."""
    workspace(lived.stores)
    made = {
        name: token(lived.stores, name=name, owner=owner, at=NOON - timedelta(hours=1))
        for name, owner in {"of olivia": "olivia", "of adam": "adam", "another of adam": "adam"}.items()
    }
    found = lived.stores.workspaces.get("wks_1")
    assert found is not None
    ids = {name: one.token.token_id for name, one in made.items()}
    return {**ids, "text": made["of adam"].text, "version": found.version}


# --- one token --------------------------------------------------------------------------------------------------------


def _create(stores: Stores, _: Known) -> None:
    create_token_once(
        key="key-1",
        workspace_id="wks_1",
        member_id="mem_adam",
        kind=TokenKind.PERSONAL,
        name="new",
        scopes=frozenset({Scope.PNL}),
        expires_in_days=30,
        origin=origin("mem_adam"),
        now=NOON,
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        replies=stores.replies,
    )


def _rotate(key: str | None) -> Step:
    def rotate(stores: Stores, known: Known) -> None:
        with suppress(AlreadyRotated):  # without a key a repeat is told which token there is already
            rotate_for_member(
                known["of adam"],
                A_DAY_LONG,
                key=key,
                workspace_id="wks_1",
                member=member(stores, "adam"),
                origin=origin("mem_adam"),
                now=NOON,
                keys=KEYS,
                tokens=stores.tokens,
                workspaces=stores.workspaces,
                replies=stores.replies,
                evidence=stores.evidence,
                audit=stores.audit,
            )

    return rotate


def _rotate_self(stores: Stores, known: Known) -> None:
    row = stores.tokens.get(known["of adam"])
    assert row is not None
    rotate_self(
        row.token,
        A_DAY_LONG,
        key="key-1",
        origin=origin(f"token:{row.token.token_id}"),
        now=NOON,
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        replies=stores.replies,
        evidence=stores.evidence,
        audit=stores.audit,
    )


def _by_owner(service: Callable[..., object], *also: str) -> Step:
    def act(stores: Stores, known: Known) -> None:
        service(
            known["of adam"],
            reason="seen in a log",
            workspace_id="wks_1",
            member=member(stores),
            origin=origin("mem_olivia"),
            now=NOON,
            keys=KEYS,
            tokens=stores.tokens,
            **{name: getattr(stores, name) for name in also},
        )

    return act


_suspend, _revoke = _by_owner(suspend_token), _by_owner(revoke_token)
_resume = _by_owner(resume_token, "workspaces")


def _shop_with_a_suspended_token(lived: Lived) -> dict[str, Any]:
    known = shop(lived)
    _suspend(lived.stores, known)
    return known


def _report(stores: Stores, known: Known) -> None:
    report_leaks([known["text"]], source="tests", origin=origin(), now=NOON, keys=KEYS, tokens=stores.tokens)


# --- many, one by one -------------------------------------------------------------------------------------------------


def _shop_with_a_confirmation(lived: Lived) -> dict[str, Any]:
    known = shop(lived)
    preview = preview_revocation(
        Selection(owner_id="mem_adam"),
        workspace_id="wks_1",
        member=member(lived.stores),
        now=NOON,
        keys=KEYS,
        tokens=lived.stores.tokens,
    )
    return known | {"confirmation": preview.confirmation}


def _revoke_selected(stores: Stores, known: Known) -> None:
    revoke_selected(
        known["confirmation"],
        reason="the laptop was stolen",
        workspace_id="wks_1",
        member=member(stores),
        origin=origin("mem_olivia"),
        now=NOON,
        keys=KEYS,
        tokens=stores.tokens,
    )


def _of_tokens(
    name: str, act: Step, happens: dict[str, int], scene: Callable[[Lived], dict[str, Any]] = shop
) -> Operation:
    return Operation(name=name, scene=scene, act=act, finishers={"the same again": act}, happens=happens)


ROTATED = {"token.rotated": 1, "token.created": 1}
OF_TOKENS = (
    _of_tokens("create", _create, {"token.created": 1}),
    _of_tokens("rotate, with a key", _rotate("key-1"), ROTATED),
    _of_tokens("rotate, without a key", _rotate(None), ROTATED),
    _of_tokens("rotate oneself", _rotate_self, ROTATED),
    _of_tokens("suspend", _suspend, {"token.suspended": 1}),
    _of_tokens("resume", _resume, {"token.resumed": 1}, _shop_with_a_suspended_token),
    _of_tokens("revoke", _revoke, {"token.revoked": 1}),
    _of_tokens("report a leak", _report, {"token.leak_reported": 1, "token.revoked": 1}),
    _of_tokens("revoke many", _revoke_selected, {"token.revoked": 2}, _shop_with_a_confirmation),
)
