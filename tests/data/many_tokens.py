"""Tokens by the thousand: their rows as the services leave them, but without a slow hash and a transaction for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from argon2 import PasswordHasher

from shared.domain.plans import plan_of
from shared.domain.scopes import Scope
from shared.domain.token.commands import CreateToken
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import TokenPolicy
from shared.services.create_token import NewToken
from shared.services.credentials.seal import seal_of
from shared.services.credentials.token_format import new_id, new_token
from shared.services.terms import terms_of
from shared.storage.contracts.tokens import Credential
from shared.storage.engine import Engine, Put, Write
from tests.data.faults import Passing
from tests.data.stores import Stores
from tests.data.tenants import KEYS, origin

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The same hash with parameters that take no time: a digest says with which it was made, so every check still runs."""
WRITES_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One token to make."""

    owner: str
    at: datetime
    days: int = 365
    workspace_id: str = "wks_1"


def many_tokens(engine: Engine, wanted: Iterable[Wanted]) -> list[NewToken]:
    """Make tokens in workspaces that nobody changes meanwhile."""
    batches = _Batches(engine)
    stores = Stores.over(batches)
    terms = {row.workspace.workspace_id: terms_of(row) for row in stores.workspaces.all(limit=100).items}
    made: list[NewToken] = []
    for one in wanted:
        text = new_token(TokenKind.PERSONAL, new_id(), KEYS)
        command = CreateToken(
            token_id=text.token_id,
            kind=TokenKind.PERSONAL,
            workspace_id=one.workspace_id,
            owner_id=f"mem_{one.owner}",
            name="Weekly P&L sync",
            prefix=text.prefix,
            scopes=frozenset({Scope.PNL, Scope.PRODUCTS}),
            expires_in_days=one.days,
            plan=plan_of(terms[one.workspace_id].plan),
            policy=TokenPolicy(),
            at=one.at,
        )
        events = decide(command, None)
        token = replay(events)
        assert token is not None
        credential = Credential(digest=QUICK.hash(text.secret))
        granted = terms[one.workspace_id]
        seal = seal_of(token, credential=credential, version=len(events), terms=granted, keys=KEYS)
        stores.tokens.create(
            events,
            token,
            credential=replace(credential, seal=seal),
            terms=granted,
            origin=origin(f"mem_{one.owner}", uuid4().hex),
        )
        made.append(NewToken(token=token, text=text.text))
    batches.flush()
    return made


class _Batches(Passing):
    """Makes of many transactions that only put new items a few large ones; what they check is left out."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._waiting: list[Write] = []

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        del request_token  # of a transaction that is part of a larger one now
        puts = [write for write in writes if isinstance(write, Put)]
        if len(self._waiting) + len(puts) > WRITES_AT_ONCE:
            self.flush()
        self._waiting += puts

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            super().transact(self._waiting, request_token=str(uuid4()))
        self._waiting = []
