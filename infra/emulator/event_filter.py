"""Lambda's event filters, as far as template.yaml uses them: a value as it is, and the end of a text."""

from collections.abc import Mapping, Sequence
from typing import Any, cast


class UnknownRule(Exception):
    """A rule of another kind: it would have to be written here before the template may use it."""


def lets_through(pattern: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Tell whether a record has, under every name of the pattern, one of the values that stand there."""
    return all(_matches(rules, record.get(name)) for name, rules in pattern.items())


def _matches(rules: object, found: object) -> bool:
    if isinstance(rules, Mapping):
        inner = cast("Mapping[str, Any]", rules)
        return isinstance(found, Mapping) and lets_through(inner, cast("Mapping[str, Any]", found))
    return any(_is_met(rule, found) for rule in cast("Sequence[object]", rules))


def _is_met(rule: object, found: object) -> bool:
    match rule:
        case {"suffix": str() as end}:
            return isinstance(found, str) and found.endswith(end)
        case str():
            return found == rule
        case _:
            raise UnknownRule(rule)
