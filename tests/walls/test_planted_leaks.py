"""The machine finds leaks: each of these faults is put into the product, and each makes it fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from shared.domain.errors import NotFound, NotPermitted
from shared.domain.facts.rollups import Overview, ShopMonth
from shared.domain.workspace.decider import Member
from shared.services.credentials import base64url
from shared.services.credentials.keys import CredentialKeys
from shared.services.cursors import open_cursor
from shared.services.manage_tokens import find_token
from shared.storage.contracts.streams import Page
from shared.storage.contracts.tokens import TokenRow, TokenStore
from shared.storage.rows.rollups import StoredRollups
from shared.storage.rows.tokens import StoredTokens
from shared.transports.http import bearer, tokens
from shared.transports.mcp.tools import tool
from tests.walls.machine import Walls, walls_of
from tests.walls.operations import operation_named
from tests.walls.place import Place
from tests.walls.tally import Tally
from tests.walls.tenants import TENANTS, Side
from tests.walls.vocabulary import Door

Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(autouse=True)
def counted_apart(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave what happens here out of the count of the walks."""
    monkeypatch.setattr(place, "tally", Tally())


def a_list_of_everybodys_tokens(patch: pytest.MonkeyPatch) -> None:
    filtered = StoredTokens.of_workspace

    def of_workspace(self: StoredTokens, _: str, *, limit: int, after: str | None = None) -> Page[TokenRow]:
        pages = [filtered(self, tenant.workspace_id, limit=limit, after=after) for tenant in TENANTS.values()]
        return Page(items=tuple(row for page in pages for row in page.items), next=None)

    patch.setattr(StoredTokens, "of_workspace", of_workspace)


def a_list_that_is_cached_for_all(patch: pytest.MonkeyPatch) -> None:
    filtered = StoredTokens.of_workspace
    cache: dict[int, Page[TokenRow]] = {}

    def of_workspace(self: StoredTokens, ws: str, *, limit: int, after: str | None = None) -> Page[TokenRow]:
        return cache.setdefault(limit, filtered(self, ws, limit=limit, after=after))

    patch.setattr(StoredTokens, "of_workspace", of_workspace)


def _opened(text: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
    sealed = base64url.decode(text) or b""
    try:
        return str(json.loads(sealed[16:])[1])
    except ValueError:
        return open_cursor(text, of=of, now=now, keys=keys)


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

    patch.setattr(bearer, "base64url", Forgiving)


def void(_: object) -> None:
    """Give nothing back."""


FELT, COSTLY = "the other is felt in what is answered", "the other is felt in what the store is asked"


PLANTED: Sequence[tuple[Plant, Door, str]] = (
    (a_list_of_everybodys_tokens, Door.REST, FELT),
    (a_list_that_is_cached_for_all, Door.REST, "told to"),
    (a_cursor_of_a_list_that_opens_any_other, Door.REST, "what is not .* was answered"),
    (a_cursor_of_a_tool_that_opens_any_other, Door.TOOL, "what is not .* was answered"),
    (a_tool_that_reads_everybodys_overview, Door.TOOL, FELT),
    (a_total_that_counts_everybodys_orders, Door.TOOL, FELT),
    (a_403_for_what_exists, Door.REST, FELT),
    (an_error_that_names_the_token, Door.REST, FELT),
    (one_read_more_for_what_exists, Door.REST, COSTLY),
    (a_note_on_the_others_token, Door.REST, COSTLY),
)


@pytest.mark.parametrize(("plant", "door", "found"), PLANTED, ids=[plant.__name__ for plant, _, _ in PLANTED])
def test_it_is_found(place: Place, monkeypatch: pytest.MonkeyPatch, plant: Plant, door: Door, found: str) -> None:
    plant(monkeypatch)
    few = settings(max_examples=150, stateful_step_count=30, phases=[Phase.generate], report_multiple_bugs=False)

    with pytest.raises(AssertionError, match=found):
        run_state_machine_as_test(walls_of(place, door), settings=few)


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
