"""What befalls the tokens, the apps and the workspace of the examples, and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from shared.domain.notices import Notice, Places, Succession, token_notice, workspace_notice
from shared.domain.token.decider import LEAK_REPORT, LEAKED
from shared.domain.token.decider import replay as replay_token
from shared.domain.token.events import (
    AbandonmentCleared,
    AbandonmentFlagged,
    ExpiryReminded,
    GrantRefreshed,
    LeakReported,
    OverlapEnded,
    RotationAdopted,
    TokenEvent,
    TokenExpired,
    TokenKind,
    TokenRenamed,
    TokenResumed,
    TokenRevoked,
    TokenRotated,
    TokenSuspended,
)
from shared.domain.trail.events import TamperFound, Tampering
from shared.domain.workspace.decider import replay as replay_workspace
from shared.domain.workspace.events import (
    AccessSuspended,
    MemberAdded,
    Role,
    WorkspaceEvent,
    WorkspaceRegistered,
)
from tests.data.examples import NOON, ONE_DAY, grant_approved, token_created

PAGE = Path(__file__).parents[2] / "docs" / "notices.md"
PLACES = Places(api_url="https://api.test/v1", docs_url="https://docs.test")
FOUND = TamperFound(tampering=Tampering.DELETED, row="W#ws1#2026-11-21 1795275600000#tok1#7", sequence="24", at=NOON)
WEEK_BEFORE = NOON + 83 * ONE_DAY
"""The plain token lives for ninety days."""
OWNER = "mem_adam"
MANAGERS = frozenset({"mem_olga", "mem_adam", "mem_amy"})
PEOPLE = {"mem_olga": Role.OWNER, "mem_adam": Role.ADMIN, "mem_amy": Role.ADMIN, "mem_ana": Role.ANALYST}
WORKSPACE: tuple[WorkspaceEvent, ...] = (
    WorkspaceRegistered(workspace_id="ws1", name="Tea & Sons", plan="alpha", at=NOON),
    *(
        MemberAdded(member_id=member_id, issuer="https://id.test", subject=member_id, role=role, at=NOON)
        for member_id, role in PEOPLE.items()
    ),
)

APPROVED = grant_approved(owner_id=OWNER, client_name="Weekly sync")
FLAGGED = AbandonmentFlagged(idle_since=NOON, after_days=30, at=NOON + 31 * ONE_DAY)
EXPIRED = TokenExpired(at=NOON + 90 * ONE_DAY)
REMINDED = ExpiryReminded(days_left=7, expires_at=NOON + 90 * ONE_DAY, at=WEEK_BEFORE)
REPORTED = LeakReported(source="github", at=NOON + ONE_DAY)
REVOKED = TokenRevoked(revoked_by="mem_amy", reason="laptop lost", at=NOON + ONE_DAY)
REVOKED_FOR_IT = TokenRevoked(revoked_by=LEAK_REPORT, reason=LEAKED, at=NOON + ONE_DAY)
ROTATED = TokenRotated(
    successor_id="tok2", rotated_by=OWNER, overlap_seconds=86_400, ends_at=NOON + 2 * ONE_DAY, at=NOON + ONE_DAY
)
OVER = OverlapEnded(successor_id="tok2", at=NOON + 2 * ONE_DAY)
SUSPENDED = TokenSuspended(suspended_by="mem_amy", reason="odd calls", at=NOON + ONE_DAY)
SUCCESSOR = replay_token([token_created(token_id="tok2", predecessor_id="tok1", at=NOON + ONE_DAY)])
NEVER_USED = Succession(living=SUCCESSOR, used=False)
IN_USE = Succession(living=SUCCESSOR, used=True)
NONE_LEFT = Succession(living=None, used=True)
SHUT_OUT = AccessSuspended(reason="unpaid", at=NOON + ONE_DAY)

LIVES: dict[str, tuple[TokenEvent, ...]] = {
    "token.expiry_reminded": (REMINDED,),
    "token.expired": (EXPIRED,),
    "token.overlap_ended": (ROTATED, OVER),
    "token.abandonment_flagged": (FLAGGED,),
    "token.suspended": (SUSPENDED,),
    "token.revoked": (REVOKED,),
    "token.leak_reported": (REPORTED, REVOKED_FOR_IT),
    "grant.approved": (APPROVED,),
}
"""What happened to a token whose notice is of this event."""
OF_GRANTS = ("grant.approved", "token.suspended", "token.revoked", "token.leak_reported")
"""What is told of what an app was granted."""
OF_TOKENS = tuple(type_ for type_ in LIVES if type_ != "grant.approved")
SUCCESSIONS = {"token.overlap_ended": (NEVER_USED, NONE_LEFT)}
"""What has become of the successors, where that makes another notice."""
UNTOLD: tuple[TokenEvent, ...] = (
    token_created(),
    TokenRenamed(name="Another", renamed_by=OWNER, at=NOON),
    ROTATED,
    RotationAdopted(predecessor_id="tok0", first_used_at=NOON, at=NOON),
    TokenResumed(resumed_by="mem_amy", reason="fine", at=NOON),
    AbandonmentCleared(used_at=NOON, at=NOON),
    GrantRefreshed(generation=2, follows=1, access_expires_at=NOON + ONE_DAY, expires_at=NOON + 30 * ONE_DAY, at=NOON),
)


def told(
    event: TokenEvent,
    *since: TokenEvent,
    before: Sequence[TokenEvent] = (),
    kind: TokenKind = TokenKind.PERSONAL,
    succession: Succession = NEVER_USED,
    people: Sequence[WorkspaceEvent] = (),
    **fields: Any,  # noqa: ANN401 - any field of the token
) -> Notice | None:
    """Ask for the notice of an event, when the token's life has gone on with others since."""
    is_grant = kind is TokenKind.GRANT
    created = replace(APPROVED, **fields) if is_grant else token_created(kind=kind, owner_id=OWNER, **fields)
    token = replay_token([created, *before, event, *since])
    workspace = replay_workspace([*WORKSPACE, *people])
    assert token is not None
    assert workspace is not None
    return token_notice(event, token=token, succession=succession, workspace=workspace, places=PLACES)


def of(type_: str, kind: TokenKind = TokenKind.PERSONAL, succession: Succession = NEVER_USED) -> Notice | None:
    life = LIVES[type_]
    place = next(place for place, event in enumerate(life) if event.type == type_)
    return told(life[place], *life[place + 1 :], before=life[:place], kind=kind, succession=succession)


def shut_out(*since: WorkspaceEvent, event: WorkspaceEvent = SHUT_OUT) -> Notice | None:
    workspace = replay_workspace([*WORKSPACE, event, *since])
    assert workspace is not None
    return workspace_notice(event, workspace=workspace, places=PLACES)


def altered(event: TamperFound = FOUND) -> Notice | None:
    workspace = replay_workspace(WORKSPACE)
    assert workspace is not None
    return workspace_notice(event, workspace=workspace, places=PLACES)


def text_of(notice: Notice | None) -> str:
    assert notice is not None
    return "\n".join((notice.subject, *notice.lines))
