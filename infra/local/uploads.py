"""Takes what is uploaded by a presigned address into the folder of objects, as S3 takes it into a bucket."""

import hashlib
from datetime import UTC, datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.storage.objects.folder import FolderObjects
from shared.storage.objects.tickets import CHECKSUM, PATH, Ticket, TicketRefused


class _OtherBytes(Exception):
    """What arrives is not what was announced."""


def upload_routes(objects: FolderObjects) -> list[Route]:
    """Give the route; it refuses with the statuses that S3 has for the same."""

    async def put(request: Request) -> Response:
        try:
            ticket = objects.tickets.read(request.path_params["key"], request.query_params, now=datetime.now(UTC))
        except TicketRefused:
            return PlainTextResponse("This address is none that was given out, or its time is over.\n", 403)
        if "content-length" not in request.headers:
            return PlainTextResponse("The request does not say how long the body is.\n", 411)
        told = (request.headers["content-length"], request.headers.get(CHECKSUM))
        if told != (str(ticket.size), ticket.checksum):
            return PlainTextResponse("The length or the checksum is another than the address was given out for.\n", 403)
        try:
            await _receive(request, ticket, objects)
        except (_OtherBytes, ClientDisconnect):
            return PlainTextResponse("The bytes are not those of the checksum.\n", 400)
        return Response()

    return [Route(PATH + "/{key:path}", put, methods=["PUT"])]


async def _receive(request: Request, ticket: Ticket, objects: FolderObjects) -> None:
    digest = hashlib.sha256()
    with objects.growing(ticket.key) as file:
        async for chunk in request.stream():
            digest.update(chunk)
            file.write(chunk)
        if digest.hexdigest() != ticket.sha256:
            raise _OtherBytes
