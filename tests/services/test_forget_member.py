"""A former member is forgotten: what was sealed stays as it was and is nobody's any more."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from shared.domain.errors import Conflict, DomainError, NotFound, NotPermitted
from shared.domain.trail.archival import names_person
from shared.domain.trail.note import NamedKey
from shared.domain.trail.verify import verify_export
from shared.domain.workspace.commands import AddMember, ChangeMemberRole, RemoveMember
from shared.domain.workspace.events import Role
from shared.services.forget_member import forget_member
from shared.services.manage_contacts import set_contact
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.export_trail import Wanted, export_trail
from shared.services.trail.fold_seals import fold_seals
from shared.services.trail.pseudonyms import FORGOTTEN
from shared.services.trail.query_trail import query_trail
from shared.services.trail.seal_trail import seal_trail
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.engine import Table
from tests.data.engines import Killed, die_before
from tests.data.tenants import A_DAY, ISSUER, NOON, origin, rotation, token, workspace
from tests.services.place import Place, let_in, send, settle
from tests.services.trail.sealing import LOG_NAME, KeyInMemory

A_MINUTE = timedelta(minutes=1)
LATER = NOON + 120 * A_DAY
"""When rows of today are in the archive only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A workspace in which adam has done what a member can do, and has left; all of it is sealed."""

    place: Place = field(default_factory=Place)
    signer: KeyInMemory = field(default_factory=KeyInMemory)

    def live(self) -> None:
        stores = self.place.stores
        workspace(stores)
        made = token(stores, owner="adam")
        gate = self.place.container()
        settle(gate, let_in(send(gate, made.text)))
        rotation(stores, made.token.token_id, by="adam")
        set_contact(
            "mem_adam",
            "adam@shop.example",
            workspace_id="wks_1",
            actor_id="mem_adam",
            origin=origin("mem_adam"),
            now=NOON,
            workspaces=stores.workspaces,
            contacts=stores.contacts,
        )
        self.place.order(RemoveMember(member_id="mem_adam", at=NOON))
        self.seal(NOON + A_MINUTE)

    def seal(self, now: datetime) -> None:
        stores = self.place.stores
        stores.seals.mark("wks_1", since=NOON - 2 * A_DAY, until=now, now=now)
        seal_trail(
            now=now + A_MINUTE,
            origin=LOG_NAME,
            seals=stores.seals,
            people=stores.people,
            archive=stores.archive,
            signer=self.signer,
        )
        fold_seals("wks_1", seals=stores.seals, index=stores.trail_index, archive=stores.archive)

    def forget(self, who: str = "adam", *, by: str | None = "olivia", now: datetime = NOON + 5 * A_MINUTE) -> None:
        stores = self.place.stores
        forget_member(
            f"mem_{who}",
            workspace_id="wks_1",
            actor_id=f"mem_{by}" if by is not None else None,
            origin=origin(f"mem_{by}"),
            now=now,
            workspaces=stores.workspaces,
            people=stores.people,
            audit=stores.audit,
        )

    def export(self) -> list[str]:
        return list(export_trail("wks_1", Wanted(), seals=self.place.stores.seals, archive=self.place.stores.archive))

    def holds(self, lines: list[str]) -> bool:
        keys = TrustedKeys.of_lines([str(NamedKey(name=LOG_NAME, public=self.signer.public_key))])
        return verify_export(lines, check_signature=keys.check).holds

    def archived(self) -> Mapping[str, str]:
        contents = self.place.stores.archive.contents
        return {key: gzip.decompress(content).decode() for key, content in contents.items()}

    def asked(self, now: datetime, actor: str | None = None) -> list[AuditEntry]:
        page = query_trail(
            "wks_1", matching=AuditFilter(actor=actor), limit=100, now=now, after=None, trail=self.place.stores.trail
        )
        return list(page.items)

    def keys_of_adam(self) -> list[str]:
        return sorted({"mem_adam", "adam"} & self.place.stores.people.known("wks_1").keys())


@pytest.fixture
def story() -> Story:
    story = Story()
    story.live()
    return story


def named(entries: list[AuditEntry]) -> set[str]:
    """Give everybody who stands in some rows."""
    in_data = {str(value) for entry in entries for name, value in entry.data.items() if names_person(name)}
    return in_data | {entry.origin.actor for entry in entries}


def test_every_proof_holds_after_it_and_nothing_in_the_archive_has_changed(story: Story) -> None:
    before, kept = story.export(), dict(story.place.stores.archive.contents)
    assert story.holds(before)

    story.forget()
    assert story.export() == before
    story.seal(NOON + 10 * A_MINUTE)
    after = story.export()

    assert story.holds(after)
    assert after[1 : len(before) - 1] == before[1:-1]
    assert kept.items() <= story.place.stores.archive.contents.items()


def test_nobody_stands_in_the_archive_by_id_or_sign_in_not_even_in_what_tells_of_it(story: Story) -> None:
    story.forget()
    story.seal(NOON + 10 * A_MINUTE)

    archived = story.archived()
    assert '"type":"workspace.member_forgotten"' in "".join(archived.values())
    assert f'"member_id":"{FORGOTTEN}"' in "".join(archived.values())
    for text in archived.values():
        assert "adam" not in text
        assert "olivia" not in text


def test_whoever_asks_the_archive_sees_the_member_before_and_a_pseudonym_after_it(story: Story) -> None:
    story.place.engine.purge(LATER)
    before = story.asked(LATER)
    assert {"mem_adam", "adam", "mem_olivia"} <= named(before)
    assert len(story.asked(LATER, "mem_adam")) >= 3

    story.forget()

    after = story.asked(LATER)
    assert [entry.event_id for entry in after] == [entry.event_id for entry in before]
    assert "mem_olivia" in named(after)
    assert not {"mem_adam", "adam"} & named(after)
    assert story.asked(LATER, "mem_adam") == []
    (pseudonym,) = {new.origin.actor for old, new in zip(before, after, strict=True) if old.origin.actor == "mem_adam"}
    assert pseudonym.startswith("psn_")


def test_nothing_but_the_archive_forgets_at_once(story: Story) -> None:
    """What docs/audit.md says of the rows that are still in their tables."""
    story.forget()
    assert "mem_adam" in named(story.asked(NOON + A_DAY))

    story.place.engine.purge(LATER)
    rows = {key: row for key, row in rows_of(story).items() if "adam" in f"{key} {row}"}

    assert {table for table, _, _ in rows} == {Table.CORE}
    assert {(pk.partition("#")[0], sk.partition("#")[0]) for _, pk, sk in rows} == {
        ("TOK", "STATE"),
        ("TOK", "E"),
        ("W", "STATE"),
        ("W", "E"),
        ("W", "mem_adam"),
        ("W", "adam"),
    }
    assert "adam@shop.example" not in str(rows)


def rows_of(story: Story) -> Mapping[tuple[str, str, str], object]:
    """Give all rows as the change feed leaves them."""
    rows: dict[tuple[str, str, str], object] = {}
    for change in story.place.engine.changes().read(0, limit=10_000):
        row = change.record["dynamodb"]
        key = (change.table, row["Keys"]["pk"]["S"], row["Keys"]["sk"]["S"])
        rows[key] = row.get("NewImage")
    return {key: row for key, row in rows.items() if row is not None}


@pytest.mark.parametrize("call", range(4))
def test_one_that_dies_is_finished_by_a_repeat(story: Story, call: int) -> None:
    story.place.engine.meddle = die_before(call)
    with suppress(Killed):
        story.forget()
    story.place.engine.meddle = None

    story.forget(now=NOON + 6 * A_MINUTE)

    assert story.keys_of_adam() == []
    assert "workspace.member_forgotten" in {entry.type for entry in story.asked(NOON + 10 * A_MINUTE)}


def test_a_repeat_of_the_same_request_leaves_one_row(story: Story) -> None:
    story.forget()
    story.forget()

    types = [entry.type for entry in story.asked(NOON + 10 * A_MINUTE)]
    assert types.count("workspace.member_forgotten") == 1


def test_whoever_came_back_under_another_id_or_sign_in_is_forgotten_with_all_of_them(story: Story) -> None:
    for member_id, subject in (("mem_adam2", "adam"), ("mem_adam2", "adam@new")):
        story.place.order(AddMember(member_id=member_id, issuer=ISSUER, subject=subject, role=Role.ADMIN, at=NOON))
        story.place.order(RemoveMember(member_id=member_id, at=NOON))
    story.seal(NOON + 3 * A_MINUTE)
    everybody = story.place.stores.people.known("wks_1").keys()
    names_of_adam = {"mem_adam", "mem_adam2", "adam", "adam@new"}
    assert names_of_adam < everybody

    story.forget()

    assert story.place.stores.people.known("wks_1").keys() == everybody - names_of_adam


@pytest.mark.parametrize(
    ("who", "by", "refusal", "code"),
    [
        ("ana", "olivia", Conflict, "member_not_removed"),
        ("olivia", "olivia", Conflict, "member_not_removed"),
        ("nina", "olivia", NotFound, "member_not_found"),
        ("nina", None, NotFound, "member_not_found"),
        ("adam", "ana", NotPermitted, "role_required"),
        ("nina", "ana", NotPermitted, "role_required"),
        ("ana", "nina", NotPermitted, "not_a_member"),
    ],
)
def test_it_is_for_owners_and_of_those_who_have_left(
    story: Story, who: str, by: str | None, refusal: type[DomainError], code: str
) -> None:
    everybody = story.place.stores.people.known("wks_1")
    with pytest.raises(refusal) as refused:
        story.forget(who, by=by)

    assert refused.value.code == code
    assert story.place.stores.people.known("wks_1") == everybody


def test_an_admin_may_not_have_anybody_forgotten(story: Story) -> None:
    story.place.order(ChangeMemberRole(member_id="mem_ana", role=Role.ADMIN, at=NOON))

    with pytest.raises(NotPermitted):
        story.forget(by="ana")


def test_whoever_is_back_under_another_id_has_to_be_removed_first(story: Story) -> None:
    story.place.order(AddMember(member_id="mem_new", issuer=ISSUER, subject="adam", role=Role.ANALYST, at=NOON))

    with pytest.raises(Conflict, match="mem_new"):
        story.forget()

    assert story.keys_of_adam() == ["adam", "mem_adam"]


def test_the_operator_may_and_another_workspace_keeps_its_keys(story: Story) -> None:
    workspace(story.place.stores, "wks_2")
    key = story.place.stores.people.key_of("wks_2", "mem_adam")

    story.forget(by=None)

    assert story.keys_of_adam() == []
    assert story.place.stores.people.key_of("wks_2", "mem_adam") == key
