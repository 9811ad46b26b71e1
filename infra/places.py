"""Where a command of `merchant-mcp` works: a deployed stack, what the environment names, or this machine's stack."""

from __future__ import annotations

import json

from botocore.exceptions import BotoCoreError, ClientError

from functions.settings import SettingMissing, Settings
from functions.wiring import BackupMissing, Wiring, environment, settings_of_stack
from infra.local.cli import DATA
from infra.local.folder import LocalFolder
from infra.local.functions import all_settings
from infra.local.issuer.issuer import PATH
from infra.local.stack import HOST
from shared.storage.aws.json_client import NotDone
from shared.transports.cli.place import CannotConnect, Place

TROUBLES = (BackupMissing, BotoCoreError, ClientError, NotDone, SettingMissing)
"""What may go wrong on the way to a deployed stack: no credentials, no right, no such stack."""
USUAL_PORT = "8765"


def connect(place: Place) -> Wiring:
    """Open the place that the options name; without any, that of the environment, else the local stack.

    Raises:
        CannotConnect: no local stack was ever started there.

    """
    if place.stack is not None:
        return Wiring(settings_of_stack(place.stack))
    settings = environment()
    if place.data is None and settings.has("STORE"):
        return Wiring(settings)
    folder = LocalFolder(path=(place.data or DATA).resolve())
    if not folder.database.exists():
        raise CannotConnect(
            f"There is no local stack in {folder.path}. Start one (make run), say where it is (--data DIR), "
            "or name a deployed one (--stack NAME)."
        )
    address = _address(folder, settings)
    return Wiring(Settings(values=all_settings(folder, public_url=address, issuer=address + PATH)))


def _address(folder: LocalFolder, settings: Settings) -> str:
    """Say where the stack serves, or will serve when it is started: the members' issuer lives there."""
    try:
        connection = json.loads(folder.connection.read_text("utf-8"))
    except FileNotFoundError:
        return f"http://{HOST}:{settings.get('PORT', USUAL_PORT)}"
    return str(connection["mcp_url"]).removesuffix("/mcp")
