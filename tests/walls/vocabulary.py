"""The words in which `operations/` says how each thing is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

MARK = "<mark>"
FOLDER = "<folder>"
"""Where the files for imports lie."""
SIGNATURE = "<signature>"
"""GitHub's, of the body that it is sent with."""


class Door(StrEnum):
    """Where an operation is asked."""

    REST = "api"
    TOOL = "tool"
    METHOD = "method"
    PAGE = "page"
    """Plain HTTP at the MCP function."""
    SITE = "site"
    """Pages of people who are signed in with a browser."""
    COMMAND = "command"


class Kind(StrEnum):
    """What a reference names."""

    WORKSPACE = "workspace"
    TOKEN = "token"
    MEMBER = "member"
    FORMER = "former member"
    CONNECTOR = "connector"
    SKU = "sku"
    SECRET = "secret"
    """The whole text of a token. Whoever holds another's may end it: of theirs only tampered ones are sent."""
    EVENT = "event"
    """Of the trail, by its id."""
    IMPORT = "import"
    """By its id, which is made of the file: the same file is called the same in both workspaces."""
    ALERT = "alert"
    """By its id, which is a hash of what it is about."""
    CURSOR = "cursor"
    CONFIRMATION = "confirmation"

    @property
    def is_signed(self) -> bool:
        """Whether an answer gives it, for one question that is asked later."""
        return self in {Kind.CURSOR, Kind.CONFIRMATION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A parameter that names something of a workspace."""

    kind: Kind
    required: bool = False
    refused: bool = True
    """Whether one that is not the asker's own is refused; if not, it filters, and nothing matches it."""
    chooses: bool = False
    """Whether it says which workspace a command of the operator is about: then it is never the other tenant's."""
    given_by: str | None = None
    """Of what is signed, the operation whose answer gives it; None: the one that takes it."""


class LeftOut:
    """The parameter is not sent."""

    def __repr__(self) -> str:
        return "left out"


LEFT_OUT = LeftOut()
Part = st.SearchStrategy[Any] | Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be asked, and what it takes."""

    door: Door
    name: str
    takes: Mapping[str, Part]
    """By place and name: `path.…`, `query.…`, `header.…`, `body.…`, or `body.[].…` where the body is a list;
    `form.…` of a page; `argument.…` of a tool; `param.…` of a method; `--option`s and plain words of a command."""
    public: bool = False
    """Whether it answers everybody alike."""
    seldom: bool = False
    """Whether it is asked less often than its neighbours."""
    by_token: bool = False
    """Whether it is asked with a token, though it is no part of MCP."""

    def _repr_pretty_(self, printer: Any, _: bool) -> None:  # noqa: ANN401, FBT001 - Hypothesis calls it so
        printer.text(f"{self.door} {self.name}")

    @property
    def is_mcp(self) -> bool:
        return self.door in {Door.TOOL, Door.METHOD, Door.PAGE}

    @property
    def words(self) -> str:
        """The words of a command: `token revoke, many` is another way to say `token revoke`."""
        return self.name.partition(",")[0]

    @property
    def references(self) -> Mapping[str, Reference]:
        return {name: part for name, part in self.takes.items() if isinstance(part, Reference)}


def perhaps(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Leave a parameter out, three times of four."""
    return st.integers(0, 3).flatmap(lambda draw: strategy if draw == 3 else st.just(LEFT_OUT))


def one_of(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)
