"""What stands around every page of a workspace: where one is, who one is, what was just done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from starlette.responses import HTMLResponse

from shared.transports.web.rendering import render
from shared.transports.web.visitors import Visitor

HOME = "/dashboard/settings/developer/mcp"
ROOMS = {
    "Tokens": HOME,
    "Activity": f"{HOME}/activity",
    "Connected apps": f"{HOME}/apps",
    "Policy": f"{HOME}/policy",
    "Data": f"{HOME}/data",
}


class Link(NamedTuple):
    """An entry of the navigation."""

    label: str
    href: str
    is_current: bool


class Choice(NamedTuple):
    """An entry of the switch of workspaces."""

    workspace_id: str
    name: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the layout shows."""

    nav: Sequence[Link]
    workspace: str
    workspaces: Sequence[Choice]
    person: str
    """How the person is named to themselves: as their sign-in does, or else by what they are."""
    role: str
    csrf: str = field(repr=False)
    flash: tuple[str, str] | None
    """Tone and text of what was just done."""


def page(
    visitor: Visitor,
    room: str,
    template: str,
    *,
    done: Mapping[str, str] | None = None,
    told: str | None = None,
    status: int = 200,
    **context: Any,  # noqa: ANN401 - a template takes what it names
) -> HTMLResponse:
    """Show a page of a room. `told` is the key, out of the address, of the sentence in `done` to show at its head."""
    frame = Frame(
        nav=[Link(label, href, label == room) for label, href in ROOMS.items()],
        workspace=visitor.workspace.name,
        workspaces=[
            Choice(each.workspace_id, each.name, each.workspace_id == visitor.workspace_id)
            for each in visitor.workspaces
        ],
        person=visitor.signed_in.session.person or visitor.member.role.value.capitalize(),
        role=visitor.member.role.value,
        csrf=visitor.form_key,
        flash=("good", done[told]) if done is not None and told is not None and told in done else None,
    )
    return render(template, status=status, page=frame, **context)
