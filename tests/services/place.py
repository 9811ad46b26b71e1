"""A store and the containers that serve from it, for tests of the gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from shared.domain.activity import Outcome, ToolCalled
from shared.domain.workspace.commands import (
    WorkspaceCommand,
)
from shared.services.create_token import NewToken
from shared.services.gate import Gate, Pass, Request
from shared.services.manage_tokens import revoke_token
from shared.services.refusals import Reason, Refusal
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.engine import Key, Table, Update, Value
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import A_DAY, KEYS, NOON, member, order, origin

_requests = count(1)


@dataclass
class Place:
    """A store, and containers that serve from it."""

    engine: MeddledEngine = field(default_factory=MeddledEngine)
    refused: list[Reason] = field(default_factory=list[Reason])

    def __post_init__(self) -> None:
        self.stores: Stores = memory_stores(self.engine)

    def container(self) -> Gate:
        """Start a container that has seen nothing yet."""
        return Gate(
            keys=KEYS,
            tokens=self.stores.tokens,
            subjects=self.stores.subjects,
            audit=self.stores.audit,
            meter=self.refused.append,
        )

    def order(self, command: WorkspaceCommand) -> None:
        order(command, stores=self.stores)

    def revoke(self, made: NewToken, *, at: datetime = NOON) -> None:
        revoke_token(
            made.token.token_id,
            reason="leaked",
            workspace_id="wks_1",
            member=member(self.stores),
            origin=origin("mem_olivia"),
            now=at,
            keys=KEYS,
            tokens=self.stores.tokens,
        )

    def forge(self, made: NewToken, **attributes: Value) -> None:
        """Write to the table past our services."""
        key = Key(f"TOK#{made.token.token_id}", "STATE")
        self.engine.write(Update(table=Table.CORE, key=key, set=attributes))

    def trail(self, type_: str) -> list[AuditEntry]:
        page = self.stores.audit.entries(
            "wks_1", matching=AuditFilter(types=frozenset({type_})), limit=1000, now=NOON + A_DAY
        )
        return [*reversed(page.items)]

    def spent(self, before: Counter[str]) -> dict[str, int]:
        """Give the store operations since then."""
        return dict(self.engine.operations - before)


def send(
    gate: Gate, bearer: str | None, *, at: datetime = NOON, method: str = "tools/call", request_id: str | None = None
) -> Pass | Refusal:
    request = Request(
        authorization=f"Bearer {bearer}" if bearer is not None else None,
        method=method,
        tool="get_pnl" if method == "tools/call" else None,
        is_call=method == "tools/call",
        request_id=request_id or f"request-{next(_requests)}",
        ip="192.0.2.7",
        user_agent="tests/1",
        now=at,
    )
    return gate.enter(request)


def let_in(answer: Pass | Refusal) -> Pass:
    assert isinstance(answer, Pass), answer
    return answer


def refused(answer: Pass | Refusal) -> Reason:
    assert isinstance(answer, Refusal), answer
    return answer.reason


def settle(gate: Gate, passed: Pass, *, at: datetime = NOON) -> Refusal | None:
    event = ToolCalled(
        token_id=passed.token.token_id,
        number=passed.number,
        tool="get_pnl",
        scope="mcp:pnl:read",
        arguments_hash="0" * 64,
        outcome=Outcome.OK,
        error_code=None,
        milliseconds=3,
        result_bytes=100,
        protocol_version="2026-07-28",
        client_name="tests",
        client_version="1",
        at=at,
    )
    return gate.settle(event, passed)


def reasons(answers: Iterable[Pass | Refusal]) -> list[Reason | None]:
    return [answer.reason if isinstance(answer, Refusal) else None for answer in answers]
