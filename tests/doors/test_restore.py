"""Copies of one snapshot share nothing that must be each one's own; without the hooks they would share all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass

import pytest

from functions.wiring import now
from shared.domain.scopes import Scope
from shared.services.credentials.keys import CredentialKeys
from tests.data.tenants import KEYS
from tests.data.tenants import token as token_of
from tests.doors.events import event
from tests.doors.restoring import FUNCTIONS, Hooks, Served, World, a_world, snapshot_of
from tests.sam.stack import REGION


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A container that has served a request, and two copies of it that have."""

    first: Served
    copies: tuple[Served, Served]
    issuer_asked: int
    """How often the copies asked the issuer for its keys."""

    @property
    def all(self) -> tuple[Served, Served, Served]:
        return (self.first, *self.copies)


Families = dict[tuple[str, Hooks], Family]


@pytest.fixture(scope="module")
def world() -> Generator[World]:
    with pytest.MonkeyPatch.context() as environment, a_world() as made:
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        yield made


@pytest.fixture(scope="module")
def token(world: World) -> str:
    return token_of(world.stores, scopes=(Scope.PNL,), at=now()).text


@pytest.fixture(scope="module")
def families(world: World, token: str) -> Families:
    """Each function, restored as in Lambda and as if it had no hooks."""

    def family(function: str, hooks: Hooks) -> Family:
        with snapshot_of(function, after=world.request(function, token), world=world, hooks=hooks) as container:
            asked = world.issuer.asked["/sign-in/keys"]
            one, other = (container.serve(world.request(function, token)) for _ in range(2))
        return Family(
            first=container.first, copies=(one, other), issuer_asked=world.issuer.asked["/sign-in/keys"] - asked
        )

    ways: tuple[Hooks, Hooks] = ("both", "none")
    return {(function, hooks): family(function, hooks) for function in FUNCTIONS for hooks in ways}


every_function = pytest.mark.parametrize("function", FUNCTIONS)


@every_function
def test_every_copy_of_a_snapshot_serves(families: Families, function: str) -> None:
    assert [served["status"] for served in families[function, "both"].all] == [200] * 3


@every_function
def test_copies_draw_random_numbers_of_their_own(families: Families, function: str) -> None:
    one, other = families[function, "both"].copies

    assert one["restored"]["random"] != other["restored"]["random"]
    assert one["restored"]["generators"] == 1  # there is no second one to seed; `secrets` and `uuid4` ask the kernel


def test_copies_remember_a_credential_under_keys_of_their_own(families: Families) -> None:
    tags = [served["left"]["tags"] for served in families["mcp_server", "both"].all]

    assert [len(known) for known in tags] == [1] * 3
    assert len({tag for (tag,) in tags}) == 3  # of one and the same token


def test_a_copy_begins_with_nothing_remembered(families: Families) -> None:
    assert [copy["restored"]["tags"] for copy in families["mcp_server", "both"].copies] == [[], []]


@every_function
def test_a_snapshot_holds_no_connection(families: Families, function: str) -> None:
    first = families[function, "both"].first

    assert first["left"]["connections"] > 0
    assert first["snapshot"]["connections"] == 0


@every_function
def test_copies_ask_over_connections_of_their_own(families: Families, function: str) -> None:
    first, one, other = (served.connections for served in families[function, "both"].all)

    assert all((first, one, other))
    assert len(first | one | other) == len(first) + len(one) + len(other)


def test_a_copy_asks_the_issuer_for_its_keys_itself(families: Families) -> None:
    assert families["token_api", "both"].issuer_asked == 2


@pytest.mark.parametrize(("hooks", "status"), [("both", 200), ("none", 401)])
def test_a_copy_of_an_old_snapshot_knows_the_keys_of_today(world: World, token: str, hooks: Hooks, status: int) -> None:
    world.keep_keys(dict(KEYS.roots))
    with snapshot_of("mcp_server", after=world.request("mcp_server", token), world=world, hooks=hooks) as container:
        newer = {**KEYS.roots, "2": "a key that was added later: " * 3}
        world.keep_keys(newer)
        made = token_of(world.stores, at=now(), keys=CredentialKeys.of(newer))
        copy = container.serve(world.request("mcp_server", made.text))

    assert (container.first["status"], copy["status"]) == (200, status)


def test_a_copy_whose_restore_did_not_run_answers_nothing(world: World, token: str) -> None:
    request = world.request("mcp_server", token)
    with snapshot_of("mcp_server", after=request, world=world, hooks="before") as container:
        copy = container.serve(request)

    assert copy == Served(facts={"failed": "DoorShut"}, connections=set())


def test_what_a_first_request_imports_is_in_the_snapshot(world: World) -> None:
    with snapshot_of("token_api", after=None, world=world) as container:
        copy = container.serve(event("rest_no_credential"))

    assert copy["status"] == 401
    assert copy["left"]["modules"] == copy["restored"]["modules"]


def test_the_parts_of_all_pages_are_in_the_snapshot(world: World) -> None:
    asked = event("rest_no_credential")
    asked["rawPath"] = asked["requestContext"]["http"]["path"] = "/dashboard/nothing-here"
    with snapshot_of("token_api", after=None, world=world) as container:
        copy = container.serve(asked)

    assert copy["status"] == 404
    assert copy["left"]["modules"] == copy["restored"]["modules"]
    assert "shared.transports.web.rendering._environment" in copy["restored"]["caches"]


# --- that it would be seen --------------------------------------------------------------------------------------------


@every_function
def test_without_the_hooks_copies_would_share_their_randomness(families: Families, function: str) -> None:
    one, other = families[function, "none"].copies

    assert one["restored"]["random"] == other["restored"]["random"]


def test_without_the_hooks_copies_would_share_what_is_remembered(families: Families) -> None:
    first, one, other = families["mcp_server", "none"].all

    assert first["left"]["tags"] == one["restored"]["tags"] == other["restored"]["tags"] != []
    assert families["token_api", "none"].issuer_asked == 0


@every_function
def test_without_the_hooks_copies_would_share_a_connection(families: Families, function: str) -> None:
    first, one, other = (served.connections for served in families[function, "none"].all)

    assert first & one & other


# --- that nothing is forgotten ----------------------------------------------------------------------------------------

COMPLETE_WHEN_IMPORTED = {
    "shared.domain.errors.DomainError",  # the words for a fault of our own
    "shared.domain.errors.Invalid",  # the words for a cursor that is not ours
    "shared.storage.codec.Codec",  # the types of all events
    "shared.transports.http.token_ids._TokenId",  # how an id stands in a path
    "shared.transports.mcp.tools.tool.Catalogue",
}
"""What could be changed and outlives every door. Whoever adds a memory to a module finds it missing here."""

CACHES = {
    "shared.storage.codec._hints",  # the fields of the types of events
    "shared.transports.web.rendering._environment",  # the templates, compiled
    "shared.transports.web.rendering._files",  # the files that pages refer to
}
"""Functions that keep what they gave; it follows from the program alone."""


@every_function
def test_a_shut_door_leaves_nothing_behind_but_what_import_made(families: Families, function: str) -> None:
    first = families[function, "both"].first
    imported: Counter[str] = Counter(first["imported"]["instances"])
    left: Counter[str] = Counter(first["snapshot"]["instances"])

    assert left - imported == {"functions.door.Door": 1}


@every_function
def test_what_import_made_remembers_nothing(families: Families, function: str) -> None:
    family = families[function, "both"]

    assert set(family.first["snapshot"]["changeable"]) <= {"functions.door.Door", *COMPLETE_WHEN_IMPORTED}
    assert set(family.first["snapshot"]["caches"]) <= CACHES
    for copy in family.copies:
        assert copy["left"]["containers"] == copy["restored"]["containers"]
