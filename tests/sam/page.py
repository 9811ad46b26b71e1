"""A page of docs for operators, taken apart: its tables, and the commands that a reader copies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.sam.stack import ROOT

PROGRAMS = ("aws", "make", "merchant-mcp", "sam")
QUOTED = "quoted"
SUBSTITUTED = "substituted"
LEADING = re.compile(r"^(?:(?:do|then|\w+\(\)|[{!(])\s+|[A-Z]\w*=\S*\s+(?=\S))*")
"""What may stand before a program on its line: words of the shell, and values for its environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One simple command as it stands on the page, with a word in place of everything that is quoted or substituted."""

    words: tuple[str, ...]
    whole: bool
    """Whether it is there to be copied (in a block), or mentioned in a sentence."""

    @property
    def program(self) -> str:
        """Its first word."""
        return self.words[0]

    @property
    def arguments(self) -> list[str]:
        """Its words that are no options, without the program."""
        return [word for word in self.words[1:] if not word.startswith("-")]

    @property
    def options(self) -> list[str]:
        """Its options, without values."""
        return [word.partition("=")[0] for word in self.words if word.startswith("-") and word != "-"]

    def __str__(self) -> str:
        """Write it as the name of a test's case."""
        return " ".join(self.words)[:80]


class Page:
    """The page, read once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        self.in_one_line = " ".join(self.text.split())
        self.scripts: list[str] = re.findall(r"^```sh\n(.*?)^```", self.text, re.MULTILINE | re.DOTALL)
        self.prose = re.sub(r"^```.*?^```", "", self.text, flags=re.MULTILINE | re.DOTALL)
        self.spans: list[str] = re.findall(r"`([^`\n]+)`", self.prose)

    @property
    def code(self) -> str:
        """Everything that a shell would read."""
        return "\n".join([*self.scripts, *self.spans])

    def commands(self) -> list[Command]:
        """Give every command of our programs, those in blocks first."""
        found = [Command(words=words, whole=True) for script in self.scripts for words in _simple(script)]
        found += [Command(words=words, whole=False) for span in self.spans for words in _simple(span)]
        return list(dict.fromkeys(found))

    def commands_of(self, program: str) -> list[Command]:
        """Give the commands of one program."""
        return [command for command in self.commands() if command.program == program]

    def table(self, first_column: str) -> list[list[str]]:
        """Give the cells of the table whose first column has this head."""
        head = re.search(rf"^\| {re.escape(first_column)} \|.*\n\| -.*\n((?:\|.*\n)+)", self.text, re.MULTILINE)
        assert head, first_column
        return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|\n"))] for line in head[1].splitlines()]

    def anchors(self) -> set[str]:
        """Give what a link into the page may name."""
        heads = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def named(cell: str) -> list[str]:
    """Give what stands between backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def _simple(script: str) -> Iterator[tuple[str, ...]]:
    """Take a script apart into the simple commands that run one of our programs, substituted ones included."""
    waiting = [re.sub(r"(?:^|(?<=\s))#\s.*$", "", script.replace("\\\n", " "), flags=re.MULTILINE)]
    while waiting:
        rest = re.sub(r"'[^']*'", QUOTED, waiting.pop())
        while inner := re.search(r"\$\(([^()]*)\)", rest):
            waiting.append(inner[1])
            rest = rest[: inner.start()] + SUBSTITUTED + rest[inner.end() :]
        rest = re.sub(r'"[^"]*"', QUOTED, rest)
        for part in re.split(r"\n|;|&&|\||<", rest):
            words = tuple(LEADING.sub("", part.strip()).removeprefix(".venv/bin/").rstrip(")}").split())
            if words and words[0] in PROGRAMS:
                yield words
