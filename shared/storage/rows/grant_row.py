"""What the row of a grant holds besides that of any token.

    app                              who the client is, and the address that takes its tokens: a map
    generation, refreshed_at, access_expires_at
    digest_refresh, digest_former
    used0, used1                     the newest generation, even and odd, whose access token made a counted request

Two numbers tell what was used, because the write of a call cannot compare: it sets the one of its own generation, and
so takes nothing away from the other generation that is let in at the same time.
"""

from __future__ import annotations

from shared.domain.moments import moment
from shared.domain.roles import Role
from shared.domain.token.state import App
from shared.storage.contracts.tokens import Credential, GrantDigests
from shared.storage.engine import Below, Condition, Item, Value
from shared.storage.rows.values import mapping, optional_text, text, time, whole_number

USED = ("used0", "used1")
DIGESTS = ("digest_refresh", "digest_former")
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
        refreshed_at=time(item, "refreshed_at"),
        access_expires_at=time(item, "access_expires_at"),
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
        "refreshed_at": moment(app.refreshed_at),
        "access_expires_at": moment(app.access_expires_at),
    }


def credential_of(item: Item) -> Credential:
    """Read what is kept of a token's secret, and of all those of a grant."""
    grant = GrantDigests(
        refresh=optional_text(item, "digest_refresh"),
        former_access=optional_text(item, "digest_former"),
    )
    return Credential(
        digest=text(item, "digest"), seal=text(item, "seal"), grant=grant if "generation" in item else None
    )


def credential_as(credential: Credential) -> dict[str, Value]:
    """Write what is kept of a secret, and of all those of a grant."""
    grant = credential.grant or GrantDigests()
    further = zip(DIGESTS, (grant.refresh, grant.former_access), strict=True)
    digests = {name: digest for name, digest in further if digest is not None}
    return {"digest": credential.digest, "seal": credential.seal, **digests}


def used_generation(item: Item) -> int:
    """Read which generation is in use."""
    return max((whole_number(item, name) for name in USED if name in item), default=0)


def as_used(generation: int) -> dict[str, Value]:
    """Write that an access token of a generation was let in; nothing of what is no grant."""
    return {USED[generation % len(USED)]: generation} if generation else {}


def is_current(generation: int) -> tuple[Condition, ...]:
    """Hold while the access token of a generation is one of the two that are good; always for what is no grant."""
    return (Below("generation", generation + 2),) if generation else ()
