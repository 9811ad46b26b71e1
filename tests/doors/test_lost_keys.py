"""A key document is gone, or is none: a container that starts answers nobody, and serves again when it is back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from functions.wiring import now
from shared.services.credentials.keys import KeysUnusable
from tests.data.tenants import token
from tests.doors.events import event
from tests.doors.opening import Doors


@pytest.mark.parametrize(
    "document", [{}, {"credential": {}}, {"credential": {"1": "short"}}], ids=["none", "empty", "short"]
)
def test_a_container_without_credential_keys_answers_nobody_until_they_are_back(
    doors: Doors, document: dict[str, dict[str, str]]
) -> None:
    made = token(doors.stores, at=now())
    file = Path(doors.settings["mcp_server"]["KEYS_FILE"])
    kept = file.read_text()
    doors.start_anew()
    file.write_text(json.dumps(document))

    with pytest.raises(KeysUnusable):
        doors.ask("mcp_server", "mcp_tools_list_2026_07_28", token=made.text)
    file.write_text(kept)
    doors.start_anew()

    assert doors.ask("mcp_server", "mcp_tools_list_2026_07_28", token=made.text).status == 200


def test_an_import_without_data_keys_fails_until_they_are_back(doors: Doors) -> None:
    key = "raw/wks_1/imp_1/orders.ndjson"
    file = Path(doors.settings["importer"]["KEYS_FILE"])
    kept = file.read_text()
    doors.start_anew()
    file.write_text(json.dumps({"credential": json.loads(kept)["credential"]}))

    with pytest.raises(KeysUnusable):
        doors.invoke("importer", event("s3_object_created", raw_key=key))
    file.write_text(kept)
    doors.start_anew()

    assert doors.invoke("importer", event("s3_object_created", raw_key=key)) is None  # no such file: nothing to be done
