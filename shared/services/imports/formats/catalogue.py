"""Every format that a file may have, besides NDJSON."""

from __future__ import annotations

from shared.services.imports.formats.format import Format

FORMATS: tuple[Format, ...] = ()
"""No two of them fit the same headers: a test tries."""
