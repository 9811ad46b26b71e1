"""Who has lately called from where a new list of networks would let nobody in, as far as the trail tells."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from shared.domain.token.policy import TokenPolicy, is_within
from shared.storage.contracts.audit import AuditEntry, AuditFilter, AuditLog

LOOKED_BACK = timedelta(days=30)
PAGES = 3
CALLS_A_PAGE = 1_000


def calls_from_outside(
    wanted: TokenPolicy, *, standing: TokenPolicy, workspace_id: str, now: datetime, audit: AuditLog
) -> dict[str, AuditEntry]:
    """Give, for each token, its last call that one policy would refuse for its address and the other does not.

    Bounded work: of a busy workspace the newest calls, of any at most those of some weeks.
    """
    if not wanted.networks or wanted.networks == standing.networks:
        return {}

    @cache  # most calls come from few addresses, and a list is parsed for each look
    def is_new_outside(ip: str | None) -> bool:
        return is_within(standing.networks, ip) and not is_within(wanted.networks, ip)

    matching = AuditFilter(types=frozenset({"mcp.call"}), since=now - LOOKED_BACK)
    found: dict[str, AuditEntry] = {}
    after: str | None = None
    for _ in range(PAGES):
        page = audit.entries(workspace_id, matching=matching, limit=CALLS_A_PAGE, now=now, after=after)
        for call in page.items:
            if is_new_outside(call.origin.ip):
                found.setdefault(str(call.data["token_id"]), call)
        after = page.next
        if after is None:
            break
    return found
