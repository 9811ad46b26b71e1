"""An agent without a model: it knows what `tools/list` says, and chooses the tool whose words fit a question best.

A model understands more than words; where words alone lead to the right tool, its description says what people ask.
SQLite's full-text search does the ranking (BM25, words without their endings).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

_SENTENCE = re.compile(r"(?<=[.;]) (?=[A-Z])")
_REFERRAL = re.compile(r"([^,;:.()]+)(?: \(|: use )((?:\w+)(?:, \w+)*)")
"""What a tool is not for, and whose it is: `… for best campaigns (get_ad_performance)`."""
_WORD = re.compile(r"[a-z0-9]+")
_COMMON = frozenset(
    _WORD.findall(
        "a all an and any are as at be before beside by can did do does for from had has have how i in into is it its "
        "last long me much my not of on one or our shall so than that the their them there these they this to us was "
        "we were what when where which who why will with would you your"
    )
)
"""Words that say nothing of what is asked for."""


class Chooser:
    """Ranks tools for a question."""

    def __init__(self, tools: Sequence[Mapping[str, Any]]) -> None:
        names = {tool["name"] for tool in tools}
        uses: dict[str, list[str]] = {name: [] for name in names}
        rest: dict[str, list[str]] = {name: [] for name in names}
        for tool in tools:
            for sentence in _SENTENCE.split(tool["description"]):
                if sentence.startswith("Not for "):
                    for words, others in _REFERRAL.findall(sentence):
                        for other in names.intersection(others.split(", ")):
                            uses[other].append(words)
                elif sentence.startswith("Use it "):
                    uses[tool["name"]].append(sentence)
                else:
                    rest[tool["name"]].append(sentence)
        self._index = sqlite3.connect(":memory:")
        self._index.execute("CREATE VIRTUAL TABLE tools USING fts5(name UNINDEXED, title, uses, rest, tokenize=porter)")
        for tool in tools:
            name = tool["name"]
            titles = f"{name} {tool['title']}"
            row = (name, *(text.replace("_", " ") for text in (titles, " ".join(uses[name]), " ".join(rest[name]))))
            self._index.execute("INSERT INTO tools VALUES (?, ?, ?, ?)", row)

    def ranked(self, question: str) -> list[str]:
        """Name the tools that have any word of the question, the best first."""
        words = {word for word in _WORD.findall(question.lower()) if word not in _COMMON}
        rows = self._index.execute(
            "SELECT name FROM tools WHERE tools MATCH ? ORDER BY bm25(tools, 0, 3, 3, 1), name",
            (" OR ".join(f'"{word}"' for word in sorted(words)),),
        )
        return [name for (name,) in rows]
