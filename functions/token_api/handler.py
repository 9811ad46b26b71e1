"""ANY /v1/…: the REST API."""

from functions.door import Door
from functions.token_api.api import api
from shared.transports.http.app import TEXT_TYPES

handler = Door(api, text_types=TEXT_TYPES, rehearsal="/v1/tokens")
