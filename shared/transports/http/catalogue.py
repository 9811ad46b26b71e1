"""/v1/scopes and /v1/tools/preview: what can be granted, and what a token will see before it is made."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from shared.domain.scopes import GRANTS, parse_scopes
from shared.services.tool_catalogue import TOOLS, tools_for
from shared.transports.http.bodies import Preview, PreviewQuery, ScopeList, ScopeView, ToolView
from shared.transports.http.collaborators import Caller
from shared.transports.http.openapi import CALLER, refused_with

router = APIRouter(tags=["before a token is made"])


@router.get("/scopes", responses=refused_with(*CALLER))
def list_scopes(caller: Caller) -> ScopeList:  # noqa: ARG001 - asked for so that only members are answered
    """List the scopes, what each grants, and the tools that it opens."""
    return ScopeList(
        data=[
            ScopeView(scope=scope, grants=grants, tools=[tool.name for tool in TOOLS if scope in tool.opened_by])
            for scope, grants in GRANTS.items()
        ]
    )


@router.get("/tools/preview", responses=refused_with(*CALLER))
def preview(query: Annotated[PreviewQuery, Query()], caller: Caller) -> Preview:  # noqa: ARG001 - the same
    """List exactly the tools that a token with these scopes will see."""
    scopes = parse_scopes(part.strip() for value in query.scopes for part in value.split(",") if part.strip())
    return Preview(scopes=sorted(scopes), tools=[ToolView.of(tool) for tool in tools_for(scopes)])
