"""What commands about one token share: its argument, how it is found and how it is shown."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from shared.domain.errors import NotFound
from shared.services.create_token import NewToken
from shared.services.credentials.token_format import is_id
from shared.services.token_summary import summary_of
from shared.storage.contracts.tokens import TokenRow
from shared.transports.cli.output import say, show_fields, show_json
from shared.transports.cli.place import Session

Id = Annotated[str, typer.Argument(metavar="TOKEN", help="The id of a token, not the token.", show_default=False)]


def find(token_id: str, session: Session) -> TokenRow:
    """Find a token.

    Raises:
        NotFound: there is none with this id.

    """
    row = session.on.tokens.get(token_id) if is_id(token_id) else None
    if row is None:
        # A whole token pasted here by mistake must not be printed back.
        raise NotFound(
            "token_not_found",
            "There is no token with this id.",
            hint="merchant-mcp token list --workspace WORKSPACE shows the ids.",
        )
    return row


def fields_of(row: TokenRow, session: Session) -> dict[str, Any]:
    """Give what is told of a token."""
    return asdict(summary_of(row.token, last_used_at=row.last_used_at, now=session.now()))


def show_row(row: TokenRow, session: Session, *, as_json: bool) -> None:
    """Print a token, without its secret, which nobody has."""
    fields = fields_of(row, session)
    if as_json:
        show_json(fields)
    else:
        show_fields(_flat(fields))


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """Show of the app that holds a grant one field a line; of any other token nothing."""
    app: dict[str, Any] = fields["app"] or {}
    others = {name: value for name, value in fields.items() if name != "app"}
    return others | {f"app_{name}": value for name, value in app.items()}


def show_new(new: NewToken, *, now: datetime, as_json: bool) -> None:
    """Print a token that was just made, this once with its secret."""
    fields = asdict(summary_of(new.token, last_used_at=None, now=now))
    if as_json:
        show_json({**fields, "token": new.text})
        return
    show_fields(_flat(fields))
    say("")
    say(new.text)
    say("")
    say("This is the whole token. It is shown this once and kept nowhere: copy it now.")
