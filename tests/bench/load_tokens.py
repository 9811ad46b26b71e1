"""Make tokens for the sample workspace of a running stack: `python -m tests.bench.load_tokens NUMBER [--stack NAME]`.

In a process of its own, as the environment says where the stack is. It prints them as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from functions.wiring import now
from infra.local.sample import SAMPLE
from infra.places import connect
from shared.domain.scopes import Scope
from shared.domain.workspace.events import Role
from shared.services.create_token import create_token
from shared.storage.contracts.streams import Origin
from shared.transports.cli.place import Place


def main(number: int, place: Place) -> None:
    """Make them for the owner, with every scope."""
    on = connect(place)
    row = on.workspaces.get(SAMPLE.workspace_id)
    if row is None:
        raise LookupError(SAMPLE.workspace_id)
    (owner, *_) = (member for member in row.workspace.members.values() if member.role is Role.OWNER)
    made = [
        create_token(
            workspace_id=SAMPLE.workspace_id,
            member_id=owner.member_id,
            name=f"Load {each}",
            scopes=frozenset(Scope),
            expires_in_days=30,
            origin=Origin(actor="system:bench", request_id="load"),
            now=now(),
            keys=on.credential_keys,
            tokens=on.tokens,
            workspaces=on.workspaces,
        )
        for each in range(number)
    ]
    sys.stdout.write(json.dumps([token.text for token in made]))


if __name__ == "__main__":
    wanted, kind, where = sys.argv[1:]
    main(int(wanted), Place(stack=where) if kind == "--stack" else Place(data=Path(where)))
