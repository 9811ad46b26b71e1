"""Everything that can be asked of the product. A new route, tool, method or command joins the walls by a line here.

Say its name (`GET /v1/things/{id}`, the tool's, the JSON-RPC method, the words of the command) and, for each parameter,
where it stands and what to send:

- a Hypothesis strategy of plausible values; `perhaps(…)` where it may be left out. `MARK` in a text becomes the word of
  whoever asks: mark all free text, so that it is recognised if it comes out on the other side;
- a `Reference` for whatever names something of a workspace: an id, a cursor, the workspace itself. The machine sends
  the asker's own, the other tenant's, unknown ones and tampered ones. A new kind of thing with ids is a new `Kind`,
  and a line in `references.py`.

Nothing else is to be done: `machine.py` asks the operation on behalf of both tenants and of strangers, and compares
each answer with that of a world in which the other tenant has never existed. `test_everything_has_joined.py` fails for
whatever the product offers and no line names, parameter by parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from shared.domain.scopes import Scope
from shared.domain.workspace.events import Role
from tests.transports.mcp.shop import HANDSHAKE, MODERN

MARK = "<mark>"
FOLDER = "<folder>"
"""Where the files for imports lie."""


class Door(StrEnum):
    """Where an operation is asked."""

    REST = "api"
    TOOL = "tool"
    METHOD = "method"
    PAGE = "page"
    """Plain HTTP at the MCP function."""
    COMMAND = "command"


class Kind(StrEnum):
    """What a reference names."""

    WORKSPACE = "workspace"
    TOKEN = "token"
    MEMBER = "member"
    CONNECTOR = "connector"
    CURSOR = "cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A parameter that names something of a workspace."""

    kind: Kind
    required: bool = False
    refused: bool = True
    """Whether one that is not the asker's own is refused; if not, it filters, and nothing matches it."""
    chooses: bool = False
    """Whether it says which workspace a command of the operator is about: then it is never the other tenant's."""


class LeftOut:
    """The parameter is not sent."""

    def __repr__(self) -> str:
        return "left out"


LEFT_OUT = LeftOut()
Part = st.SearchStrategy[Any] | Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be asked, and what it takes."""

    door: Door
    name: str
    takes: Mapping[str, Part]
    """By place and name: `path.…`, `query.…`, `header.…`, `body.…`; `argument.…` of a tool; `param.…` of a method;
    `--option`s and plain words of a command."""
    public: bool = False
    """Whether it answers everybody alike."""
    seldom: bool = False
    """Whether it is asked less often than its neighbours."""

    def _repr_pretty_(self, printer: Any, _: bool) -> None:  # noqa: ANN401, FBT001 - Hypothesis calls it so
        printer.text(f"{self.door} {self.name}")

    @property
    def is_mcp(self) -> bool:
        return self.door in {Door.TOOL, Door.METHOD, Door.PAGE}

    @property
    def references(self) -> Mapping[str, Reference]:
        return {name: part for name, part in self.takes.items() if isinstance(part, Reference)}


def perhaps(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Leave a parameter out, three times of four."""
    return st.integers(0, 3).flatmap(lambda draw: strategy if draw == 3 else st.just(LEFT_OUT))


def one_of(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


LINE = one_of(f"{MARK} laptop", f"the CI of {MARK}") | st.text(max_size=12).map(lambda text: f"{MARK} {text}")
REASON = one_of(f"{MARK} left it in a train", f"over, says {MARK}")
# Few of each, so that an idempotency key meets the same body and another one.
SCOPES = one_of([str(Scope.PNL)], [str(scope) for scope in Scope])
KEY = one_of("draw-1", "draw-2", "draw-3")
PAGE_SIZE = one_of(LEFT_OUT, 1, 2, 7)
ROLE = one_of(*(str(role) for role in Role))
MONTH = perhaps(one_of("2026-06", "2026-07", "2026-10", "2026-11"))
DAY = one_of("2026-06-01", "2026-08-15", "2026-11-03", "2026-11-20")
EVENT = one_of(
    "token.created", "token.revoked", "mcp.call", "mcp.call_denied", "workspace.member_added", "import.finished"
)

CURSOR = Reference(kind=Kind.CURSOR)
AS_MEMBER: Mapping[str, Part] = {"header.merchant-workspace": Reference(kind=Kind.WORKSPACE)}
ERA: Mapping[str, Part] = {"header.mcp-protocol-version": one_of(MODERN, *HANDSHAKE)}
ANY_TOOL: Mapping[str, Part] = {**ERA, "argument.detail": perhaps(one_of("compact", "full"))}
ROWS: Mapping[str, Part] = {**ANY_TOOL, "argument.cursor": CURSOR}
ONE_TOKEN: Mapping[str, Part] = {**AS_MEMBER, "path.token_id": Reference(kind=Kind.TOKEN, required=True)}
SHOWN: Mapping[str, Part] = {"--json": st.booleans()}
IN_WORKSPACE: Mapping[str, Part] = {
    **SHOWN,
    "--workspace": Reference(kind=Kind.WORKSPACE, required=True, chooses=True),
}
THE_WORKSPACE: Mapping[str, Part] = {
    **SHOWN,
    "workspace_id": Reference(kind=Kind.WORKSPACE, required=True, chooses=True),
}
THE_TOKEN: Mapping[str, Part] = {**SHOWN, "token_id": Reference(kind=Kind.TOKEN, required=True, chooses=True)}
A_MEMBER = Reference(kind=Kind.MEMBER, required=True)
YES: Mapping[str, Part] = {"--yes": st.just(value=True)}
FILTERS: Mapping[str, Part] = {
    "token": Reference(kind=Kind.TOKEN, refused=False),
    "actor": Reference(kind=Kind.MEMBER, refused=False),
    "type": perhaps(EVENT),
    "tool": perhaps(one_of("get_pnl", "pma_list_data_sources")),
    "outcome": perhaps(one_of("ok", "error", "denied_scope")),
    "since": perhaps(one_of("2026-11-01T00:00:00Z", "2026-11-21T11:00:00+00:00")),
    "until": perhaps(one_of("2026-11-21T12:00:00Z", "2026-12-01T00:00:00Z")),
}

API: Mapping[str, Mapping[str, Part]] = {
    "GET /v1/audit/events": {
        **AS_MEMBER,
        **{f"query.{name}": part for name, part in FILTERS.items()},
        "query.limit": PAGE_SIZE,
        "query.cursor": CURSOR,
        "header.accept": perhaps(one_of("application/x-ndjson")),
    },
    "GET /v1/scopes": AS_MEMBER,
    "GET /v1/tools/preview": {**AS_MEMBER, "query.scopes": SCOPES},
    "POST /v1/tokens": {
        **AS_MEMBER,
        "header.idempotency-key": perhaps(KEY),
        "body.name": LINE,
        "body.scopes": SCOPES,
        "body.expires_in_days": one_of(30, 90),
    },
    "GET /v1/tokens": {**AS_MEMBER, "query.limit": PAGE_SIZE, "query.cursor": CURSOR},
    "GET /v1/tokens/{token_id}": ONE_TOKEN,
    "PATCH /v1/tokens/{token_id}": {**ONE_TOKEN, "body.name": LINE},
    "POST /v1/tokens/{token_id}/revoke": {**ONE_TOKEN, "body.reason": REASON},
    "GET /v1/openapi.json": {},
}

TOOLS: Mapping[str, Mapping[str, Part]] = {
    "get_workspace_context": ANY_TOOL,
    "pma_list_data_sources": {
        **ROWS,
        "argument.connector": Reference(kind=Kind.CONNECTOR, refused=False),
        "argument.status": perhaps(one_of("synced", "reconnect")),
        "argument.limit": PAGE_SIZE,
    },
    "pma_inspect_org_data": {
        **ROWS,
        "argument.connector": Reference(kind=Kind.CONNECTOR, refused=False),
        "argument.report_type": perhaps(one_of("order", "ad_day", "goal")),
        "argument.level": perhaps(one_of("summary", "fields")),
        "argument.limit": PAGE_SIZE,
    },
    "get_pnl": {
        **ROWS,
        "argument.period": perhaps(one_of("last_30d", "ytd", "ttm", "last_quarter")),
        "argument.date_from": perhaps(DAY),
        "argument.date_to": perhaps(DAY),
        "argument.compare": perhaps(one_of("none", "previous_period", "previous_year", "custom")),
        "argument.compare_from": perhaps(DAY),
        "argument.compare_to": perhaps(DAY),
        "argument.granularity": perhaps(one_of("total", "day", "month")),
        "argument.currency": perhaps(one_of("EUR", "USD", "GBP")),
        "argument.basis": perhaps(one_of("processed_date", "order_date")),
    },
    "get_cohort_retention": {
        **ROWS,
        "argument.cohort_from": MONTH,
        "argument.cohort_to": MONTH,
        "argument.metric": perhaps(one_of("retention", "orders_per_customer", "cumulative_net_revenue")),
        "argument.grain": perhaps(one_of("month", "quarter")),
        "argument.max_offset": perhaps(one_of(0, 3, 36)),
    },
}

METHODS: Mapping[str, Mapping[str, Part]] = {
    "initialize": {
        **ERA,
        "param.protocolVersion": one_of(*HANDSHAKE),
        "param.capabilities": st.just({}),
        "param.clientInfo": st.just({"name": f"the client of {MARK}", "version": "1"}),
    },
    "notifications/initialized": ERA,
    "ping": ERA,
    "server/discover": ERA,
    "tools/list": ERA,
    # Tools that there are join by their names above; this is one that there is not.
    "tools/call": {**ERA, "param.name": one_of("get_pnls", "x"), "param.arguments": st.just({})},
}

PAGES: Mapping[str, Mapping[str, Part]] = {
    "GET /.well-known/oauth-protected-resource": {},
    "GET /.well-known/oauth-protected-resource/mcp": {},
    "GET /mcp": {},
}

COMMANDS: Mapping[str, Mapping[str, Part]] = {
    "workspace show": THE_WORKSPACE,
    "workspace plan": {**THE_WORKSPACE, **YES, "key": one_of("plus", "alpha", "plus", "starter")},
    "workspace grant": THE_WORKSPACE,
    "workspace suspend": {**THE_WORKSPACE, **YES, "--reason": REASON},
    "member add": {
        **IN_WORKSPACE,
        "--subject": one_of(f"{MARK}-new-1", f"{MARK}-new-2"),
        "--role": ROLE,
        "--issuer": st.just(LEFT_OUT),
        "--id": perhaps(one_of(f"mem_{MARK}_new")),
    },
    "member list": IN_WORKSPACE,
    "member role": {**IN_WORKSPACE, **YES, "member_id": A_MEMBER, "new": ROLE},
    "member remove": {**IN_WORKSPACE, **YES, "member_id": A_MEMBER},
    "token create": {
        **IN_WORKSPACE,
        "--name": LINE,
        "--scope": SCOPES,
        "--days": perhaps(one_of(30, 90)),
        "--owner": Reference(kind=Kind.MEMBER),
    },
    "token list": IN_WORKSPACE,
    "token show": THE_TOKEN,
    "token rename": {**THE_TOKEN, "name": LINE},
    "token revoke": {**THE_TOKEN, **YES, "--reason": REASON},
    "audit list": {
        **IN_WORKSPACE,
        **{f"--{name}": part for name, part in FILTERS.items()},
        "--limit": perhaps(one_of(1, 7, 300)),
    },
    "import": {
        **IN_WORKSPACE,
        "file": one_of(f"{FOLDER}/{MARK}.ndjson", f"{FOLDER}/{MARK}.ndjson", f"{FOLDER}/shared.ndjson"),
        "--patience": st.just(LEFT_OUT),
    },
}

PUBLIC = {
    "GET /v1/openapi.json",
    "GET /.well-known/oauth-protected-resource",
    "GET /.well-known/oauth-protected-resource/mcp",
}
"""What answers everybody alike."""

SELDOM = {
    "GET /v1/scopes",
    "GET /v1/tools/preview",
    "GET /v1/openapi.json",
    "POST /v1/tokens/{token_id}/revoke",
    "workspace plan",
    "workspace suspend",
    "member role",
    "member remove",
    "token revoke",
    "import",
}
"""What is the same for all; what ends tokens, memberships or access, so that not all that follows is refused; what
takes long."""


def _table() -> Sequence[Operation]:
    doors = {Door.REST: API, Door.TOOL: TOOLS, Door.METHOD: METHODS, Door.PAGE: PAGES, Door.COMMAND: COMMANDS}
    return [
        Operation(door=door, name=name, takes=takes, public=name in PUBLIC, seldom=name in SELDOM)
        for door, table in doors.items()
        for name, takes in table.items()
    ]


OPERATIONS: Sequence[Operation] = _table()


def operation_named(name: str) -> Operation:
    return next(each for each in OPERATIONS if each.name == name)
