"""A fresh stack holds workspaces that can be entered, and figures that the product accepts."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from statistics import median

import pytest

from functions.settings import Settings
from functions.wiring import Wiring
from infra.local.folder import LocalFolder
from infra.local.functions import all_settings
from infra.local.pool import PROJECT
from infra.local.product import make_keys
from infra.local.sample import SAMPLE, SAMPLES, SECOND, WITHOUT_MCP, fresh_token, member_id_of, people, seed
from infra.local.sample_import import shop_settings
from infra.local.sample_shop.days import TIKTOK_DAYS, opening
from infra.local.sample_shop.export import export
from shared.domain.errors import DomainError
from shared.domain.facts.imports import Counts
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import AddMember, SetTokenPolicy
from shared.domain.workspace.decider import Standing, standing_of
from shared.domain.workspace.events import Role
from shared.services.change_workspace import change_workspace
from shared.services.imports.read_file import Beside, FactsFile
from shared.storage.contracts.streams import Origin
from tests.data.merchants import Merchant

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ISSUER = "http://127.0.0.1:8765/_local/oidc"
YESTERDAY = date(2026, 11, 20)
OPENED = opening(YESTERDAY)


@pytest.fixture
def folder(tmp_path: Path) -> LocalFolder:
    made = LocalFolder(path=tmp_path)
    make_keys(made)
    return made


@pytest.fixture
def wiring(folder: LocalFolder) -> Wiring:
    return Wiring(Settings(values=all_settings(folder, public_url="http://127.0.0.1:8765", issuer=ISSUER)))


def test_the_workspaces_are_there_and_their_people_have_their_roles(wiring: Wiring) -> None:
    for sample in SAMPLES:
        seed(sample, issuer=ISSUER, now=NOW, wiring=wiring)

    standings: dict[str, Standing] = {}
    for sample in SAMPLES:
        row = wiring.workspaces.get(sample.workspace_id)
        assert row is not None
        standings[sample.workspace_id] = standing_of(row.workspace)
        assert {member.subject: member.role for member in row.workspace.members.values()} == sample.people
    assert set(SAMPLE.people.values()) == set(Role)
    assert standings == {
        "wks_sample": Standing.OPEN,
        "wks_second": Standing.OPEN,
        "wks_starter": Standing.PLAN_REQUIRED,  # to look at what somebody sees who has no MCP
    }


def test_one_person_has_two_workspaces_and_is_another_member_in_each(wiring: Wiring) -> None:
    for sample in SAMPLES:
        seed(sample, issuer=ISSUER, now=NOW, wiring=wiring)

    memberships = {person: wiring.workspaces.memberships(ISSUER, person) for person in people()}

    assert {person for person, found in memberships.items() if len(found) > 1} == {"wanda"}
    assert len({member_id_of("wanda", ISSUER, workspace_id=sample.workspace_id) for sample in (SAMPLE, SECOND)}) == 2
    # The bearers of connection.json name no workspace, so theirs have one.
    for sample in (SAMPLE, SECOND, WITHOUT_MCP):
        assert len(memberships[sample.who_is(Role.OWNER)]) == 1
    assert len(memberships[SAMPLE.who_is(Role.ANALYST)]) == 1


def test_everybody_can_be_chosen_at_the_sign_in_and_is_told_by_their_roles() -> None:
    told = {
        subject: [(membership.workspace, membership.role) for membership in person.memberships]
        for subject, person in people().items()
    }

    assert told == {
        "olivia": [("Sample Store", "owner")],
        "adam": [("Sample Store", "admin")],
        "ana": [("Sample Store", "analyst")],
        "wanda": [("Sample Store", "admin"), ("Second Store", "admin")],
        "oscar": [("Second Store", "owner")],
        "sam": [("Small Store", "owner")],
    }


def test_who_was_let_in_under_another_id_by_an_older_release_stays_who_they_are(wiring: Wiring) -> None:
    older = replace(SAMPLE, people={})
    seed(older, issuer=ISSUER, now=NOW, wiring=wiring)
    change_workspace(
        SAMPLE.workspace_id,
        AddMember(member_id="mem_olivia_older", issuer=ISSUER, subject="olivia", role=Role.OWNER, at=NOW),
        origin=Origin(actor="system:local", request_id="request-1"),
        now=NOW,
        keys=wiring.credential_keys,
        workspaces=wiring.workspaces,
        tokens=wiring.tokens,
    )

    seed(SAMPLE, issuer=ISSUER, now=NOW, wiring=wiring)

    assert fresh_token(SAMPLE, issuer=ISSUER, now=NOW, wiring=wiring).token.owner_id == "mem_olivia_older"


def test_seeding_again_changes_nothing(wiring: Wiring) -> None:
    seed(SAMPLE, issuer=ISSUER, now=NOW, wiring=wiring)
    before = wiring.workspaces.history(SAMPLE.workspace_id)

    seed(SAMPLE, issuer=ISSUER, now=NOW + timedelta(days=1), wiring=wiring)

    assert wiring.workspaces.history(SAMPLE.workspace_id) == before


def test_on_another_port_the_people_are_let_in_anew(wiring: Wiring) -> None:
    elsewhere = "http://127.0.0.1:9000/_local/oidc"
    seed(SAMPLE, issuer=ISSUER, now=NOW, wiring=wiring)
    seed(SAMPLE, issuer=elsewhere, now=NOW, wiring=wiring)

    assert wiring.workspaces.memberships(elsewhere, "olivia")
    assert wiring.workspaces.memberships(ISSUER, "olivia")


def test_a_workspace_that_lets_no_token_be_made_is_told_with_what_lifts_it(wiring: Wiring) -> None:
    seed(SAMPLE, issuer=ISSUER, now=NOW, wiring=wiring)
    change_workspace(
        SAMPLE.workspace_id,
        SetTokenPolicy(policy=TokenPolicy(name_pattern="ci-*"), set_by="operator:kim", at=NOW),
        origin=Origin(actor="operator:kim", request_id="request-1"),
        now=NOW,
        keys=wiring.credential_keys,
        workspaces=wiring.workspaces,
        tokens=wiring.tokens,
    )

    with pytest.raises(DomainError) as refused:
        fresh_token(SAMPLE, issuer=ISSUER, now=NOW, wiring=wiring)

    assert "wks_sample" in refused.value.message
    assert "names like ci-*" in refused.value.message
    assert "workspace token-policy wks_sample --anything" in refused.value.hint


def test_each_start_has_a_token_of_its_own_and_those_of_earlier_starts_live_on(wiring: Wiring) -> None:
    seed(SAMPLE, issuer=ISSUER, now=NOW, wiring=wiring)
    made = [fresh_token(SAMPLE, issuer=ISSUER, now=NOW + timedelta(days=day), wiring=wiring) for day in range(3)]

    listed = wiring.tokens.of_workspace(SAMPLE.workspace_id, limit=10).items
    assert {row.token.name: row.token.status for row in listed} == {
        "make run 2026-11-21": Status.ACTIVE,
        "make run 2026-11-22": Status.ACTIVE,
        "make run 2026-11-23": Status.ACTIVE,
    }
    assert {row.token.expires_at for row in listed} == {NOW + timedelta(days=30 + day) for day in range(3)}
    assert len({new.text for new in made}) == 3


@cache
def exported(first: date, last: date) -> list[str]:
    return list(export(first, last, opened=OPENED, now=NOW))


def test_the_figures_cover_eighteen_months_to_the_day_asked_for() -> None:
    days = {line["at"][:10] for line in map(json.loads, exported(OPENED, YESTERDAY)) if line["type"] == "order"}

    assert date(2025, 5, 1) == OPENED
    assert days == {(OPENED + timedelta(days=n)).isoformat() for n in range((YESTERDAY - OPENED).days + 1)}


def unheard(*, lines_read: int, bytes_read: int) -> None:
    """Nobody waits for this import."""


def test_the_importer_takes_every_line() -> None:
    content = "".join(exported(OPENED, YESTERDAY)).encode()
    read = FactsFile(
        BytesIO(content),
        size=len(content),
        beside=Beside(announced_at=NOW, now=NOW, settings=shop_settings(), customer_key=b"k" * 32),
        progress=unheard,
    )
    facts = list(read)
    read.check()

    assert (read.rejected, read.errors) == (0, [])
    assert len({(fact.family, fact.source, fact.account, fact.key) for fact in facts}) == len(facts)


def happened(lines: list[str]) -> set[str]:
    return {line for line in lines if json.loads(line)["type"] in {"order", "refund", "ad_day", "expense"}}


@pytest.mark.parametrize("days", [1, 40])
def test_days_that_are_asked_for_later_say_nothing_else_than_the_whole_would_have(days: int) -> None:
    first, before = date(2026, 9, 3), YESTERDAY - timedelta(days=days)
    whole, earlier = exported(first, YESTERDAY), exported(first, before)
    later = exported(before + timedelta(days=1), YESTERDAY)

    assert happened(earlier) | happened(later) == happened(whole)


def test_there_is_something_to_find() -> None:
    lines = list(map(json.loads, exported(OPENED, YESTERDAY)))
    orders = [line for line in lines if line["type"] == "order"]
    black_friday = [line for line in orders if line["at"].startswith("2025-11-28")]
    week_before = [line for line in orders if line["at"].startswith("2025-11-21")]

    assert len(black_friday) > 1.5 * len(week_before), "a promotion"
    assert {line["sku"] for line in lines if line["type"] == "product"} - {
        line["sku"] for line in lines if line["type"] == "cost"
    } == {"APR-1"}, "a missing cost"
    last_clip = max(line["date"] for line in lines if line.get("platform") == "tiktok")
    assert last_clip == (OPENED + timedelta(days=TIKTOK_DAYS)).isoformat(), "a dead account"
    lately = Counter(line["at"][:10] for line in orders if line["at"] >= "2026-10-24")
    assert min(lately.values()) < 0.3 * median(lately.values()), "a day on which the checkout failed"
    spent = [
        float(line["spend"]) for line in lines if line.get("campaign_id") == "m-101" and line["date"] >= "2026-10-24"
    ]
    assert max(spent) > 3 * median(spent), "a budget that somebody mistyped"
    assert {(line["metric"], line["to"]) for line in lines if line["type"] == "goal"} == {
        ("net_revenue", "2026-10-31"),
        ("net_revenue", "2026-11-30"),
        ("ad_spend", "2026-11-30"),
    }, "a month's goal that is over, and those of this one"
    customers = [line["customer"]["id"] for line in orders]
    assert 0.3 < 1 - len(set(customers)) / len(customers) < 0.6, "customers who come back"


def test_the_first_lines_of_the_page_about_data_count_in_the_sample_shop() -> None:
    page = (PROJECT / "docs" / "data.md").read_text(encoding="utf-8")
    lines, _, _ = page.partition("```json\n")[2].partition("```")
    first, last = date(2026, 10, 1), date(2026, 11, 20)
    shop = Merchant()
    shop.import_bytes("".join(export(first, last, opened=first, now=NOW)).encode())

    report = shop.import_bytes(lines.encode()).report

    assert report is not None
    assert report.counts == {"order": Counts(new=1), "refund": Counts(new=1)}
