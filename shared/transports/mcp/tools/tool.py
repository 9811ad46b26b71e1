"""What a tool is: what models read of it, who may call it, what it takes, and the function that answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from shared.domain.errors import Conflict
from shared.domain.plans import Plan
from shared.domain.scopes import Scope
from shared.domain.token.state import Token
from shared.services.credentials.keys import CredentialKeys
from shared.services.cursors import open_cursor, seal_cursor
from shared.services.refusals import LimitState
from shared.services.tool_catalogue import AnyScope, ByArgument, ToolEntry
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.alerts import AlertStore
from shared.storage.contracts.facts import Figures
from shared.storage.contracts.workspaces import WorkspaceStore
from shared.transports.mcp.tools.answer import Answer, Stretch, envelope
from shared.transports.mcp.tools.arguments import Arguments, ListArguments, RowsArguments, read_arguments

A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """On whose behalf a tool runs, when, and what it may read."""

    credential: Token
    plan: Plan
    limit: LimitState | None
    now: datetime
    request_id: str
    docs_url: str
    """Where the pages for people are."""
    workspaces: WorkspaceStore
    figures: Figures
    trail: TrailSources
    alerts: AlertStore
    keys: CredentialKeys = field(repr=False)
    """They sign cursors."""
    catalogue: Catalogue

    @property
    def workspace_id(self) -> str:
        """The one workspace that the credential belongs to: no argument names another."""
        return self.credential.workspace_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Generic[A]):
    """One entry of `tools/list`, and what happens when it is called."""

    entry: ToolEntry
    """Its name, its title, and the scope it needs: what other doors show of it."""
    description: str
    """For models: what it answers, when to use it and when not."""
    arguments: type[A]
    output: Mapping[str, Any]
    """JSON Schema of the structured content of a success."""
    run: Callable[[A, Call], Answer]

    def __post_init__(self) -> None:
        if not isinstance(self.entry.scope, Scope | AnyScope | ByArgument):  # pyright: ignore[reportUnnecessaryIsInstance] - default deny does not lean on the type checker
            raise TypeError(f"{self.name} declares neither a scope nor ANY")

    @property
    def name(self) -> str:
        """The name by which it is called."""
        return self.entry.name

    def answer(self, raw: Mapping[str, Any] | None, call: Call) -> dict[str, Any]:
        """Answer a call with its structured content.

        Raises:
            ToolError: the arguments.
            DomainError: the cursor, or a rule that says no.

        """
        arguments = read_arguments(self.arguments, raw)
        answer = self.run(arguments, call)
        if not isinstance(arguments, RowsArguments) or isinstance(answer.data, Stretch):
            return envelope(answer, detail=arguments.detail, request_id=call.request_id)
        place = RowsPlace.of_question(self.name, arguments, version=answer.frame.version + answer.version, call=call)
        return envelope(
            answer,
            detail=arguments.detail,
            request_id=call.request_id,
            offset=int(place.position_of(arguments.cursor)) if arguments.cursor else arguments.first_row,
            limit=arguments.limit if isinstance(arguments, ListArguments) else None,
            cursor_at=place.cursor_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPlace:
    """Places in the rows that one question has, as cursors."""

    of: Sequence[str]
    """The question: workspace, tool, arguments without the cursor."""
    version: str
    """Of the data and of what today is: another version is another list."""
    call: Call

    @classmethod
    def of_question(cls, tool: str, arguments: RowsArguments, *, version: str, call: Call) -> RowsPlace:
        """Give the places in what these arguments ask for."""
        asked = json.dumps(arguments.model_dump(mode="json", exclude={"cursor", "offset"}), sort_keys=True)
        return cls(of=(call.workspace_id, tool, asked), version=version, call=call)

    def cursor_at(self, position: int | str) -> str:
        """Make the cursor of a place."""
        return seal_cursor(f"{position}@{self.version}", of=self.of, now=self.call.now, keys=self.call.keys)

    def position_of(self, cursor: str) -> str:
        """Find the place of a cursor.

        Raises:
            Invalid: `cursor_invalid`: not ours, another question's, too old.
            Conflict: `cursor_stale`: the data moved on.

        """
        sealed = open_cursor(cursor, of=self.of, now=self.call.now, keys=self.call.keys)
        position, _, version = sealed.rpartition("@")
        if version != self.version:
            raise Conflict(
                "cursor_stale",
                "The data has changed since the first page.",
                hint="Call again without cursor, and read the pages from the start.",
            )
        return position


class Catalogue:
    """The tools of a server, by name and in their order: what each is called and needs, and itself when it is used."""

    def __init__(self, entries: Iterable[ToolEntry], load: Callable[[ToolEntry], Tool[Any]]) -> None:
        """Load nothing yet; `load` is asked for each tool once."""
        self._entries: dict[str, ToolEntry] = {}
        for entry in entries:
            if entry.name in self._entries:
                raise ValueError(f"two tools are named {entry.name}")
            self._entries[entry.name] = entry
        self._load = load
        self._loaded: dict[str, Tool[Any]] = {}

    @classmethod
    def of(cls, *tools: Tool[Any]) -> Catalogue:
        """Make one of tools that are there."""
        by_name = {tool.name: tool for tool in tools}
        return cls((tool.entry for tool in tools), lambda entry: by_name[entry.name])

    @property
    def entries(self) -> tuple[ToolEntry, ...]:
        """What is known of the tools before any is loaded."""
        return tuple(self._entries.values())

    def __iter__(self) -> Iterator[Tool[Any]]:
        return map(self.tool, self.entries)

    def get(self, name: object) -> ToolEntry | None:
        """Find a tool; None: it is not one of ours."""
        return self._entries.get(name) if isinstance(name, str) else None

    def tool(self, entry: ToolEntry) -> Tool[Any]:
        """Give the tool itself."""
        if entry.name not in self._loaded:
            self._loaded[entry.name] = self._load(entry)
        return self._loaded[entry.name]

    def load_all(self) -> None:
        """Load every tool now."""
        for entry in self.entries:
            self.tool(entry)

    def visible_to(self, scopes: frozenset[Scope]) -> tuple[ToolEntry, ...]:
        """List what a credential with these scopes may call."""
        return tuple(entry for entry in self.entries if entry.is_open_to(scopes))
