"""Everything that can be asked of the product. A new route, tool, method or command joins the walls by a line here.

Say its name (`GET /v1/things/{id}`, the tool's, the JSON-RPC method, the words of the command) and, for each parameter,
where it stands and what to send:

- a Hypothesis strategy of plausible values; `perhaps(…)` where it may be left out. `MARK` in a text becomes the word of
  whoever asks: mark all free text, so that it is recognised if it comes out on the other side;
- a `Reference` for whatever names something of a workspace: an id, a cursor, a confirmation, the workspace itself. The
  machine sends the asker's own, the other tenant's, unknown ones, tampered ones and old ones. A new kind of thing with
  ids is a new `Kind` (`vocabulary.py`), and a line in `references.py`.

Nothing else is to be done: `machine.py` asks the operation on behalf of both tenants and of strangers, and compares
each answer with that of a world in which the other tenant has never existed. `test_everything_has_joined.py` fails for
whatever the product offers and no line names, parameter by parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.events import Role
from tests.transports.mcp.shop import HANDSHAKE, MODERN
from tests.walls.github import KEY_ID
from tests.walls.vocabulary import (
    FOLDER,
    LEFT_OUT,
    MARK,
    SIGNATURE,
    Door,
    Kind,
    Operation,
    Part,
    Reference,
    one_of,
    perhaps,
)

LINE = one_of(f"{MARK} laptop", f"the CI of {MARK}") | st.text(max_size=12).map(lambda text: f"{MARK} {text}")
REASON = one_of(f"{MARK} left it in a train", f"over, says {MARK}")
# Few of each, so that an idempotency key meets the same body and another one.
SCOPES = one_of([str(Scope.PNL)], [str(scope) for scope in Scope])
ONE_SCOPE = one_of(str(Scope.PNL), str(Scope.ADS))
KIND = perhaps(one_of(*(str(kind) for kind in TokenKind)))
KEY = one_of("draw-1", "draw-2", "draw-3")
PAGE_SIZE = one_of(LEFT_OUT, 1, 2, 7)
OVERLAP = perhaps(one_of(0, 3_600, 604_800))
MOMENT = one_of("2026-10-20T00:00:00Z", "2026-11-20T13:00:00+01:00", "2026-12-01T00:00:00Z")
DAYS = one_of(365, 90, 30)
NAMES = one_of("*", f"*{MARK}*", f"{MARK} laptop")
# From the first two everybody comes, from the others one tenant or nobody.
NETWORKS = one_of(
    ["0.0.0.0/0"], ["192.0.2.0/24", "203.0.113.0/24"], ["192.0.2.0/24"], ["203.0.113.0/24"], ["10.1.0.0/16"]
)
ROLE = one_of(*(str(role) for role in Role))
NEWCOMER = one_of(f"{MARK}-new-1", f"{MARK}-new-2", f"{MARK}-new-3")
EMAIL = one_of(f"{MARK}@shop.example", f"ops+{MARK}@mail.shop.example")
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
A_SECRET = Reference(kind=Kind.SECRET, required=True, refused=False)
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

ONE_MEMBER: Mapping[str, Part] = {**AS_MEMBER, "path.member_id": A_MEMBER}
MAKING: Mapping[str, Part] = {"header.idempotency-key": perhaps(KEY)}
ROTATION: Mapping[str, Part] = {
    **MAKING,
    "body.overlap_seconds": OVERLAP,
    "body.scopes": perhaps(SCOPES),
    "body.narrow_to_used": perhaps(st.just(value=True)),
}
POLICY: Mapping[str, Part] = {
    **AS_MEMBER,
    "body.longest_days": perhaps(DAYS),
    "body.scopes": perhaps(SCOPES),
    "body.name_pattern": perhaps(NAMES),
    "body.networks": perhaps(NETWORKS),
    "body.suspend_abandoned": perhaps(st.just(value=True)),
}
"""Two of these that read differently are two policies."""


def confirmation(given_by: str, *, required: bool) -> Reference:
    return Reference(kind=Kind.CONFIRMATION, given_by=given_by, required=required)


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
        **MAKING,
        "body.kind": KIND,
        "body.name": LINE,
        "body.scopes": SCOPES,
        "body.expires_in_days": one_of(30, 90),
    },
    "GET /v1/tokens": {**AS_MEMBER, "query.limit": PAGE_SIZE, "query.cursor": CURSOR},
    "GET /v1/tokens/{token_id}": ONE_TOKEN,
    "PATCH /v1/tokens/{token_id}": {**ONE_TOKEN, "body.name": LINE},
    "POST /v1/tokens/{token_id}/revoke": {**ONE_TOKEN, "body.reason": REASON},
    "POST /v1/tokens/{token_id}/suspend": {**ONE_TOKEN, "body.reason": REASON},
    "POST /v1/tokens/{token_id}/resume": {**ONE_TOKEN, "body.reason": REASON},
    "POST /v1/tokens/{token_id}/rotate": {**ONE_TOKEN, **ROTATION},
    "GET /v1/tokens/{token_id}/evidence": ONE_TOKEN,
    "GET /v1/tokens/self": {},
    "POST /v1/tokens/self/rotate": ROTATION,
    "POST /v1/tokens/revoke/preview": {
        **AS_MEMBER,
        "body.owner": Reference(kind=Kind.MEMBER, refused=False),
        "body.scope": perhaps(ONE_SCOPE),
        "body.issued_before": perhaps(MOMENT),
    },
    "POST /v1/tokens/revoke": {
        **AS_MEMBER,
        "body.confirmation": confirmation("POST /v1/tokens/revoke/preview", required=True),
        "body.reason": REASON,
    },
    "POST /v1/tokens/report-leak": {"body.token": A_SECRET},
    "POST /v1/tokens/report-leak/github": {
        "header.github-public-key-identifier": one_of(KEY_ID, KEY_ID, KEY_ID, "none of theirs"),
        "header.github-public-key-signature": one_of(SIGNATURE, SIGNATURE, SIGNATURE, "bm9uZQ=="),
        "body.[].token": A_SECRET,
        "body.[].type": st.just("merchant_mcp_token"),
    },
    "GET /v1/workspace/token-policy": AS_MEMBER,
    "POST /v1/workspace/token-policy/preview": POLICY,
    "PUT /v1/workspace/token-policy": {
        **POLICY,
        "body.confirmation": confirmation("POST /v1/workspace/token-policy/preview", required=False),
    },
    "GET /v1/members": AS_MEMBER,
    "POST /v1/members": {**AS_MEMBER, "body.subject": NEWCOMER, "body.role": ROLE, "body.email": perhaps(EMAIL)},
    "PATCH /v1/members/{member_id}": {**ONE_MEMBER, "body.role": ROLE},
    "DELETE /v1/members/{member_id}": ONE_MEMBER,
    "PUT /v1/members/{member_id}/contact": {**ONE_MEMBER, "body.email": EMAIL},
    "DELETE /v1/members/{member_id}/contact": ONE_MEMBER,
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
    "workspace token-policy": {
        **THE_WORKSPACE,
        **YES,
        "--longest-days": perhaps(DAYS),
        "--scope": perhaps(SCOPES),
        "--name-pattern": perhaps(NAMES),
        "--network": perhaps(NETWORKS),
        "--suspend-abandoned": perhaps(st.just(value=True)),
        "--anything": perhaps(st.just(value=True)),
    },
    "member add": {
        **IN_WORKSPACE,
        "--subject": NEWCOMER,
        "--role": ROLE,
        "--issuer": st.just(LEFT_OUT),
        "--id": perhaps(one_of(f"mem_{MARK}_new")),
        "--email": perhaps(EMAIL),
    },
    "member list": IN_WORKSPACE,
    "member contact": {**IN_WORKSPACE, "member_id": A_MEMBER, "email": EMAIL, "--none": st.just(LEFT_OUT)},
    "member role": {**IN_WORKSPACE, **YES, "member_id": A_MEMBER, "new": ROLE},
    "member remove": {**IN_WORKSPACE, **YES, "member_id": A_MEMBER},
    "token create": {
        **IN_WORKSPACE,
        "--kind": KIND,
        "--name": LINE,
        "--scope": SCOPES,
        "--days": perhaps(one_of(30, 90)),
        "--owner": Reference(kind=Kind.MEMBER),
    },
    "token list": IN_WORKSPACE,
    "token show": THE_TOKEN,
    "token rename": {**THE_TOKEN, "name": LINE},
    "token rotate": {
        **THE_TOKEN,
        **YES,
        "--overlap": OVERLAP,
        "--scope": perhaps(SCOPES),
        "--narrow": perhaps(st.just(value=True)),
    },
    "token evidence": THE_TOKEN,
    "token suspend": {**THE_TOKEN, **YES, "--reason": REASON},
    "token resume": {**THE_TOKEN, "--reason": REASON},
    "token revoke": {**THE_TOKEN, **YES, "--reason": REASON},
    "token revoke, many": {
        **IN_WORKSPACE,
        **YES,
        "--reason": REASON,
        "--owner": Reference(kind=Kind.MEMBER, refused=False),
        "--scope": perhaps(ONE_SCOPE),
        "--issued-before": perhaps(MOMENT),
    },
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
    "POST /v1/tokens/report-leak",
    "POST /v1/tokens/report-leak/github",
    "GET /.well-known/oauth-protected-resource",
    "GET /.well-known/oauth-protected-resource/mcp",
}
"""What answers everybody alike."""

BY_TOKEN = {"GET /v1/tokens/self", "POST /v1/tokens/self/rotate"}
"""What is asked with a token, though it is no part of MCP."""

SELDOM = {
    "GET /v1/scopes",
    "GET /v1/tools/preview",
    "GET /v1/openapi.json",
    "POST /v1/tokens/{token_id}/revoke",
    "POST /v1/tokens/{token_id}/suspend",
    "POST /v1/tokens/revoke",
    "POST /v1/tokens/report-leak",
    "POST /v1/tokens/report-leak/github",
    "PUT /v1/workspace/token-policy",
    "PATCH /v1/members/{member_id}",
    "DELETE /v1/members/{member_id}",
    "workspace plan",
    "workspace suspend",
    "workspace token-policy",
    "member role",
    "member remove",
    "token suspend",
    "token revoke",
    "token revoke, many",
    "import",
}
"""What is the same for all; what ends tokens, memberships or access, so that not all that follows is refused; what
takes long."""


def _table() -> Sequence[Operation]:
    doors = {Door.REST: API, Door.TOOL: TOOLS, Door.METHOD: METHODS, Door.PAGE: PAGES, Door.COMMAND: COMMANDS}
    return [
        Operation(
            door=door,
            name=name,
            takes=takes,
            public=name in PUBLIC,
            seldom=name in SELDOM,
            by_token=name in BY_TOKEN,
        )
        for door, table in doors.items()
        for name, takes in table.items()
    ]


OPERATIONS: Sequence[Operation] = _table()


CONFIRMED_BY = {part.given_by: each for each in OPERATIONS for part in each.references.values() if part.given_by}
"""A preview -> what it is a preview of."""


def operation_named(name: str) -> Operation:
    return next(each for each in OPERATIONS if each.name == name)
