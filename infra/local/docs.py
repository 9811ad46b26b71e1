"""Serves the docs folder: a refusal points its reader to a page of it, and the reader is on this machine."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

PATH = "/docs"


def docs_routes(folder: Path) -> list[Route]:
    """Show each page as it is written (a browser would rather save `text/markdown` than show it), and a list of all."""
    pages = folder.resolve()

    async def index(request: Request) -> Response:
        names = sorted(path.relative_to(pages).with_suffix("").as_posix() for path in pages.rglob("*.md"))
        return PlainTextResponse("".join(f"{request.base_url}docs/{name}\n" for name in names))

    async def page(request: Request) -> Response:
        path = (pages / request.path_params["page"]).resolve().with_suffix(".md")
        if not path.is_relative_to(pages) or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type="text/plain; charset=utf-8")

    return [Route(PATH, index), Route(PATH + "/{page:path}", page)]
