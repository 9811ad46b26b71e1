"""What is sent at several doors."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.events import Role
from tests.walls.vocabulary import LEFT_OUT, MARK, Kind, Part, Reference, one_of, perhaps

LINE = one_of(f"{MARK} laptop", f"the CI of {MARK}") | st.text(max_size=12).map(lambda text: f"{MARK} {text}")
REASON = one_of(f"{MARK} left it in a train", f"over, says {MARK}")
# Few of each, so that an idempotency key meets the same body and another one.
SCOPES = one_of([str(Scope.PNL)], [str(scope) for scope in Scope])
ONE_SCOPE = one_of(str(Scope.PNL), str(Scope.ADS))
KIND = perhaps(one_of(*(str(kind) for kind in TokenKind)))
PAGE_SIZE = one_of(LEFT_OUT, 1, 2, 7)
OVERLAP = perhaps(one_of(0, 3_600, 604_800))
MOMENT = one_of("2026-10-20T00:00:00Z", "2026-11-20T13:00:00+01:00", "2026-12-01T00:00:00Z")
DAYS = one_of(365, 90, 30)
USAGE_DAYS = one_of(1, 7, 92)
NAMES = one_of("*", f"*{MARK}*", f"{MARK} laptop")
# From the first two everybody comes, from the others one tenant or nobody.
NETWORKS = one_of(
    ["0.0.0.0/0"], ["192.0.2.0/24", "203.0.113.0/24"], ["192.0.2.0/24"], ["203.0.113.0/24"], ["10.1.0.0/16"]
)
ROLE = one_of(*(str(role) for role in Role))
NEWCOMER = one_of(f"{MARK}-new-1", f"{MARK}-new-2", f"{MARK}-new-3")
EMAIL = one_of(f"{MARK}@shop.example", f"ops+{MARK}@mail.shop.example")
EVENT = one_of(
    "token.created", "token.revoked", "mcp.call", "mcp.call_denied", "workspace.member_added", "import.finished"
)

ACTIVITY = one_of("import", "settings", "token", "mcp_call", "alert")

EXPORTED = perhaps(one_of("2026-11-20T00:00:00Z", "2026-11-20T12:00:00+01:00"))
ACCOUNT = perhaps(one_of(f"{MARK}-main", "main"))
CURRENCY = perhaps(one_of("EUR", "USD"))
COSTS_FROM = perhaps(one_of("2026-01-01", "2026-10-01"))

CURSOR = Reference(kind=Kind.CURSOR)
A_MEMBER = Reference(kind=Kind.MEMBER, required=True)
A_FORMER = Reference(kind=Kind.FORMER, required=True)
AN_EVENT = Reference(kind=Kind.EVENT, required=True)
AN_IMPORT = Reference(kind=Kind.IMPORT, required=True)
AN_ALERT = Reference(kind=Kind.ALERT, required=True)
SEAL = perhaps(one_of(1, 2, 9))
FORM = perhaps(one_of("ndjson", "ocsf", "csv"))
SINCE = perhaps(one_of("2026-11-01T00:00:00Z", "2026-11-21T11:00:00+00:00"))
UNTIL = perhaps(one_of("2026-11-21T12:00:00Z", "2026-12-01T00:00:00Z"))
A_FILTER_BY_TOKEN = Reference(kind=Kind.TOKEN, refused=False)
A_FILTER_BY_MEMBER = Reference(kind=Kind.MEMBER, refused=False)
TOOL = perhaps(one_of("get_pnl", "pma_list_data_sources"))
OUTCOME = perhaps(one_of("ok", "error", "denied_scope"))
ACTIVITY_FILTERS: Mapping[str, Part] = {
    "token": A_FILTER_BY_TOKEN,
    "member": A_FILTER_BY_MEMBER,
    "tool": TOOL,
    "outcome": OUTCOME,
}
FILTERS: Mapping[str, Part] = {
    "token": A_FILTER_BY_TOKEN,
    "actor": A_FILTER_BY_MEMBER,
    "type": perhaps(EVENT),
    "tool": TOOL,
    "outcome": OUTCOME,
    "since": SINCE,
    "until": UNTIL,
}
