"""The mark of a row that came back from a backup: what a stream shows of it is nothing that has just happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BROUGHT_BACK = "brought_back"
"""When it did, as an attribute of the row."""


def is_brought_back(*, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell of a change of `core` whether it is only that a row came back."""
    return not before and BROUGHT_BACK in after
