"""Everything that can be asked of the product. A new route, tool, method or command joins the walls by a line here.

Say in `api.py`, `mcp.py`, `site.py` or `commands.py` its name (`GET /v1/things/{id}`, the tool's, the JSON-RPC method,
the words of the command) and, for each parameter, where it stands and what to send:

- a Hypothesis strategy of plausible values; `perhaps(…)` where it may be left out. `MARK` in a text becomes the word of
  whoever asks: mark all free text, so that it is recognised if it comes out on the other side;
- a `Reference` for whatever names something of a workspace: an id, a cursor, a confirmation, the workspace itself. The
  machine sends the asker's own, the other tenant's, unknown ones, tampered ones and old ones. A new kind of thing with
  ids is a new `Kind` (`vocabulary.py`), and a line in `references.py`.

Nothing else is to be done: `machine.py` asks the operation on behalf of both tenants and of strangers, and compares
each answer with that of a world in which the other tenant has never existed. `test_everything_has_joined.py` fails for
whatever the product offers and no line names, parameter by parameter.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.walls.operations import api, commands, mcp, site
from tests.walls.vocabulary import Door, Operation

PUBLIC = api.PUBLIC | mcp.PUBLIC | site.PUBLIC
SELDOM = api.SELDOM | commands.SELDOM | site.SELDOM


def _table() -> Sequence[Operation]:
    doors = {
        Door.REST: api.API,
        Door.TOOL: mcp.TOOLS,
        Door.METHOD: mcp.METHODS,
        Door.PAGE: mcp.PAGES,
        Door.SITE: site.SITE,
        Door.COMMAND: commands.COMMANDS,
    }
    return [
        Operation(
            door=door,
            name=name,
            takes=takes,
            public=name in PUBLIC,
            seldom=name in SELDOM,
            by_token=name in api.BY_TOKEN,
        )
        for door, table in doors.items()
        for name, takes in table.items()
    ]


OPERATIONS: Sequence[Operation] = _table()


CONFIRMED_BY = {part.given_by: each for each in OPERATIONS for part in each.references.values() if part.given_by}
"""A preview -> what it is a preview of."""


def operation_named(name: str) -> Operation:
    return next(each for each in OPERATIONS if each.name == name)
