"""ANY /v1/…: the REST API."""

from functions.door import Door
from functions.token_api.collaborators import collaborators
from shared.transports.http.app import TEXT_TYPES, build_app

handler = Door(lambda here: build_app(collaborators(here)), text_types=TEXT_TYPES, rehearsal="/v1/tokens")
