"""Serves the docs folder: a refusal points its reader to a page of it, and the reader is on this machine."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

PATH = "/docs"


def docs_route(folder: Path) -> Route:
    """Show each page as it is written: a browser would rather save `text/markdown` than show it."""
    pages = folder.resolve()

    async def page(request: Request) -> Response:
        path = (pages / request.path_params["page"]).resolve()
        if path.suffix != ".md" or not path.is_relative_to(pages) or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type="text/plain; charset=utf-8")

    return Route(PATH + "/{page:path}", page)
