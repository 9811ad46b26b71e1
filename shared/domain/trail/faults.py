"""What can be wrong with an exported trail, each with the name by which docs/audit-format.md tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What can be wrong."""

    FILE_UNREADABLE = "file_unreadable"
    ROW_MODIFIED = "row_modified"
    ROW_DELETED = "row_deleted"
    ROW_INSERTED = "row_inserted"
    ROWS_REORDERED = "rows_reordered"
    ROW_NOT_IN_SEAL = "row_not_in_seal"
    LEAF_SWAPPED = "leaf_swapped"
    COUNT_WRONG = "count_wrong"
    SEAL_MISSING = "seal_missing"
    SEAL_OUT_OF_PLACE = "seal_out_of_place"
    SEAL_FORKED = "seal_forked"
    SEAL_NOT_IN_LOG = "seal_not_in_log"
    KEY_UNKNOWN = "key_unknown"
    SIGNATURE_WRONG = "signature_wrong"
    TRAIL_ROLLED_BACK = "trail_rolled_back"
    LOG_ROLLED_BACK = "log_rolled_back"
    LOG_REWRITTEN = "log_rewritten"
    GROWTH_MISSING = "growth_missing"

    @property
    def meaning(self) -> str:
        """Say what it means, to whoever is told of it."""
        return _MEANINGS[self]


_MEANINGS = {
    Fault.FILE_UNREADABLE: "The file is damaged, cut off, or none of ours: nothing behind this place was checked.",
    Fault.ROW_MODIFIED: "A row was changed after it was sealed.",
    Fault.ROW_DELETED: "A row was taken out after it was sealed.",
    Fault.ROW_INSERTED: "A row was put in that was never sealed here.",
    Fault.ROWS_REORDERED: "Rows were moved after they were sealed.",
    Fault.ROW_NOT_IN_SEAL: "The event is not the one that was sealed at this place.",
    Fault.LEAF_SWAPPED: "The list of the rows' hashes was changed after it was sealed.",
    Fault.COUNT_WRONG: "The numbers of rows do not add up: some were left out, or a seal is not ours.",
    Fault.SEAL_MISSING: "Seals were left out, and their rows with them.",
    Fault.SEAL_OUT_OF_PLACE: "A seal stands where another belongs.",
    Fault.SEAL_FORKED: "There are two histories of this workspace: somebody has sealed other rows.",
    Fault.SEAL_NOT_IN_LOG: "The log that was signed does not hold these seals.",
    Fault.KEY_UNKNOWN: "Of the keys that you trust and that are of this log, none has signed it.",
    Fault.SIGNATURE_WRONG: "The signature is forged, or the log was changed under it.",
    Fault.TRAIL_ROLLED_BACK: "The trail ends before what you have seen of it.",
    Fault.LOG_ROLLED_BACK: "The log is older than the one that you have seen.",
    Fault.LOG_REWRITTEN: "The log is not the one that you have seen: it was made anew.",
    Fault.GROWTH_MISSING: "Nothing is shown to be wrong, but ask for an export that begins at the proof that you kept.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong."""

    fault: Fault
    detail: str
    line: int | None = None
    """Where in the file, counted from 1."""
