from __future__ import annotations

import pytest

from shared.domain.workspace.commands import RemoveMember
from shared.storage.contracts.sessions import Session
from shared.transports.web.pages.people import named
from shared.transports.web.visitors import SignedIn, Visitor
from tests.data.stores import memory_stores
from tests.data.tenants import ISSUER, NOON, order, origin, workspace


@pytest.mark.parametrize(
    ("actor", "told"),
    [
        ("mem_olivia", "You"),
        ("mem_adam", "mem_adam (admin)"),
        ("mem_ana", "mem_ana (left)"),
        ("mem_nobody", "mem_nobody"),
        ("psn_0123456789abcdef01234567", "A forgotten member"),
        ("operator:jane.doe", "Our support"),
        ("system:sweeper", "Merchant MCP"),
        ("token:abcdefghijklmnop", "The token itself"),
    ],
)
def test_whoever_acted_is_named_by_what_they_are_here(actor: str, told: str) -> None:
    stores = memory_stores()
    workspace(stores)
    left = order(RemoveMember(member_id="mem_ana", at=NOON), stores=stores)
    session = Session(digest="0", issuer=ISSUER, subject="olivia", expires_at=NOON)
    visitor = Visitor(
        signed_in=SignedIn(session=session, form_key="", request=origin()),
        workspace=left,
        member=left.members["mem_olivia"],
        workspaces=[left],
    )

    assert named(actor, visitor) == told
