"""What every engine promises about the row of a grant: its app, its digests, and which of its pairs is in use."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.roles import Role
from shared.domain.token.events import GrantRefreshed, TokenRenamed
from shared.domain.token.state import App
from shared.storage.attributes import image_of
from shared.storage.contracts.codes import Approval, IssuedCode
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.tokens import Admitted, GrantDigests, NotAdmitted, TokenRow
from shared.storage.contracts.uses import CountedElsewhere
from shared.storage.engine import Engine, Key, Table
from shared.storage.rows.uses import use_seen
from tests.data.examples import (
    NOON,
    OF_GRANT,
    ONE_DAY,
    ORIGIN,
    TERMS,
    arrival,
    grant_approved,
    store_token,
    store_workspace,
    token_after,
    token_created,
)
from tests.data.stores import Stores
from tests.storage.changes import again, append, trail_of

moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as UTC
texts = st.text(st.characters(exclude_categories=["C"]), max_size=30)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "client_id": texts,
    "client_name": texts,
    "redirect_host": texts,
    "resource": texts,
    "role": st.sampled_from(Role),
    "generation": st.integers(1, 14_000_000),
    "follows": st.integers(0, 14_000_000),
    "refreshed_at": moments,
    "access_expires_at": moments,
    "paced_to": moments,
}
apps: st.SearchStrategy[App] = st.builds(App, **FIELDS)
digests = st.none() | st.sampled_from(["$argon2id$one", "$argon2id$two"])
kept = st.builds(GrantDigests, refresh=digests, former_access=digests, given_to=st.none() | st.just("a network"))
fixed = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(autouse=True)
def workspace(stores: Stores) -> None:
    store_workspace(stores)


def store_grant(stores: Stores, *, redeeming: str | None = None, **fields_: Any) -> TokenRow:  # noqa: ANN401  # any field of the event
    """Record the plain grant."""
    event = grant_approved(**fields_)
    stores.tokens.create(
        [event], token_after(event), credential=OF_GRANT, terms=TERMS, origin=ORIGIN, redeeming=redeeming
    )
    return again(stores, event.token_id)


def refreshed(generation: int = 2, *, follows: int = 1, at: datetime = NOON) -> GrantRefreshed:
    return GrantRefreshed(
        generation=generation,
        follows=follows,
        access_expires_at=at + timedelta(hours=1),
        expires_at=at + 30 * ONE_DAY,
        at=at,
    )


def refresh(stores: Stores, row: TokenRow, *, follows: int | None = None, at: datetime = NOON) -> TokenRow:
    """Record the next generation of a grant."""
    assert row.token.app is not None
    newest = row.token.app.generation
    event = refreshed(newest + 1, follows=newest if follows is None else follows, at=at)
    credential = replace(
        OF_GRANT,
        digest=f"{row.credential.digest}+",
        seal="seal-of-refresh",
        grant=GrantDigests(refresh="$argon2id$next", former_access=row.credential.digest),
    )
    stores.tokens.append(
        [event], token_after(*stores.tokens.history("tok1"), event), credential=credential, based_on=row, origin=ORIGIN
    )
    return again(stores)


# --- the row ----------------------------------------------------------------------------------------------------------


def test_a_grant_is_read_back_as_it_was_decided(stores: Stores) -> None:
    row = store_grant(stores)

    assert row == TokenRow(
        token=token_after(grant_approved()), version=1, credential=OF_GRANT, terms=TERMS, due_at=NOON + 30 * ONE_DAY
    )
    assert stores.tokens.history("tok1") == (grant_approved(),)
    assert trail_of(stores) == ["grant.approved"]
    assert [each.token.token_id for each in stores.tokens.of_workspace("ws1", limit=9).items] == ["tok1"]


@fixed
@given(first=apps, then=apps, before=kept, after=kept)
def test_any_app_and_any_digests_of_a_grant_survive_its_row(
    stores: Stores, first: App, then: App, before: GrantDigests, after: GrantDigests
) -> None:
    """The second are written over the first: what the first had and the second have not is gone."""
    event = grant_approved(token_id=f"tok-{uuid4().hex}")
    state = replace(token_after(event), app=first)
    stores.tokens.create([event], state, credential=replace(OF_GRANT, grant=before), terms=TERMS, origin=ORIGIN)
    row = again(stores, event.token_id)
    assert (row.token, row.credential) == (state, replace(OF_GRANT, grant=before))

    state, credential = replace(state, app=then), replace(OF_GRANT, digest="$argon2id$new", seal="s", grant=after)
    stores.tokens.append([refreshed()], state, credential=credential, based_on=row, origin=ORIGIN)

    row = again(stores, event.token_id)
    assert (row.token, row.credential) == (state, credential)


def test_every_field_of_an_app_is_tried_here() -> None:
    """A new one does not slip past the property: it has to be added to it."""
    assert {field.name for field in fields(App)} == set(FIELDS)


def test_a_refresh_puts_off_the_look_at_the_grant_and_leaves_the_rest(stores: Stores) -> None:
    row = refresh(stores, store_grant(stores), at=NOON + ONE_DAY)

    assert row.due_at == NOON + 31 * ONE_DAY
    assert stores.tokens.due(NOON + 30 * ONE_DAY, limit=9) == ()
    assert stores.tokens.due(NOON + 31 * ONE_DAY, limit=9) == ("tok1",)
    assert token_after(*stores.tokens.history("tok1")) == row.token
    assert trail_of(stores) == ["grant.approved", "grant.refreshed"]


def test_of_two_refreshes_on_the_same_row_one_stands(stores: Stores) -> None:
    row = store_grant(stores)
    first = refresh(stores, row)

    with pytest.raises(StreamMoved):
        refresh(stores, row)

    assert again(stores) == first


def test_a_rename_takes_no_digest_from_a_grant(stores: Stores) -> None:
    row = refresh(stores, store_grant(stores))

    append(stores, row, TokenRenamed(name="Another", renamed_by="mem_olga", at=NOON), seal="seal-3")

    assert again(stores).credential == replace(row.credential, seal="seal-3")


# --- the code that it was made of -------------------------------------------------------------------------------------

CODE = IssuedCode(
    approval=Approval(
        client_id="https://app.example/client.json",
        client_name="Desk",
        redirect_uri="https://app.example/back",
        resource="https://mcp.shop.test/mcp",
        scopes=grant_approved().scopes,
        workspace_id="ws1",
        member_id="mem_olga",
        code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    ),
    origin=ORIGIN,
    made_at=NOON,
    seal="seal-of-code",
)


def test_a_grant_uses_up_its_code_and_no_second_one_is_made_of_it(stores: Stores) -> None:
    stores.codes.keep("d1", CODE)
    store_grant(stores, redeeming="d1")

    with pytest.raises(StreamMoved):
        store_grant(stores, redeeming="d1", token_id="tok2")

    assert stores.codes.find("d1", now=NOON) == replace(CODE, used_by="tok1")
    assert stores.tokens.get("tok2") is None
    assert [each.token.token_id for each in stores.tokens.of_workspace("ws1", limit=9).items] == ["tok1"]
    assert trail_of(stores) == ["grant.approved"]


def test_a_grant_that_cannot_be_made_leaves_its_code_as_it_was(stores: Stores) -> None:
    stores.codes.keep("d1", CODE)
    store_grant(stores)  # the id is taken

    with pytest.raises(StreamMoved):
        store_grant(stores, redeeming="d1")
    with pytest.raises(StreamMoved):
        store_grant(stores, redeeming="never issued", token_id="tok2")

    assert stores.codes.find("d1", now=NOON) == CODE


# --- which of its pairs is in use -------------------------------------------------------------------------------------


def admit(stores: Stores, generation: int, request_id: str) -> Admitted | NotAdmitted:
    return stores.tokens.admit("tok1", arrival(request_id=request_id, generation=generation), limit=60, plan="plus")


def test_a_call_notes_its_generation_with_the_write_that_counts_it(engine: Engine, stores: Stores) -> None:
    store_grant(stores)
    before = engine.operations.copy()

    answer = admit(stores, 1, "req-1")

    assert isinstance(answer, Admitted)
    assert answer.row is not None
    assert answer.row.generations_used == {1}
    assert dict(engine.operations - before) == {"update": 1}


def test_a_generation_in_use_is_not_forgotten_by_a_call_with_the_one_before(stores: Stores) -> None:
    store_grant(stores)
    for generation in range(1, 6):
        before = max(generation - 1, 1)
        for shown in (generation, before, generation, before):
            assert isinstance(admit(stores, shown, uuid4().hex), Admitted)
        assert again(stores).generations_used == {before, generation}
        row = refresh(stores, again(stores))
        assert row.generations_used == {generation}, "a refresh is no use, and what is over is forgotten"


@pytest.mark.parametrize(("follows", "good"), [(2, [2, 3]), (1, [1, 3])])
def test_a_call_with_a_generation_that_is_not_good_is_not_counted(
    stores: Stores, follows: int, good: list[int]
) -> None:
    """The newest is good, and the one that it followed; one in between is not."""
    refresh(stores, refresh(stores, store_grant(stores)), follows=follows)
    before = again(stores)

    for other in {1, 2, 4} - set(good):
        assert isinstance(admit(stores, other, f"req-{other}"), NotAdmitted)
    assert again(stores) == before
    for each in good:
        assert isinstance(admit(stores, each, f"req-{each}"), Admitted)
    assert again(stores).generations_used == set(good)


def test_a_call_of_what_is_no_grant_notes_nothing(stores: Stores) -> None:
    store_token(stores)

    assert isinstance(admit(stores, 0, "req-1"), Admitted)

    assert again(stores).generations_used == set()
    item = stores.engine.get(Table.CORE, Key("TOK#tok1", "STATE"))
    assert item is not None
    assert not {name for name in item if name.startswith(("used", "generation", "app", "digest_"))}


def test_a_use_that_was_counted_elsewhere_comes_with_its_generation(stores: Stores) -> None:
    row = store_grant(stores)
    refresh(stores, row)
    key = Key("W#ws1#LIMIT", "workspace")
    seen: list[object] = []
    for generation, token_id in ((2, "tok1"), (0, "tok9"), (1, "tok1")):
        asked = arrival(request_id=uuid4().hex, token_id=token_id, generation=generation)
        stores.subjects.admit("ws1", "workspace", asked, limit=60)
        item = stores.engine.get(Table.CORE, key)
        assert item is not None
        seen.append(use_seen(key.pk, key.sk, before={}, after=image_of(item)))

    assert seen == [
        CountedElsewhere(token_id="tok1", at=NOON, generation=2),
        CountedElsewhere(token_id="tok9", at=NOON),
        CountedElsewhere(token_id="tok1", at=NOON, generation=1),
    ]
    stores.tokens.note_use("tok1", NOON + timedelta(minutes=1), generation=1)
    stores.tokens.note_use("tok1", NOON, generation=2)  # told out of order
    stores.tokens.note_use("tok1", NOON, generation=3)  # which is not good, or not yet
    assert (again(stores).generations_used, again(stores).last_used_at) == ({1, 2}, NOON + timedelta(minutes=1))


def test_two_kinds_of_token_lie_side_by_side_in_the_list(stores: Stores) -> None:
    store_grant(stores)
    static = token_created(token_id="tok2", at=NOON + ONE_DAY)
    stores.tokens.create(
        [static], token_after(static), credential=replace(OF_GRANT, grant=None), terms=TERMS, origin=ORIGIN
    )

    apps_ = [row.token.app is not None for row in stores.tokens.of_workspace("ws1", limit=9).items]

    assert apps_ == [False, True]
