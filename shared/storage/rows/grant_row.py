"""What the row of a grant holds besides that of any token.

    app                              who the client is, and the address that takes its tokens: a map
    generation, follows, refreshed_at, access_expires_at, paced_to
    digest_refresh, digest_former, given_to
    used{generation}                 true: its access token made a counted request

A generation in use has an attribute of its own, because the write of a call cannot compare: so it takes nothing away
from the other generation that is let in at the same time.
"""

from __future__ import annotations

from shared.domain.moments import moment
from shared.domain.roles import Role
from shared.domain.token.state import App
from shared.storage.contracts.tokens import Credential, GrantDigests
from shared.storage.engine import AnyOf, Condition, Equals, Item, Value
from shared.storage.rows.values import mapping, optional_text, text, time, whole_number

USED = "used"
DIGESTS = ("digest_refresh", "digest_former", "given_to")
"""Attributes that go when there is no such token any more."""


def app_of(item: Item) -> App | None:
    """Read the app off a row; None: it is no grant's."""
    if "app" not in item:
        return None
    app = mapping(item, "app")
    return App(
        client_id=text(app, "client_id"),
        client_name=text(app, "client_name"),
        redirect_host=text(app, "redirect_host"),
        resource=text(app, "resource"),
        role=Role(text(app, "role")),
        generation=whole_number(item, "generation"),
        follows=whole_number(item, "follows"),
        refreshed_at=time(item, "refreshed_at"),
        access_expires_at=time(item, "access_expires_at"),
        paced_to=time(item, "paced_to"),
    )


def app_as(app: App | None) -> dict[str, Value]:
    """Write the app of a grant."""
    if app is None:
        return {}
    return {
        "app": {
            "client_id": app.client_id,
            "client_name": app.client_name,
            "redirect_host": app.redirect_host,
            "resource": app.resource,
            "role": app.role.value,
        },
        "generation": app.generation,
        "follows": app.follows,
        "refreshed_at": moment(app.refreshed_at),
        "access_expires_at": moment(app.access_expires_at),
        "paced_to": moment(app.paced_to),
    }


def credential_of(item: Item) -> Credential:
    """Read what is kept of a token's secret, and of all those of a grant."""
    grant = GrantDigests(
        refresh=optional_text(item, "digest_refresh"),
        former_access=optional_text(item, "digest_former"),
        given_to=optional_text(item, "given_to"),
    )
    return Credential(
        digest=text(item, "digest"), seal=text(item, "seal"), grant=grant if "generation" in item else None
    )


def credential_as(credential: Credential) -> dict[str, Value]:
    """Write what is kept of a secret, and of all those of a grant."""
    grant = credential.grant or GrantDigests()
    further = zip(DIGESTS, (grant.refresh, grant.former_access, grant.given_to), strict=True)
    digests = {name: digest for name, digest in further if digest is not None}
    return {"digest": credential.digest, "seal": credential.seal, **digests}


def generations_used(item: Item) -> frozenset[int]:
    """Read which generations are in use."""
    return frozenset(int(name.removeprefix(USED)) for name in item if name.startswith(USED))


def as_used(generation: int) -> dict[str, Value]:
    """Write that an access token of a generation was let in; nothing of what is no grant."""
    return {f"{USED}{generation}": True} if generation else {}


def of_no_use_now(app: App | None, used: frozenset[int]) -> list[str]:
    """Name what tells the use of generations that are over."""
    return [f"{USED}{generation}" for generation in used if app is None or generation not in app.good]


def is_current(generation: int) -> tuple[Condition, ...]:
    """Hold while the access token of a generation is one of the two that are good; always for what is no grant."""
    return (AnyOf((Equals("generation", generation), Equals("follows", generation))),) if generation else ()
