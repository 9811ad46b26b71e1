"""Writes docs/permissions.md: `python -m tests.policies.document`, or `make permissions`.

The tables in the middle of the page are made from the template as CloudFormation sees it; what is around them is
written by hand. An action without a letter here is an error: whoever grants one says what kind of thing it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.policies.places import ROLES, SENDER
from tests.sam.stack import ROOT, Stack, Statement, bucket_name, deployed

PAGE = ROOT / "docs" / "permissions.md"
LETTERS = {
    "R": "BatchGetItem ConditionCheckItem GetItem GetObject GetPublicKey GetSecretValue ListBucket Query"
    " DescribeStream GetRecords GetShardIterator ListStreams GetQueueAttributes ReceiveMessage",
    "P": "AbortMultipartUpload PutItem PutObject",
    "U": "UpdateItem",
    "D": "DeleteItem DeleteMessage DeleteObject",
    "S": "Publish SendEmail SendMessage",
    "C": "InvokeFunction",
    "K": "Sign",
    "L": "CreateLogStream PutLogEvents",
}
LETTER_OF = {action: letter for letter, actions in LETTERS.items() for action in actions.split()}
COLUMNS = (
    "CoreTable",
    "CoreTable's index `due`",
    "AuditTable",
    "FactsTable",
    "the streams",
    "CredentialKeys",
    "DataKeys",
    "OidcClientSecret",
    "Bucket `raw/`",
    "Bucket `staging/`",
    "Bucket `facts/`",
    "Archive `trail/`",
    "SigningKey",
    "ProjectorFailures",
    "ImportParts",
    "ImporterFailures",
    "Sweeper",
    "Sealer",
    "Notices",
    "the identities of SES",
)
"""Of what is seen at a glance; each function's own log is left out."""
OF_THE_SCHEDULE = "call the function each minute (SAM makes this role)"

BEGIN, END = "<!-- From here on by `make permissions`. -->", "<!-- By hand again. -->"


def page(written: str, stack: Stack) -> str:
    """Give the page as it was written, with its middle part made anew."""
    before, rest = written.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{_tables(stack)}\n{END}{after}"


def _tables(stack: Stack) -> str:
    parts = ["### At a glance\n", _table(*_glance(stack))]
    for role in ROLES:
        rows = [_row(stack, statement) for statement in stack.statements(role)]
        parts += [f"### {_title(role)}\n", _table(("on", "may", "why"), rows)]
    said = [*_denials(stack), *_of_keys(stack)]
    parts += ["### What resources say\n", "".join(f"{line}\n" for line in said)]
    return "\n".join(parts)


# --- at a glance ------------------------------------------------------------------------------------------------------


def _glance(stack: Stack) -> tuple[list[str], list[list[str]]]:
    cells: dict[str, dict[str, dict[str, bool]]] = {}
    """Role -> place -> letter -> whether it is for any row."""
    for role in ROLES:
        for statement in stack.statements(role):
            for resource in statement.resources:
                place = _column(_place(stack, resource))
                letters = cells.setdefault(role, {}).setdefault(place, {})
                for action in statement.actions:
                    letter = LETTER_OF[action.partition(":")[2]]
                    letters[letter] = letters.get(letter, False) or not statement.condition
    for name, key in stack.of_type("AWS::KMS::Key").items():
        for statement in key["KeyPolicy"]["Statement"]:
            if (role := _role(statement)) is not None:
                cells[role][name] = {LETTER_OF[action.partition(":")[2]]: True for action in statement["Action"]}
    unseen = {place for places in cells.values() for place in places} - {*COLUMNS}
    assert unseen <= set(stack.of_type("AWS::Logs::LogGroup")), f"which column is for {unseen}?"
    rows = [[_title(role), *(_cell(cells[role].get(place, {})) for place in COLUMNS)] for role in ROLES]
    return ["", *COLUMNS], rows


def _title(role: str) -> str:
    return re.sub(r"(\w+)EveryMinute", r"The schedule of \1", role.removesuffix("Role"))


def _column(place: str) -> str:
    if place == "Archive":  # whether an object is there is asked by who reads it
        return "Archive `trail/`"
    return "the streams" if place.startswith("the stream") else place


def _cell(letters: Mapping[str, bool]) -> str:
    return " ".join(letter if letters[letter] else f"({letter})" for letter in LETTERS if letter in letters)


# --- role by role -----------------------------------------------------------------------------------------------------


def _row(stack: Stack, statement: Statement) -> list[str]:
    places = ", ".join(_place(stack, resource) for resource in statement.resources)
    actions = ", ".join(f"`{action.partition(':')[2]}`" for action in statement.actions)
    return [places + _which(statement.condition), actions, _words(statement.sid) or OF_THE_SCHEDULE]


def _words(sid: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", sid).lower().replace("tls", "TLS")


def _which(condition: Mapping[str, Mapping[str, Any]]) -> str:
    match condition:
        case {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": patterns}, **rest}:
            rows = f", rows {_listed(patterns)}"
        case _:
            rest, rows = condition, ""
    match rest:
        case {"StringEquals": {"ses:FromAddress": [str()]}} if len(rest) == 1 and not rows:
            return ", from `NoticeSender` alone"
        case {"StringLike": {"s3:prefix": names}} if len(rest) == 1 and not rows:
            return f", one object by its name: {_listed(names)}"
        case {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": others}} if len(rest) == 1 and rows:
            return f"{rows} but not {_listed(others)}"
        case _:
            assert not rest, f"how is {condition} said in words?"
            return rows


def _listed(patterns: Iterable[str]) -> str:
    return ", ".join(f"`{pattern}`" for pattern in patterns)


def _place(stack: Stack, resource: str) -> str:  # noqa: PLR0911 - one return for each kind of place
    """Name a resource as the template does, and what of it is meant."""
    rest = resource.split(":", 5)[5]
    match re.split(r"[/:]", rest):
        case ["table", table, "index", index]:
            return f"{table}'s index `{index}`"
        case ["table", table, "stream", "*"]:
            return f"the streams of {table}"
        case ["table", table, "stream", *_]:
            return f"the stream of {table}"
        case ["table", table]:
            return table
        case ["secret", secret]:
            return re.sub(r"-\w{6}$", "", secret)
        case ["log-group", log, "*"]:
            return log
        case ["function", function, _]:
            return function
        case [bucket, folder, "*"]:
            (name,) = (name for name in stack.of_type("AWS::S3::Bucket") if bucket_name(name) == bucket)
            return f"{name} `{folder}/`"
        case [bucket] if bucket in (names := {bucket_name(name): name for name in stack.of_type("AWS::S3::Bucket")}):
            return names[bucket]
        case ["identity", "*"]:
            return "the identities of SES"
        case [topic] if topic in stack.of_type("AWS::SNS::Topic"):
            return topic
        case [queue] if queue in stack.of_type("AWS::SQS::Queue"):
            return queue
        case _:
            raise AssertionError(f"what is {resource}?")


def _denials(stack: Stack) -> Iterator[str]:
    for name, document in (
        ("AuditTable", stack["AuditTable"]["ResourcePolicy"]["PolicyDocument"]),
        ("Bucket", stack["BucketPolicy"]["PolicyDocument"]),
        ("Archive", stack["ArchivePolicy"]["PolicyDocument"]),
    ):
        for statement in document["Statement"]:
            assert statement["Effect"] == "Deny"
            actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            denied = ", ".join(f"`{action.removeprefix('dynamodb:')}`" for action in actions)
            yield f"- **{name}**: {_words(statement['Sid'])}. It denies {denied}{_when(statement)}."


def _of_keys(stack: Stack) -> Iterator[str]:
    for name, key in stack.of_type("AWS::KMS::Key").items():
        for statement in key["KeyPolicy"]["Statement"]:
            role = _role(statement)
            whom = f"the role of {_title(role)}" if role is not None else "whomever policies of the account let"
            may = ", ".join(f"`{action.removeprefix('kms:')}`" for action in statement["Action"])
            yield f"- **{name}**: {_words(statement['Sid'])}. To {whom} it allows {may}."


def _role(statement: Mapping[str, Any]) -> str | None:
    """Give the role that a statement of a key's policy names; None: it names the account."""
    _, named, role = statement["Principal"]["AWS"].partition(":role/")
    return role if named else None


def _when(statement: Mapping[str, Any]) -> str:
    match statement.get("Condition"):
        case None:
            return ""
        case {"Bool": {"aws:SecureTransport": "false"}}:
            return " of a request over plain HTTP"
        case {"ArnNotEquals": {"aws:PrincipalArn": [str(role), *_]}}:
            return f" to all but the role of {_title(role.rpartition('/')[2])}"
        case other:
            raise AssertionError(f"how is {other} said in words?")


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(titles), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), deployed(NoticeSender=SENDER)), encoding="utf-8")
