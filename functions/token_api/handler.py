"""ANY /v1/…: the REST API; and the pages, the sign-in and OAuth 2.1 beside it."""

from functions.door import Door
from functions.token_api.api import api
from shared.transports.http.app import TEXT_TYPES as OF_THE_API
from shared.transports.web.app import TEXT_TYPES as OF_PAGES

handler = Door(
    api,
    text_types=(*OF_THE_API, *OF_PAGES),
    rehearsals=("/v1/tokens", "/dashboard/no-such-page"),  # a page says so: the parts of all pages are compiled
)
