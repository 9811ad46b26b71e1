"""A file in the bucket: its facts become visible, all of them or none."""

from typing import Any

from functions.wiring import now, time_left, wiring
from shared.services.imports.import_upload import Importer, import_upload
from shared.transports.uploads import keys_to_import

_here = wiring()
_tools = Importer(
    imports=_here.imports,
    figures=_here.figures,
    rollups=_here.rollups,
    objects=_here.objects,
    keys=_here.data_keys,
    queue=_here.import_queue,
    clock=now,
)


def handler(event: dict[str, Any], context: Any) -> None:
    """Import each file that the event names; half of the time is for reading, the other for what it leads to."""
    for key in keys_to_import(event):
        until = now() + time_left(context) / 2
        _here.metrics.imported(import_upload(key, request_id=context.aws_request_id, tools=_tools, until=until))
