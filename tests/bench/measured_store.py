"""Stores that are measured more than once, each time from the same beginning."""

from __future__ import annotations

import shutil
from os import getloadavg
from pathlib import Path


def copy_of(store: Path, name: str) -> Path:
    """Copy a store that nobody has open, in place of any copy of that name."""
    return Path(shutil.copy(store, store.with_name(name)))


def load() -> str:
    """Say how busy the machine is, beside whatever seconds are given."""
    return f"(load average {getloadavg()[0]:.1f})"
