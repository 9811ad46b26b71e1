"""merchant-mcp restore: bring the core table back from a backup of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from shared.domain.errors import DomainError, NotFound
from shared.services.restore.restore_workspace import Restored, Restorer
from shared.storage.contracts.streams import StoreUnavailable, StreamMoved
from shared.transports.cli.output import AsJson, note, show_json, show_table
from shared.transports.cli.place import session_of


def restore(
    context: typer.Context,
    *,
    backup: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="BACKUP",
            help="The table that the backup was restored to; of a local stack, a copy of its store.db.",
            show_default=False,
        ),
    ],
    only: Annotated[
        list[str] | None,
        typer.Option("--workspace", "-w", help="The id of a workspace, perhaps one that the backup does not know."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring what the core table has lost back from a backup, as the trail says that it was in the end."""
    if not backup.strip():
        raise typer.BadParameter(
            "it is empty: name the table that the backup was restored to; of a local stack, a copy of its store.db",
            param_hint="--from",
        )
    session = session_of(context)
    on = session.on
    restoration = on.restoration(backup)
    restorer = Restorer(
        origin=session.origin,
        now=session.now(),
        keys=on.credential_keys,
        restoration=restoration,
        workspaces=on.workspaces,
        tokens=on.tokens,
        evidence=on.evidence,
        people=on.trail.people,
        seals=on.trail.seals,
    )
    wanted = only or list(restoration.workspaces())
    if not wanted:
        raise NotFound("backup_empty", "The backup knows no workspace.", hint="Is it a backup of the core table?")
    done: list[Restored] = []
    failed: dict[str, DomainError | StreamMoved | StoreUnavailable] = {}
    for each in wanted:  # one that cannot be brought costs no other its return, and what was ended is told in any case
        try:
            done.append(_restored(each, restorer))
        except (DomainError, StreamMoved, StoreUnavailable) as error:
            failed[each] = error
            if isinstance(error, StoreUnavailable):
                break  # each of the others would wait as long for it
    if done:
        _tell(done, as_json=as_json)
    if failed:
        if len(wanted) > 1:
            left = wanted[len(done) + len(failed) :]
            note(f"Not brought back, for the reason below or another: {', '.join([*failed, *left])}.")
        raise next(iter(failed.values()))


def _tell(done: Sequence[Restored], *, as_json: bool) -> None:
    if as_json:
        show_json([_fields(each) for each in done])
        return
    show_table(
        ("WORKSPACE", "BROUGHT BACK", "OF THEM ENDED", "SUSPENDED", "THERE BEFORE", "UNKNOWN", "HISTORY"),
        ((each.workspace_id, *_counts(each), "whole" if each.is_whole else "not whole: shut out") for each in done),
        nothing="The backup knows no workspace.",
    )
    _tell_of_flaws(done)


def _restored(workspace_id: str, restorer: Restorer) -> Restored:
    done = restorer.restore(workspace_id)
    if done is None:
        raise NotFound(
            "workspace_not_found",
            f"Neither the backup nor the trail knows the workspace {workspace_id}.",
            hint="The prefixes of the archive name every workspace that was ever sealed.",
        )
    return done


def _counts(done: Restored) -> Sequence[int]:
    return len(done.tokens), len(done.ended), len(done.suspended), done.there, len(done.unknown)


def _tell_of_flaws(done: Sequence[Restored]) -> None:
    flawed = [(each, one) for each in done for one in each.tokens if one.flaw is not None]
    for each, one in flawed:
        note(f"{each.workspace_id} {one.token.prefix}… ({one.token.name}, {one.token.owner_id}): {one.flaw}.")


def _fields(done: Restored) -> dict[str, Any]:
    return {
        "workspace": done.workspace_id,
        "whole": done.is_whole,
        "tokens": [
            {
                "id": one.token.token_id,
                "owner": one.token.owner_id,
                "status": one.token.status.value,
                "why": one.flaw.value if one.flaw is not None else None,
            }
            for one in done.tokens
        ],
        "there": done.there,
        "unknown": list(done.unknown),
    }
