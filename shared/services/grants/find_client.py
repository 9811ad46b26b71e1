"""Which client is this? By its document, or by what it registered with."""

from __future__ import annotations

from datetime import datetime

from shared.domain.oauth.clients import ClientError, ClientRefused, OAuthClient
from shared.services.credentials.keys import CredentialKeys
from shared.services.grants.client_documents import ClientDocuments
from shared.services.grants.registrations import TAG, registered_client


def find_client(
    client_id: str | None, *, keys: CredentialKeys, documents: ClientDocuments, now: datetime
) -> OAuthClient:
    """Give the client that says that it is this one.

    Raises:
        ClientRefused: there is none, or it is not as it has to be.

    """
    if client_id is not None and client_id.startswith(TAG):
        return registered_client(client_id, keys=keys)
    if client_id is not None and client_id.startswith("https://"):
        return documents.client(client_id, now=now)
    raise ClientRefused(
        ClientError.INVALID_CLIENT,
        "There is no such client." if client_id else "There is no client_id.",
        hint="Send the id that /oauth/register gave to the app, or the https address of its metadata document.",
        field="client_id",
    )
