"""Conditions and writes of the row engine as DynamoDB's expressions.

Every name and value goes in as a placeholder: no attribute collides with a reserved word, and nothing is spliced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.storage.attributes import Typed, image_of, to_typed
from shared.storage.engine import (
    Above,
    AllOf,
    AnyOf,
    Below,
    Check,
    Condition,
    Delete,
    Differs,
    Equals,
    Exists,
    Key,
    Missing,
    Put,
    Table,
    Update,
    Value,
    Write,
)

Request = dict[str, Any]
"""Parameters of one operation; of a write also its part in a transaction, which takes the same."""


@dataclass(frozen=True, slots=True)
class Placeholders:
    """The names and values of one request."""

    names: dict[str, str] = field(default_factory=dict[str, str])
    values: dict[str, Typed] = field(default_factory=dict[str, Typed])

    def name(self, name: str) -> str:
        """Give the placeholder of an attribute's name, the same for the same name."""
        return self.names.setdefault(name, f"#{len(self.names)}")

    def value(self, value: Value) -> str:
        """Give the placeholder of a value."""
        placeholder = f":{len(self.values)}"
        self.values[placeholder] = to_typed(value)
        return placeholder

    def parameters(self) -> Request:
        """Give what the request says about its placeholders; DynamoDB refuses an empty map of either."""
        request: Request = {}
        if self.names:
            request["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in self.names.items()}
        if self.values:
            request["ExpressionAttributeValues"] = self.values
        return request


def condition_expression(condition: Condition, holders: Placeholders) -> str:
    """Write a condition."""
    match condition:
        case Exists(name):
            return f"attribute_exists({holders.name(name)})"
        case Missing(name):
            return f"attribute_not_exists({holders.name(name)})"
        case Equals(name, value):
            return f"{holders.name(name)} = {holders.value(value)}"
        case Differs(name, value):
            # Not `<>` alone: engines differ in what it says of an attribute that is not there.
            held = holders.name(name)
            return f"(attribute_not_exists({held}) OR {held} <> {holders.value(value)})"
        case Below(name, value):
            return f"{holders.name(name)} < {holders.value(value)}"
        case Above(name, value):
            return f"{holders.name(name)} > {holders.value(value)}"
        case AllOf(conditions):
            return f"({' AND '.join(condition_expression(each, holders) for each in conditions)})"
        case AnyOf(conditions):
            return f"({' OR '.join(condition_expression(each, holders) for each in conditions)})"


def write_request(write: Write, names: Mapping[Table, str]) -> Request:
    """Write what a put, update, delete or check asks for."""
    holders = Placeholders()
    request: Request = {"TableName": names[write.table]}
    match write:
        case Put():
            request["Item"] = image_of(write.item)
        case Update():
            request |= {"Key": key_image(write.key), "UpdateExpression": _update_expression(write, holders)}
        case Delete() | Check():
            request["Key"] = key_image(write.key)
    if write.when is not None:
        request |= {
            "ConditionExpression": condition_expression(write.when, holders),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    return request | holders.parameters()


def key_image(key: Key) -> dict[str, Typed]:
    """Write a key."""
    return {"pk": to_typed(key.pk), "sk": to_typed(key.sk)}


def _update_expression(update: Update, holders: Placeholders) -> str:
    def clause(word: str, parts: Sequence[str]) -> str:
        return f"{word} {', '.join(parts)}" if parts else ""

    clauses = (
        clause("SET", [f"{holders.name(name)} = {holders.value(value)}" for name, value in update.set.items()]),
        clause("ADD", [f"{holders.name(name)} {holders.value(more)}" for name, more in update.add.items()]),
        clause("REMOVE", [holders.name(name) for name in update.remove]),
    )
    return " ".join(each for each in clauses if each)
