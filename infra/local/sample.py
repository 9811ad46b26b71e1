"""What a fresh stack holds: three workspaces, the people in them, and a token that was made at this start.

Every step asks first what is there, so a run that was killed in the middle is finished by the next.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.wiring import Wiring
from infra.local.issuer.issuer import LocalIssuer
from infra.local.issuer.people import Membership, People, Person
from shared.domain.errors import DomainError
from shared.domain.scopes import Scope
from shared.domain.workspace.commands import AddMember, RegisterWorkspace, WorkspaceCommand
from shared.domain.workspace.decider import Workspace
from shared.domain.workspace.events import Role
from shared.services.change_workspace import change_workspace
from shared.services.create_token import NewToken, create_token
from shared.services.manage_contacts import set_contact
from shared.storage.contracts.streams import Origin

LIFETIME_DAYS = 30
BEARER_LIFETIME = timedelta(days=1)
ACTOR = "system:local"
MAIL_DOMAIN = "sample.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWorkspace:
    """A workspace and its people, by the names they sign in with."""

    workspace_id: str
    name: str
    plan: str = "plus"
    people: dict[str, Role] = field(default_factory=dict[str, Role])

    def who_is(self, role: Role) -> str:
        """Name the person of a role."""
        return next(person for person, held in self.people.items() if held is role)


SAMPLE = SampleWorkspace(
    workspace_id="wks_sample",
    name="Sample Store",
    people={"olivia": Role.OWNER, "adam": Role.ADMIN, "ana": Role.ANALYST, "wanda": Role.ADMIN},
)
SECOND = SampleWorkspace(
    workspace_id="wks_second",
    name="Second Store",
    people={"oscar": Role.OWNER, "wanda": Role.ADMIN},  # wanda has two workspaces to choose from
)
WITHOUT_MCP = SampleWorkspace(
    workspace_id="wks_starter", name="Small Store", plan="starter", people={"sam": Role.OWNER}
)
SAMPLES = (SAMPLE, SECOND, WITHOUT_MCP)


def people() -> People:
    """Give everybody who can sign in, and what they are where."""
    names = {subject: None for sample in SAMPLES for subject in sample.people}
    return {
        subject: Person(
            subject=subject,
            name=subject.capitalize(),
            email=address_of(subject),
            memberships=[
                Membership(workspace=sample.name, role=sample.people[subject])
                for sample in SAMPLES
                if subject in sample.people
            ],
        )
        for subject in names
    }


def address_of(person: str) -> str:
    """Give an address that nobody has."""
    return f"{person}@{MAIL_DOMAIN}"


def member_id_of(person: str, issuer: str, *, workspace_id: str) -> str:
    """Name a member. The issuer's address has the port in it: on another port, these are other people."""
    return f"mem_{person}_{hashlib.sha256(f'{issuer} {workspace_id}'.encode()).hexdigest()[:8]}"


def seed(sample: SampleWorkspace, *, issuer: str, now: datetime, wiring: Wiring) -> None:
    """Make the workspace and let its people in, as far as they are not there yet."""
    row = wiring.workspaces.get(sample.workspace_id)
    workspace = row.workspace if row is not None else None
    if workspace is None:
        registered = RegisterWorkspace(workspace_id=sample.workspace_id, name=sample.name, plan=sample.plan, at=now)
        workspace = _change(sample, registered, now=now, wiring=wiring)
    for person, role in sample.people.items():
        member_id = member_id_of(person, issuer, workspace_id=sample.workspace_id)
        if workspace.member_of(issuer, person) is None:
            added = AddMember(member_id=member_id, issuer=issuer, subject=person, role=role, at=now)
            workspace = _change(sample, added, now=now, wiring=wiring)
            _reach(sample, person, member_id, now=now, wiring=wiring)


def fresh_token(sample: SampleWorkspace, *, issuer: str, now: datetime, wiring: Wiring) -> NewToken:
    """Make a token for the owner. Those of earlier starts live on: clients are configured with them.

    Raises:
        DomainError: whoever tried things out in the workspace has left it in a state that allows no such token.

    """
    try:
        return create_token(
            workspace_id=sample.workspace_id,
            member_id=_known_as(sample, sample.who_is(Role.OWNER), issuer=issuer, wiring=wiring),
            name=f"make run {now:%Y-%m-%d}",
            scopes=frozenset(Scope),
            expires_in_days=LIFETIME_DAYS,
            origin=_origin(),
            now=now,
            keys=wiring.credential_keys,
            tokens=wiring.tokens,
            workspaces=wiring.workspaces,
        )
    except DomainError as refused:
        raise DomainError(
            refused.code,
            f"The workspace {sample.workspace_id} lets no token be made for this start. {refused.message}",
            hint=f"Lift what is set by merchant-mcp workspace token-policy {sample.workspace_id} --anything, or by "
            "its commands plan and grant; make reset begins anew.",
        ) from refused


def _known_as(sample: SampleWorkspace, person: str, *, issuer: str, wiring: Wiring) -> str:
    """Find a member's id: older folders have other ones than would be given today."""
    row = wiring.workspaces.get(sample.workspace_id)
    member = row.workspace.member_of(issuer, person) if row is not None else None
    return member.member_id if member is not None else member_id_of(person, issuer, workspace_id=sample.workspace_id)


def _reach(sample: SampleWorkspace, person: str, member_id: str, *, now: datetime, wiring: Wiring) -> None:
    """Give a person an address: what is sent there lies in the mailbox of this folder."""
    set_contact(
        member_id,
        address_of(person),
        workspace_id=sample.workspace_id,
        actor_id=None,
        origin=_origin(),
        now=now,
        workspaces=wiring.workspaces,
        contacts=wiring.contacts,
    )


def bearer(sample: SampleWorkspace, role: Role, *, issuer: LocalIssuer, audience: str, now: datetime) -> str:
    """Sign in the person of a role, for a day."""
    return issuer.mint(sample.who_is(role), audience=audience, ttl=BEARER_LIFETIME, now=now)


def _change(sample: SampleWorkspace, command: WorkspaceCommand, *, now: datetime, wiring: Wiring) -> Workspace:
    return change_workspace(
        sample.workspace_id,
        command,
        origin=_origin(),
        now=now,
        keys=wiring.credential_keys,
        workspaces=wiring.workspaces,
        tokens=wiring.tokens,
    )


def _origin() -> Origin:
    return Origin(actor=ACTOR, request_id=secrets.token_hex(16))
