"""A file in the bucket: its facts become visible, all of them or none."""

from typing import Any

from functions.wiring import now, wiring
from shared.services.imports.import_upload import Importer, import_upload
from shared.transports.uploads import uploaded_keys

_here = wiring()
_tools = Importer(
    imports=_here.imports,
    figures=_here.figures,
    rollups=_here.rollups,
    objects=_here.objects,
    keys=_here.data_keys,
    clock=now,
)


def handler(event: dict[str, Any], context: Any) -> None:
    """Import each file that the event names."""
    for key in uploaded_keys(event):
        import_upload(key, request_id=context.aws_request_id, tools=_tools)
