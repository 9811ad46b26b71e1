"""What tests of rotation look at, and what they do to a token in between."""

from __future__ import annotations

from shared.domain.token.commands import RenameToken, RevokeToken, SuspendToken
from shared.services.change_token import change_token
from shared.services.create_token import NewToken
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.tokens import TokenRow
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, origin

TokenChange = RenameToken | RevokeToken | SuspendToken
REVOKE = RevokeToken(revoked_by="mem_olivia", reason="gone", at=NOON)
SUSPEND = SuspendToken(suspended_by="mem_olivia", reason="odd", at=NOON)


def row_of(stores: Stores, made: NewToken) -> TokenRow:
    row = stores.tokens.get(made.token.token_id)
    assert row is not None
    return row


def change(stores: Stores, made: NewToken, command: TokenChange) -> None:
    change_token(made.token.token_id, command, origin=origin(), keys=KEYS, tokens=stores.tokens)


def in_the_list(stores: Stores) -> set[str]:
    return {row.token.token_id for row in stores.tokens.of_workspace("wks_1", limit=100).items}


def trail(stores: Stores, type_: str) -> list[tuple[str, str]]:
    page = stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({type_})), limit=100, now=NOON + 30 * A_DAY
    )
    return [(entry.stream, entry.origin.actor) for entry in page.items]
