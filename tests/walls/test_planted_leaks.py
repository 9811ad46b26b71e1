"""The machine finds leaks: each of these faults is put into the product, and each makes it fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from shared.domain.errors import Invalid, NotFound, NotPermitted
from shared.domain.facts.rollups import Overview, ShopMonth
from shared.domain.workspace.decider import Member
from shared.services import revoke_tokens
from shared.services.confirmations import confirmed_change
from shared.services.credentials import base64url
from shared.services.credentials.keys import CredentialKeys
from shared.services.cursors import open_cursor
from shared.services.manage_tokens import find_token, list_tokens
from shared.storage.contracts.streams import Page
from shared.storage.contracts.tokens import TokenRow, TokenStore
from shared.storage.rows.rollups import StoredRollups
from shared.transports import issuer
from shared.transports.http import rotation, tokens
from shared.transports.mcp.tools import tool
from tests.walls.machine import Walls, walls_of
from tests.walls.operations import operation_named
from tests.walls.place import Place
from tests.walls.references import Whose
from tests.walls.tally import Tally
from tests.walls.tenants import TENANTS, Side
from tests.walls.vocabulary import Door

EVERYWHERE = [tenant.workspace_id for tenant in TENANTS.values()]
OF_A_REVOCATION = 3
"""Parts of the change that a confirmation of a revocation is for."""
Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(autouse=True)
def counted_apart(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave what happens here out of the count of the walks."""
    monkeypatch.setattr(place, "tally", Tally())


def a_list_of_everybodys_tokens(patch: pytest.MonkeyPatch) -> None:
    def of_all(*, workspace_id: str, **asked: Any) -> Page[TokenRow]:  # noqa: ANN401 - what it replaces takes
        pages = [list_tokens(workspace_id=each, **asked) for each in sorted({workspace_id, *EVERYWHERE})]
        return Page(items=tuple(row for page in pages for row in page.items), next=None)

    patch.setattr(tokens, "list_tokens", of_all)


def a_list_that_is_cached_for_all(patch: pytest.MonkeyPatch) -> None:
    cache: dict[int, Page[TokenRow]] = {}

    def cached(*, limit: int, **asked: Any) -> Page[TokenRow]:  # noqa: ANN401 - the same
        return cache.setdefault(limit, list_tokens(limit=limit, **asked))

    patch.setattr(tokens, "list_tokens", cached)


def _opened(text: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
    sealed = base64url.decode(text) or b""
    try:
        return str(json.loads(sealed[16:])[1])
    except ValueError:
        return open_cursor(text, of=of, now=now, keys=keys)


def a_confirmation_that_everybody_may_give(patch: pytest.MonkeyPatch) -> None:
    def confirmed(text: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
        with suppress(ValueError, TypeError, IndexError):
            change = str(json.loads((base64url.decode(text) or b"")[16:])[1])
            if len(json.loads(change)) == OF_A_REVOCATION:
                return change
        return confirmed_change(text, of=of, now=now, keys=keys)

    patch.setattr(revoke_tokens, "confirmed_change", confirmed)


def a_confirmation_without_the_workspace(patch: pytest.MonkeyPatch) -> None:
    """Take it from the person alone, of whom there is one in two workspaces."""

    def confirmed(text: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
        for workspace_id in EVERYWHERE:
            with suppress(Invalid):
                return confirmed_change(text, of=(workspace_id, *of[1:]), now=now, keys=keys)
        return confirmed_change(text, of=of, now=now, keys=keys)

    patch.setattr(revoke_tokens, "confirmed_change", confirmed)


def evidence_of_everybodys_tokens(patch: pytest.MonkeyPatch) -> None:
    def found(token_id: str, *, workspace_id: str, member: Member, tokens: TokenStore) -> TokenRow:
        return tokens.get(token_id) or find_token(token_id, workspace_id=workspace_id, member=member, tokens=tokens)

    patch.setattr(rotation, "find_token", found)


def a_cursor_of_a_list_that_opens_any_other(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tokens, "open_cursor", _opened)


def a_cursor_of_a_tool_that_opens_any_other(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tool, "open_cursor", _opened)


def a_tool_that_reads_everybodys_overview(patch: pytest.MonkeyPatch) -> None:
    own = StoredRollups.overview

    def overview(self: StoredRollups, _: str) -> Overview:
        return max((own(self, tenant.workspace_id) for tenant in TENANTS.values()), key=lambda each: each.generation)

    patch.setattr(StoredRollups, "overview", overview)


def a_total_that_counts_everybodys_orders(patch: pytest.MonkeyPatch) -> None:
    own = StoredRollups.shop_months

    def shop_months(self: StoredRollups, _: str, first: str, last: str) -> Sequence[ShopMonth]:
        return [month for tenant in TENANTS.values() for month in own(self, tenant.workspace_id, first, last)]

    patch.setattr(StoredRollups, "shop_months", shop_months)


def _looking_first(patch: pytest.MonkeyPatch, look: Callable[[TokenRow, TokenStore], None]) -> None:
    """Do something about a token of another workspace before it is refused."""

    def flawed(token_id: str, *, workspace_id: str, member: Member, tokens: TokenStore) -> TokenRow:
        row = tokens.get(token_id)
        if row is not None and row.token.workspace_id != workspace_id:
            look(row, tokens)
        return find_token(token_id, workspace_id=workspace_id, member=member, tokens=tokens)

    patch.setattr(tokens, "find_token", flawed)


def a_403_for_what_exists(patch: pytest.MonkeyPatch) -> None:
    def look(_: TokenRow, __: TokenStore) -> None:
        raise NotPermitted("role_required", "Not yours.")

    _looking_first(patch, look)


def an_error_that_names_the_token(patch: pytest.MonkeyPatch) -> None:
    def look(row: TokenRow, _: TokenStore) -> None:
        raise NotFound("token_not_found", f"{row.token.name} is not yours.")

    _looking_first(patch, look)


def one_read_more_for_what_exists(patch: pytest.MonkeyPatch) -> None:
    _looking_first(patch, lambda row, tokens: void(tokens.get(row.token.token_id)))


def a_note_on_the_others_token(patch: pytest.MonkeyPatch) -> None:
    _looking_first(patch, lambda row, tokens: tokens.note_use(row.token.token_id, row.token.created_at))


def a_signature_in_any_spelling(patch: pytest.MonkeyPatch) -> None:
    class Forgiving:
        @staticmethod
        def decode(text: str) -> bytes:
            return text.encode()

    patch.setattr(issuer, "base64url", Forgiving)


def void(_: object) -> None:
    """Give nothing back."""


FELT, COSTLY = "the other is felt in what is answered", "the other is felt in what the store is asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A fault, where to walk to meet it, and what gives it away."""

    plant: Plant
    door: Door = Door.REST
    about: str = ""
    found: str


ANSWERED = "what is not .* was answered"
LISTS, ONE_TOKEN, MANY_TOKENS = "GET /v1/tokens", "GET /v1/tokens/{token_id}", "/v1/tokens/revoke"
PLANTED: Sequence[Planted] = (
    Planted(plant=a_list_of_everybodys_tokens, about=LISTS, found=FELT),
    Planted(plant=a_list_that_is_cached_for_all, about=LISTS, found="told to"),
    Planted(plant=a_cursor_of_a_list_that_opens_any_other, about=LISTS, found=ANSWERED),
    Planted(plant=a_cursor_of_a_tool_that_opens_any_other, door=Door.TOOL, found=ANSWERED),
    Planted(plant=a_confirmation_that_everybody_may_give, about=MANY_TOKENS, found=ANSWERED),
    Planted(plant=evidence_of_everybodys_tokens, about=ONE_TOKEN, found=FELT),
    Planted(plant=a_tool_that_reads_everybodys_overview, door=Door.TOOL, found=FELT),
    Planted(plant=a_total_that_counts_everybodys_orders, door=Door.TOOL, found=FELT),
    Planted(plant=a_403_for_what_exists, about=ONE_TOKEN, found=FELT),
    Planted(plant=an_error_that_names_the_token, about=ONE_TOKEN, found=FELT),
    Planted(plant=one_read_more_for_what_exists, about=ONE_TOKEN, found=COSTLY),
    Planted(plant=a_note_on_the_others_token, about=ONE_TOKEN, found=COSTLY),
)


@pytest.mark.parametrize("leak", PLANTED, ids=[leak.plant.__name__ for leak in PLANTED])
def test_it_is_found(place: Place, monkeypatch: pytest.MonkeyPatch, leak: Planted) -> None:
    leak.plant(monkeypatch)
    few = settings(max_examples=150, stateful_step_count=30, phases=[Phase.generate], report_multiple_bugs=False)

    with pytest.raises(AssertionError, match=leak.found):
        run_state_machine_as_test(walls_of(place, leak.door, about=leak.about), settings=few)


def test_a_credential_that_gets_in_though_it_was_changed_is_found(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_signature_in_any_spelling(monkeypatch)

    @settings(phases=[Phase.generate], report_multiple_bugs=False)
    @given(data=st.data())
    def present_forgeries(data: st.DataObject) -> None:
        walls = Walls(place)
        for _ in range(5):
            walls.ask(data, operation_named("GET /v1/scopes"), Side.NOBODY, None)

    with pytest.raises(AssertionError, match=FELT):
        present_forgeries()


def test_a_confirmation_of_the_same_person_elsewhere_is_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    a_confirmation_without_the_workspace(monkeypatch)

    @settings(phases=[Phase.generate], report_multiple_bugs=False)
    @given(data=st.data())
    def confirm_elsewhere(data: st.DataObject) -> None:
        walls = Walls(place)
        walls.ask(data, operation_named("POST /v1/tokens/revoke"), Side.ZEBRA, "body.confirmation", Whose.OTHER)

    with pytest.raises(AssertionError, match=ANSWERED):
        confirm_elsewhere()
