"""A row of the trail as an event of the Open Cybersecurity Schema Framework, 1.6.0, for the systems that collect those.

It is a reading of the row, for search and alarms. `raw_data` holds the row's line as it was sealed, so whoever has the
exported file beside it can tell whether both say the same; the proof is in that file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

VERSION = "1.6.0"
PRODUCT = "Merchant MCP"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What an event is to OCSF."""

    class_uid: int
    activity_id: int

    @property
    def category_uid(self) -> int:
        return self.class_uid // 1000


ACCOUNT_CHANGE, AUTHENTICATION, API_ACTIVITY = 3001, 3002, 6003
OTHER = 99
_CREATE, _READ, _UPDATE, _DELETE = (_Kind(class_uid=API_ACTIVITY, activity_id=each) for each in (1, 2, 3, 4))
_SOMETHING_ELSE = _Kind(class_uid=API_ACTIVITY, activity_id=OTHER)
_LOGON = _Kind(class_uid=AUTHENTICATION, activity_id=1)
_JOINED, _LEFT = (_Kind(class_uid=ACCOUNT_CHANGE, activity_id=each) for each in (1, 6))
_MEMBER_CHANGED = _Kind(class_uid=ACCOUNT_CHANGE, activity_id=OTHER)

KINDS: Mapping[str, _Kind] = {
    "workspace.registered": _CREATE,
    "workspace.plan_changed": _UPDATE,
    "workspace.access_granted": _UPDATE,
    "workspace.access_suspended": _UPDATE,
    "workspace.token_policy_set": _UPDATE,
    "workspace.settings_changed": _UPDATE,
    "alert.acknowledged": _UPDATE,
    "workspace.member_added": _JOINED,
    "workspace.member_role_changed": _MEMBER_CHANGED,
    "workspace.member_contact_changed": _MEMBER_CHANGED,
    "workspace.member_removed": _LEFT,
    "workspace.member_forgotten": _MEMBER_CHANGED,
    "token.created": _CREATE,
    "token.renamed": _UPDATE,
    "token.rotated": _UPDATE,
    "token.rotation_adopted": _SOMETHING_ELSE,
    "token.overlap_ended": _DELETE,
    "token.suspended": _UPDATE,
    "token.resumed": _UPDATE,
    "token.revoked": _DELETE,
    "token.expired": _DELETE,
    "token.expiry_reminded": _SOMETHING_ELSE,
    "token.abandonment_flagged": _SOMETHING_ELSE,
    "token.abandonment_cleared": _SOMETHING_ELSE,
    "token.leak_reported": _SOMETHING_ELSE,
    "grant.approved": _CREATE,
    "grant.refreshed": _UPDATE,
    "mcp.call": _READ,
    "mcp.call_denied": _LOGON,
    "mcp.call_unaccounted": _SOMETHING_ELSE,
    "audit.tamper_found": _SOMETHING_ELSE,
    "audit.exported": _READ,
    "import.started": _CREATE,
    "import.finished": _UPDATE,
    "import.refused": _CREATE,
    "import.costs_changed": _UPDATE,
    "import.goals_changed": _UPDATE,
    "import.accounts_changed": _UPDATE,
}
"""Every event that we write; one that a later day has written is `_SOMETHING_ELSE`."""

UNKNOWN, SUCCESS, FAILURE = 0, 1, 2
_STATUS = {
    "mcp.call_denied": FAILURE,
    "mcp.call_unaccounted": UNKNOWN,
    "audit.tamper_found": UNKNOWN,
    "import.refused": FAILURE,
}
INFORMATIONAL, MEDIUM, HIGH, CRITICAL = 1, 3, 4, 5
_SEVERITY = {"mcp.call_unaccounted": MEDIUM, "token.leak_reported": HIGH, "audit.tamper_found": CRITICAL}


def ocsf_line(line: str) -> str:
    """Write a row, given as its exported line, as one line of JSON."""
    return json.dumps(_ocsf(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _ocsf(line: str) -> Mapping[str, object]:
    row: dict[str, Any] = json.loads(line)
    data: dict[str, Any] = row["data"]
    kind = KINDS.get(row["type"], _SOMETHING_ELSE)
    known: dict[str, object] = {
        "category_uid": kind.category_uid,
        "class_uid": kind.class_uid,
        "activity_id": kind.activity_id,
        "activity_name": row["type"] if kind.activity_id == OTHER else None,
        "type_uid": kind.class_uid * 100 + kind.activity_id,
        "severity_id": _SEVERITY.get(row["type"], INFORMATIONAL),
        "time": _milliseconds(row["at"]),
        "status_id": (status := _status(row["type"], data)),
        "status_code": _why(data) if status == FAILURE else None,
        "metadata": _present(
            version=VERSION,
            product={"name": PRODUCT},
            uid=row["id"],
            event_code=row["type"],
            original_time=row["at"],
            sequence=row.get("seq"),
            tenant_uid=row["workspace"],
            correlation_uid=row["request_id"],
        ),
        "actor": _actor(row["actor"]),
        "src_endpoint": _source(row.get("ip")),
        "http_request": {"user_agent": row["user_agent"]} if "user_agent" in row else None,
        "unmapped": data or None,
        "raw_data": line,
    }
    return _present(**known, **_of_class(kind, row, data))


def _of_class(kind: _Kind, row: Mapping[str, Any], data: Mapping[str, Any]) -> Mapping[str, object]:
    """Give what only events of one class have."""
    if kind.class_uid == ACCOUNT_CHANGE:
        return {"user": {"uid": data["member_id"]}}  # whose account
    if kind.class_uid == AUTHENTICATION:
        return {
            "user": _present(uid=row["actor"], credential_uid=data.get("token_id")),
            "service": {"name": PRODUCT},
        }
    kind_of_thing, _, uid = row["stream"].partition(":")
    return {
        "api": {
            "operation": data.get("tool") or row["type"],
            "service": {"name": PRODUCT},
            "request": {"uid": row["request_id"]},
        },
        "resources": [{"type": kind_of_thing, "uid": uid}],
    }


def _actor(who: str) -> Mapping[str, object]:
    return {"app_uid": who} if who.startswith("system:") else {"user": {"uid": who}}


def _source(network: str | None) -> Mapping[str, str]:
    """Say where it came from. Of an address we keep the network, which is a name here: an `ip` of OCSF is whole."""
    return {"name": network} if network is not None else {"svc_name": PRODUCT}


def _status(type_: str, data: Mapping[str, Any]) -> int:
    if "outcome" in data:
        return SUCCESS if data["outcome"] == "ok" else FAILURE
    return _STATUS.get(type_, SUCCESS)


def _why(data: Mapping[str, Any]) -> str | None:
    """Give the code of a failure, under the name that it has in its event."""
    return data.get("error_code") or data.get("code") or data.get("reason") or data.get("outcome")


def _milliseconds(at: str) -> int:
    moment = datetime.fromisoformat(at)
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def _present(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}
