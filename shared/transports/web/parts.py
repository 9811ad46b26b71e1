"""The parts of the system behind the pages, and what time it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from shared.services.credentials.keys import CredentialKeys
from shared.services.grants.client_documents import ClientDocuments
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.alerts import AlertStore
from shared.storage.contracts.codes import CodeStore
from shared.storage.contracts.contacts import ContactStore
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.facts import Figures, Imports
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.replies import ReplyStore
from shared.storage.contracts.sessions import SessionStore
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore
from shared.transports.issuer import Issuer


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the routes work with."""

    keys: CredentialKeys = field(repr=False)
    tokens: TokenStore
    workspaces: WorkspaceStore
    sessions: SessionStore
    codes: CodeStore
    documents: ClientDocuments
    contacts: ContactStore
    trail: TrailSources
    replies: ReplyStore
    evidence: EvidenceStore
    imports: Imports
    figures: Figures
    alerts: AlertStore
    open_objects: Callable[[], ObjectStore]
    """The bucket that files are sent to: opened only when somebody sends one."""
    issuer: Issuer
    client_secret: Callable[[], str | None]
    """What the issuer knows us by, where it insists on a secret; asked for when somebody signs in."""
    now: Callable[[], datetime]
    public_url: str
    docs_url: str

    @property
    def endpoint(self) -> str:
        """The MCP endpoint, which is also the name of the resource that grants are for."""
        return f"{self.public_url}/mcp"


async def _parts(request: Request) -> WebParts:
    parts: WebParts = request.app.state.parts
    return parts


Parts = Annotated[WebParts, Depends(_parts)]


async def _now(parts: Parts) -> datetime:
    return parts.now()


Now = Annotated[datetime, Depends(_now)]
"""The moment of the request: asked for once, so that everything in a request happens at one time."""
