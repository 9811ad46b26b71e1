"""The command line, whatever it works on: commands, the choice of the place, and how an error is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from shared.domain.errors import DomainError
from shared.services.credentials.keys import KeysUnusable
from shared.storage.contracts.streams import StoreUnavailable, StreamMoved
from shared.transports.cli import alerts, imports, members, past_imports, rebuild, restore, tokens, trail, workspaces
from shared.transports.cli.output import fail
from shared.transports.cli.place import CannotConnect, Collaborators, Place, Session


def told_in_one_line(troubles: tuple[type[Exception], ...]) -> type[TyperGroup]:
    """Make the root of the commands: what they refuse is one line and exit code 1, never a traceback."""

    class Root(TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - as below
            try:
                "".join(args).encode()
            except UnicodeEncodeError:  # what no UTF-8 can be read as, Python hands over as lone surrogates
                fail("What was typed is not UTF-8.", hint="Say it in UTF-8; rename a file whose name is not.")
            return super().parse_args(ctx, args)

        def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the types of Typer's own Click are not for others to name
            try:
                return super().invoke(ctx)
            except DomainError as refused:
                fail(refused.message, hint=refused.hint)
            except StreamMoved:
                fail("Others kept changing the same thing, so this change was not made.", hint="Try again.")
            except StoreUnavailable as error:
                fail(f"The store cannot be used now: {error}.", hint="Try again; if it stays so, mend what is named.")
            except (CannotConnect, KeysUnusable, *troubles) as error:
                fail(str(error))
            except BrokenPipeError:
                raise  # who reads has read enough: Click ends without a word
            except OSError as error:
                if error.filename is not None:
                    fail(f"{error.filename}: {error.strerror}.")
                fail(
                    f"The answer cannot be printed: {error.strerror}.",
                    hint="What was asked for may be done: look before you ask again.",
                )

    return Root


def build_app(
    connect: Callable[[Place], Collaborators],
    *,
    now: Callable[[], datetime],
    operator: str,
    troubles: tuple[type[Exception], ...] = (),
) -> typer.Typer:
    """Build the program. `connect` opens a place when a command first needs it, so that help needs none.

    `troubles` are the errors of a place, in words that are fit for people.
    """
    app = typer.Typer(
        cls=told_in_one_line(troubles),
        help="A merchant's figures over MCP, each answer on an audit trail.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,  # among the locals of a traceback would be tokens
    )

    @app.callback()
    def begin(
        context: typer.Context,
        stack: Annotated[
            str | None, typer.Option(help="Work on this deployed CloudFormation stack, with your AWS credentials.")
        ] = None,
        data: Annotated[
            Path | None, typer.Option(file_okay=False, help="Work on the local stack in this folder (default: .local).")
        ] = None,
    ) -> None:
        if stack is not None and data is not None:
            raise typer.BadParameter("--stack and --data name two places; say one")
        place = Place(stack=stack, data=data)
        context.obj = Session(connect=connect, now=now, operator=operator, place=place)

    app.add_typer(workspaces.app, name="workspace")
    app.add_typer(members.app, name="member")
    app.add_typer(tokens.app, name="token")
    app.command("import", epilog=imports.EPILOG)(imports.import_)
    app.add_typer(past_imports.app, name="imports")
    app.add_typer(alerts.app, name="alerts")
    app.add_typer(trail.app, name="audit")
    app.command("rebuild")(rebuild.rebuild)
    app.command("restore")(restore.restore)
    return app
