"""Finds an import by the id that somebody has typed."""

from __future__ import annotations

from shared.domain.errors import NotFound
from shared.services.imports.names import is_import_id
from shared.storage.contracts.facts import ImportRecord, Imports


def find_import(import_id: str, *, workspace_id: str, imports: Imports) -> ImportRecord:
    """Give the record of an import of the workspace.

    Raises:
        NotFound: `import_not_found`: there is none, or it is another workspace's; both look alike.

    """
    record = imports.get(workspace_id, import_id) if is_import_id(import_id) else None
    if record is None:
        raise NotFound("import_not_found", "There is no such import.", hint="List the imports to see their ids.")
    return record
