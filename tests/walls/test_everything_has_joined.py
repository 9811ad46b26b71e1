"""Whatever the product offers is asked by the machine, with every parameter that it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from fastapi.routing import iter_route_contexts
from mcp_types.methods import SPEC_CLIENT_METHODS, SPEC_CLIENT_NOTIFICATION_METHODS

from shared.transports.http.app import build_api
from shared.transports.mcp.app import METADATA_PATHS
from shared.transports.mcp.server import build_server
from shared.transports.mcp.tools.arguments import names_of
from shared.transports.mcp.tools.catalogue import CATALOGUE
from tests.transports.mcp.shop import Shop
from tests.walls import operations
from tests.walls.operations import OPERATIONS
from tests.walls.operations.site import HOME, OF_NO_WORKSPACE
from tests.walls.place import Place
from tests.walls.vocabulary import Door, Reference

HOW = f"is asked by nobody: say in {operations.__name__} how it is, as its docstring tells"

OF_THE_OPERATOR = {
    "workspace create": "begins a workspace, which holds nothing yet",
    "workspace list": "is the operator's list of all workspaces, whose it is to see",
    "audit verify": "reads files, and opens no place",
    "restore": "brings back what the operator's backup has, of all workspaces",
    "audit keys": "shows the keys of the log, which is the same for all",
    "audit checkpoint": "shows how large the log is, which is the same for all",
}
"""Commands that are about no one workspace, and why they need no wall."""


def joined(door: Door) -> dict[str, set[str]]:
    """Give what is asked at a door, and each operation's parameters."""
    names: dict[str, set[str]] = {}
    for each in OPERATIONS:
        if each.door is door:
            names.setdefault(each.words, set()).update(each.takes)
    return names


def lacking(offered: Mapping[str, set[str]], door: Door) -> list[str]:
    """Name what is offered and not asked, and the parameters that are not sent."""
    asked = joined(door)
    return [
        f"{name} {HOW}" if name not in asked else f"the parameter {parameter} of {name} {HOW}"
        for name, parameters in offered.items()
        for parameter in ({""} if name not in asked else parameters - asked[name])
    ]


def test_every_route(place: Place) -> None:
    api = build_api(place.worlds.both.collaborators)
    routes = {
        f"{method} {route.path_format}": set[str]()
        for route in iter_route_contexts(api.routes)
        for method in route.methods or ()
    }

    assert {"GET /v1/tokens", "GET /v1/openapi.json"} <= routes.keys()
    assert lacking(routes | described(api.openapi()), Door.REST) == []


def test_every_route_has_methods_and_a_description_to_be_held_against(place: Place) -> None:
    api = build_api(place.worlds.both.collaborators)
    routes = list(iter_route_contexts(api.routes))
    described_paths = set(api.openapi()["paths"])

    assert [route.path for route in routes if not route.methods] == [], (
        "a mount or an endpoint of any method joins nothing"
    )
    assert {str(route.path_format) for route in routes} - described_paths == {"/v1/openapi.json"}


def test_every_path_of_the_pages(place: Place) -> None:
    offered = {str(route.path): route.methods or set() for route in iter_route_contexts(place.worlds.both.pages.routes)}
    asked = {each.name.partition(" ")[2] for each in OPERATIONS if each.door is Door.SITE}
    concrete = {path.replace("{change}", "revoke") for path in offered}

    assert f"{HOME}/tokens/{{token_id}}" in offered
    assert offered.keys() >= OF_NO_WORKSPACE.keys(), "an exception of a path that is no more"
    assert sorted(concrete - asked - OF_NO_WORKSPACE.keys()) == []


def described(description: Mapping[str, Any]) -> dict[str, set[str]]:
    """Give every described route with its parameters and the fields of its body."""
    return {
        f"{method.upper()} {path}": {*_parameters(operation), *_fields(operation, description)}
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        yield f"{parameter['in']}.{parameter['name'].lower()}"


def _fields(operation: Mapping[str, Any], description: Mapping[str, Any]) -> Iterator[str]:
    if body := operation.get("requestBody"):
        (content,) = body["content"].values()
        schema = content["schema"]
        if "$ref" in schema:
            schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        inside = "[]." if schema["type"] == "array" else ""
        yield from (f"body.{inside}{name}" for name in schema.get("items", schema)["properties"])


def test_what_a_token_may_ask_is_asked_with_one(place: Place) -> None:
    description = build_api(place.worlds.both.collaborators).openapi()
    with_a_token = {
        f"{method.upper()} {path}"
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if {"token": []} in operation.get("security", ())
    }

    assert with_a_token == {each.name for each in OPERATIONS if each.by_token}


def test_every_tool() -> None:
    tools = {tool.name: {f"argument.{name}" for name in names_of(tool.arguments)} for tool in CATALOGUE}

    assert "get_pnl" in tools
    assert lacking(tools, Door.TOOL) == []


def test_every_method_that_is_served() -> None:
    server = build_server(CATALOGUE)
    # The kernel answers `initialize` by itself.
    served = {"initialize", *(name for name in SPEC_CLIENT_METHODS if server.get_request_handler(name) is not None)}

    assert "tools/list" in served
    assert lacking({method: set() for method in served}, Door.METHOD) == []


def test_no_notification_has_an_effect_or_an_answer() -> None:
    shop = Shop()

    for method in sorted(SPEC_CLIENT_NOTIFICATION_METHODS):
        before = shop.stores.tokens.get(shop.token.token.token_id)
        reply = shop.rpc(method, {}, message_id=None)
        assert (reply.status, reply.text) == (202, "")
        assert shop.stores.tokens.get(shop.token.token.token_id) == before


def test_every_page() -> None:
    assert lacking({f"GET {path}": set() for path in METADATA_PATHS}, Door.PAGE) == []


def test_every_command(place: Place) -> None:
    commands = dict(offered_by(cast("Any", place.worlds.both.program)))

    assert "token list" in commands
    assert commands.keys() >= OF_THE_OPERATOR.keys(), "an exception of a command that is no more"
    told = {name: parameters for name, parameters in commands.items() if name not in OF_THE_OPERATOR}
    assert lacking(told, Door.COMMAND) == []


def offered_by(group: Any, *words: str) -> Iterator[tuple[str, set[str]]]:  # noqa: ANN401 - the types of Typer's own Click are not for others to name
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from offered_by(command, *words, name)
        else:
            taken = {each.opts[0] if each.opts[0].startswith("-") else each.name for each in command.params}
            yield " ".join((*words, name)), taken - {"--help"}


def test_what_names_something_is_sent_as_a_reference() -> None:
    """A parameter that is called like a thing of a workspace is one: own, others' and tampered ones are sent for it."""
    things = (
        *("workspace", "token", "token_id", "member", "member_id", "owner", "actor"),
        *("cursor", "confirmation", "connector"),
    )
    plain = [
        f"{each.name}: {name}"
        for each in OPERATIONS
        for name, part in each.takes.items()
        if name.rpartition(".")[2].strip("-").replace("merchant-", "") in things and not isinstance(part, Reference)
    ]

    assert plain == []


def test_one_that_has_not_joined_is_named_with_what_to_do() -> None:
    offered = {"GET /v1/goals": {"query.cursor"}, "GET /v1/tokens": {"query.cursor", "query.owner"}}

    assert [line.partition(" is asked")[0] for line in lacking(offered, Door.REST)] == [
        "GET /v1/goals",
        "the parameter query.owner of GET /v1/tokens",
    ]
    assert json.dumps(lacking(offered, Door.REST)).count("say in tests.walls.operations how it is") == 2
