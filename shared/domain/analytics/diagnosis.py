"""A diagnosis: what is wrong with a source or an import, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why rows are missing, or are not to be trusted. Programs go by these words; they never change their meaning."""

    NONE = "none"
    SYNC_INCOMPLETE = "sync_incomplete"
    WRONG_REPORT_TYPE = "wrong_report_type"
    NAME_MISMATCH = "name_mismatch"

    RECONNECT = "reconnect"
    LOST_ACCESS = "lost_access"
    MISSING_PERMISSIONS = "missing_permissions"
    RESOLVING = "resolving"
    DISCONTINUED = "discontinued"
    NOT_SYNCING = "not_syncing"
    NO_ACCOUNTS = "no_accounts"

    IMPORT_REFUSED = "import_refused"
    IMPORT_STALLED = "import_stalled"
    ROWS_REJECTED = "rows_rejected"
    BOOKS_UNMAPPED = "books_unmapped"

    OUTDATED = "outdated"
    SILENT = "silent"
    GAPS = "gaps"
    MISSING_COSTS = "missing_costs"
    RATES_MISSING = "rates_missing"
    WRONG_ACCOUNT = "wrong_account"
    DUPLICATE_KEYS = "duplicate_keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A cause, what it comes from, and what to do."""

    cause: Cause
    message: str
    fix: str = ""
