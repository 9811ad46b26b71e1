"""Pages are Jinja2 templates beside this file: whatever stands in them is escaped, and what is missing is an error."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from shared.transports.web import wording

HERE = Path(__file__).parent
STATIC = "/dashboard/static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter()


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    cast("dict[str, Any]", made.globals)["static"] = static_address
    made.filters.update(wording.FILTERS)
    return made


def render(
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,  # noqa: ANN401 - a template takes what it names
) -> HTMLResponse:
    """Answer with a page."""
    text = _environment().get_template(template).render(**context)
    return HTMLResponse(text, status_code=status, headers=headers)


@cache
def _files() -> Mapping[str, tuple[str, str, bytes]]:
    """Name in `static` -> the name to ask for (with a digest, so that it may be kept for ever), kind, content."""
    found: dict[str, tuple[str, str, bytes]] = {}
    for path in sorted((HERE / "static").iterdir()):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:12]
        found[path.name] = (f"{path.stem}-{digest}{path.suffix}", KINDS[path.suffix], content)
    return found


def static_address(name: str) -> str:
    """Give the address of a file in `static`."""
    return f"{STATIC}/{_files()[name][0]}"


@router.get(f"{STATIC}/{{name}}")
async def static_file(name: str) -> Response:
    """Give a file that pages refer to."""
    for asked_for, kind, content in _files().values():
        if name == asked_for:
            return Response(content, media_type=kind, headers={"Cache-Control": FOR_EVER})
    raise HTTPException(404)
