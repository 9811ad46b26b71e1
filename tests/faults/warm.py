"""Imported by the process that victims start from: what each of them would else build for itself."""

from pathlib import Path

from shared.storage.sqlite.engine import SqliteEngine
from tests.data.tenants import NOON
from tests.faults.container import Container

_ = Container(engine=SqliteEngine(), folder=Path(), issuer="", now=NOON).rest
