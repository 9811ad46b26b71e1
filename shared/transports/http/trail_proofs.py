"""/v1/audit/export, proof, checkpoints and keys: the trail with what proves it, for whoever wants to check it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from shared.domain.errors import NotFound
from shared.domain.trail.events import ExportForm
from shared.domain.trail.reading import LARGEST
from shared.services.read_trail import check_may_read_trail
from shared.services.trail.export_trail import WITHIN_TWO_MINUTES, Wanted
from shared.services.trail.hand_out_trail import AT_ONCE, hand_out_trail, in_one_answer
from shared.services.trail.prove_event import prove_event
from shared.transports.http.collaborators import Caller, Now, Parts, SignedInMember
from shared.transports.http.openapi import CALLER, refused_with
from shared.transports.http.trail import NDJSON

router = APIRouter(prefix="/audit", tags=["audit"])

TEXT, CSV = "text/plain", "text/csv"
MEDIA_TYPES = {ExportForm.NDJSON: NDJSON, ExportForm.OCSF: NDJSON, ExportForm.CSV: CSV}


async def _reader(caller: Caller) -> SignedInMember:
    check_may_read_trail(caller.member)
    return caller


Reader = Annotated[SignedInMember, Depends(_reader)]
"""An owner or an admin."""


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProofQuery(_Asked):
    """What the proof is to show."""

    earlier_size: int | None = Field(
        default=None,
        ge=1,
        le=LARGEST,
        description="The size of the checkpoint that you have from before: the proof shows that the log grew from it.",
    )


class ExportQuery(ProofQuery):
    """Which seals are wanted, and in which form."""

    first: int = Field(default=1, ge=1, le=LARGEST, description="The first seal.")
    last: int | None = Field(default=None, ge=1, le=LARGEST, description="The last seal; the newest unless said.")
    format: ExportForm = Field(
        default=ExportForm.NDJSON, description="`ndjson` proves itself; `ocsf` and `csv` are readings of it."
    )


class CheckpointQuery(_Asked):
    """Which checkpoint is wanted."""

    size: int | None = Field(
        default=None, ge=1, le=LARGEST, description="The newest of at most so many seals, not the newest of all."
    )


def _as_text(*media_types: str, description: str) -> dict[int | str, dict[str, object]]:
    schema = {"type": "string", "description": description}
    return {200: {"content": {media_type: {"schema": schema} for media_type in media_types}}}


@router.get(
    "/export",
    response_class=Response,
    responses={
        **_as_text(NDJSON, CSV, description="The file of docs/audit-format.md, or a reading of its events."),
        **refused_with(*CALLER),
    },
)
def export(query: Annotated[ExportQuery, Query()], reader: Reader, now: Now, parts: Parts) -> Response:
    """Hand out the trail as it was sealed, for owners and admins; who took what is in the trail, too."""
    lines = hand_out_trail(
        reader.workspace_id,
        Wanted(first=query.first, last=query.last, earlier_size=query.earlier_size),
        form=query.format,
        origin=reader.origin,
        now=now,
        trail=parts.trail,
        limits=AT_ONCE,
    )
    return _answer(lines, MEDIA_TYPES[query.format])


@router.get(
    "/proof/{event_id}",
    response_class=Response,
    responses={
        **_as_text(NDJSON, description="The file of docs/audit-format.md for one event."),
        **refused_with(*CALLER),
    },
)
def prove(event_id: str, query: Annotated[ProofQuery, Query()], reader: Reader, now: Now, parts: Parts) -> Response:
    """Hand out one event and what proves it, and none of its neighbours, for owners and admins."""
    lines = prove_event(reader.workspace_id, event_id, now=now, trail=parts.trail, earlier_size=query.earlier_size)
    return _answer(lines, NDJSON)


@router.get(
    "/checkpoints",
    response_class=Response,
    responses={**_as_text(TEXT, description="A signed checkpoint: see docs/audit-format.md."), **refused_with(*CALLER)},
)
def checkpoints(query: Annotated[CheckpointQuery, Query()], _: Reader, parts: Parts) -> Response:
    """Show how large the log of all seals was and what its root was, signed, for owners and admins."""
    signed = parts.trail.seals.note(upto=query.size)
    if signed is None:
        raise _nothing_signed()
    return Response(signed[1], media_type=TEXT)


@router.get(
    "/keys",
    response_class=Response,
    responses={**_as_text(TEXT, description="A key a line: see docs/audit-format.md."), **refused_with(*CALLER)},
)
def keys(_: Reader, parts: Parts) -> Response:
    """Show every key that the log was ever signed with, for owners and admins."""
    lines = parts.trail.seals.keys()
    if not lines:
        raise _nothing_signed()
    return _answer(lines, TEXT)


def _answer(lines: Iterable[str], media_type: str) -> Response:
    return Response(in_one_answer(lines), media_type=media_type)


def _nothing_signed() -> NotFound:
    return NotFound("nothing_sealed", "There is no signed checkpoint yet.", hint=WITHIN_TWO_MINUTES)
