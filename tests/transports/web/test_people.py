from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.text import is_visible
from shared.domain.workspace.commands import RemoveMember
from shared.services.manage_contacts import set_contact
from shared.storage.contracts.sessions import Session
from shared.transports.web.pages.people import by_whom, called, named
from shared.transports.web.sign_in import name_in
from shared.transports.web.visitors import SignedIn, Visitor
from tests.data.stores import memory_stores
from tests.data.tenants import ISSUER, NOON, order, origin, token, workspace
from tests.transports.web.app_of_tests import App
from tests.transports.web.web import SETTINGS, Web


def visitor(who: str = "olivia") -> Visitor:
    """Look at a workspace whose owner and admin can be reached, and which its analyst has left."""
    stores = memory_stores()
    workspace(stores)
    for name in ("olivia", "adam"):
        set_contact(
            f"mem_{name}",
            f"{name}@shop.example",
            workspace_id="wks_1",
            actor_id=None,
            origin=origin(),
            now=NOON,
            workspaces=stores.workspaces,
            contacts=stores.contacts,
        )
    left = order(RemoveMember(member_id="mem_ana", at=NOON), stores=stores)
    session = Session(digest="0", issuer=ISSUER, subject=who, expires_at=NOON)
    return Visitor(
        signed_in=SignedIn(session=session, form_key="", request=origin()),
        workspace=left,
        member=left.members[f"mem_{who}"],
        workspaces=[left],
        contacts=stores.contacts,
    )


@pytest.mark.parametrize(
    ("actor", "told"),
    [
        ("mem_olivia", "You"),
        ("mem_adam", "adam@shop.example (admin)"),
        ("mem_ana", "mem_ana (left)"),
        ("mem_nobody", "mem_nobody"),
        ("psn_0123456789abcdef01234567", "A forgotten member"),
        ("operator:jane.doe", "Our support"),
        ("system:sweeper", "Merchant MCP"),
        ("token:abcdefghijklmnop", "The token itself"),
    ],
)
def test_whoever_acted_is_named_by_what_they_are_here(actor: str, told: str) -> None:
    assert named(actor, visitor()) == told


@pytest.mark.parametrize(
    ("member_id", "told"), [("mem_olivia", "You"), ("mem_adam", "adam@shop.example"), ("mem_ana", "Former member")]
)
def test_beside_its_id_a_member_is_called_by_their_address(member_id: str, told: str) -> None:
    assert called(member_id, visitor()) == told


def test_nobody_reads_the_address_of_somebody_whom_they_may_not_reach() -> None:
    by_the_admin = visitor("adam")

    assert named("mem_olivia", by_the_admin) == "mem_olivia (owner)"
    assert called("mem_olivia", by_the_admin) == "Owner"


def test_addresses_are_read_once_for_a_page_and_not_for_one_that_names_nobody() -> None:
    web = Web()
    workspace(web.stores)
    for _ in range(3):
        token(web.stores, owner="adam")
    web.sign_in()
    before = web.stores.engine.operations.copy()
    web.get(SETTINGS)
    with_owners = web.stores.engine.operations - before
    before = web.stores.engine.operations.copy()
    web.get(f"{SETTINGS}/new")
    without = web.stores.engine.operations - before

    assert with_owners["query"] == without["query"] + 2  # the list of tokens, and the addresses


# --- how somebody is called to themselves -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"name": "Olivia Owner", "email": "o@shop.example"}, "Olivia Owner"),
        ({"name": "  ", "email": "o@shop.example"}, "o@shop.example"),
        ({"name": 7, "preferred_username": "liv"}, "liv"),
        ({"name": "\u202eaivilO\u200b"}, "aivilO"),
        ({"name": "\x00\n"}, None),
        ({"name": "-", "email": "o@shop.example"}, "o@shop.example"),
        ({"name": 5_000 * "a"}, 80 * "a"),
        ({"name": 80 * "\ufb2c"}, 26 * "\u05e9\u05bc\u05c1" + "\u05e9\u05bc"),  # each is three letters in NFC
        ({}, None),
    ],
)
def test_a_person_is_called_what_the_issuer_calls_them(claims: dict[str, object], told: str | None) -> None:
    assert name_in(claims) == told


@given(st.text(max_size=5_000))
def test_whatever_the_issuer_calls_somebody_is_one_short_line_that_can_be_seen(name: str) -> None:
    told = name_in({"name": name})

    assert told is None or (0 < len(told) <= 80 and is_visible(told))


def test_the_person_sees_their_own_name_and_what_they_are_as_text() -> None:
    web = Web()
    workspace(web.stores)

    web.sign_in("adam", person="<b>Adam</b> & Co")
    page = web.get(SETTINGS)

    assert "&lt;b&gt;Adam&lt;/b&gt; &amp; Co" in page.text
    assert "<b>Adam</b>" not in page.text
    assert "Admin of" in page.words


def test_somebody_whom_the_issuer_does_not_name_sees_what_they_are() -> None:
    web = Web()
    workspace(web.stores)

    web.sign_in("adam")

    assert 'aria-label="Admin: account"' in web.get(SETTINGS).text


def test_whoever_is_asked_for_consent_reads_as_whom_they_are_signed_in() -> None:
    web = Web()
    workspace(web.stores)
    web.sign_in("adam", person="Adam & Co")

    assert "you are an admin, signed in as Adam & Co" in App(web).ask().words


@pytest.mark.parametrize(
    ("actor", "told"),
    [
        ("mem_olivia", "By you"),
        ("mem_adam", "By adam@shop.example (admin)"),
        ("operator:jane", "By our support"),
        ("system:sweeper", "By Merchant MCP"),
    ],
)
def test_within_a_line_only_names_are_written_large(actor: str, told: str) -> None:
    assert by_whom(actor, visitor()) == told
