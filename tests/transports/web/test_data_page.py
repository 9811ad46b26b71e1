"""Data: the sources and what is wrong with them, the files that were sent, and how one is sent."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from html import unescape
from typing import Any

import pytest

from shared.domain.facts.families import Family
from shared.domain.facts.imports import ImportStatus
from shared.domain.workspace.events import Role
from shared.services.imports.announce_upload import LARGEST_FILE
from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.names import raw_key
from shared.transports.web.pages.data import FAMILIES
from tests.data.merchants import Merchant, as_file, header, order
from tests.data.tenants import NOON, workspace
from tests.transports.web.trails import HOSTILE
from tests.transports.web.web import SETTINGS, Page, Web

DATA = f"{SETTINGS}/data"
UPLOAD, IMPORTS = f"{DATA}/upload", f"{DATA}/imports"
FILE = as_file([header(), *(order(str(number)) for number in range(30)), {**order("late"), "date": "soon"}])


def announce(web: Web, content: bytes = FILE, **more: Any) -> Page:  # noqa: ANN401 - any field of the form
    """Ask for an address as the page's script does."""
    about = {"file_name": "orders.ndjson", "bytes": len(content), "sha256": sha256(content).hexdigest()}
    return web.post(UPLOAD, headers=None, **{**about, **more})


def arrived(web: Web, announced: Page, content: bytes = FILE) -> str:
    """Do what S3, the importer and the projector do once the bytes are sent; give the address of the import's page."""
    path = str(announced.json["next"])
    import_id = path.rpartition("/")[2]
    merchant = Merchant(engine=web.stores.engine, objects=web.objects, now=web.now)
    web.objects.put(raw_key("wks_1", import_id), content)
    record = merchant.imports.get("wks_1", import_id)
    assert record is not None
    merchant.take_up(record)
    merchant.fold()
    return path


@pytest.fixture(autouse=True)
def _olivia(web: Web) -> None:
    web.sign_in("olivia")


def test_a_file_is_sent_by_an_address_of_its_own_and_followed_to_its_report(web: Web) -> None:
    announced = announce(web)
    waiting = web.get(announced.json["next"])
    path = arrived(web, announced)
    finished = web.get(path)

    assert announced.headers["content-type"] == "application/json"
    assert announced.json["upload"]["method"] == "PUT"
    assert announced.json["upload"]["url"].startswith("https://bucket.test/raw/wks_1/imp_")
    assert "This page looks again by itself" in waiting.words
    assert "data-follow" in waiting.text
    assert "data-follow" not in finished.text
    assert "31 lines, of them 1 rejected." in finished.words
    assert "Orders 30 0 0 0 0 0" in finished.words
    assert "wrong_date" in finished.words
    assert "Imported in part" in finished.words


def test_the_same_bytes_again_lead_to_their_report_and_are_not_sent(web: Web) -> None:
    path = arrived(web, announce(web))

    again = announce(web)

    assert again.json == {"next": path, "upload": None}


def test_sources_are_told_with_their_last_sync_their_rows_and_how_far_they_reach(web: Web) -> None:
    arrived(web, announce(web))

    words = web.get(DATA).words

    assert "shop" in words
    assert "Synced 20 Nov 2026 1 day ago 30 orders 5 Oct 2026 to 5 Oct 2026" in words
    assert "orders.ndjson Imported in part" in words


def test_what_is_wrong_is_told_with_what_to_do(web: Web) -> None:
    lost = {"type": "account", "source": "meta_ads", "account": "act_1", "name": "Shop ads", "status": "lost_access"}
    content = as_file([header(), order("1"), lost])
    arrived(web, announce(web, content), content)

    answer = web.get(DATA)

    assert "What is wrong, and what to do" in answer.words
    assert "Shop ads meta_ads act_1 Lost access" in answer.words
    assert "Have somebody with access to this account at the platform grant it again" in answer.words


def test_an_empty_workspace_says_what_to_send(web: Web) -> None:
    words = web.get(DATA).words

    assert "Nothing has been imported yet" in words
    assert "Send a file" in words
    assert "No file was sent yet" in web.get(IMPORTS).words


def test_a_refused_file_says_why_and_what_to_do(web: Web) -> None:
    content = b"first,second\n1,2\n"
    path = arrived(web, announce(web, content, file_name="unknown.csv"), content)

    words = web.get(path).words

    assert "Refused" in words
    assert "was refused whole" in words
    assert "unknown.csv Refused" in web.get(DATA).words


def test_an_import_that_stands_still_is_not_waited_for(web: Web) -> None:
    path = announce(web).json["next"]
    web.now += timedelta(minutes=21)

    answer = web.get(path)

    assert "Stands still" in answer.words
    assert "Send the same file again" in answer.words
    assert "data-follow" not in answer.text


def test_files_are_listed_latest_first_in_pages(web: Web) -> None:
    for number in range(35):
        announce(web, b"%d" % number, file_name=f"file-{number:02}.csv")
        web.now += timedelta(seconds=1)

    first = web.get(IMPORTS)
    (following,) = re.findall(r'rel="next" href="([^"]*)"', first.text)
    rest = web.get(unescape(following))

    names = [re.findall(r">(file-\d\d)\.csv<", page.text) for page in (first, rest)]
    assert names[0] + names[1] == [f"file-{number:02}" for number in reversed(range(35))]
    assert 'rel="next"' not in rest.text
    assert web.get(DATA).text.count("file-") == 10


def test_the_end_of_the_files_says_so(web: Web) -> None:
    for number in range(30):
        announce(web, b"%d" % number)
    (following,) = re.findall(r'rel="next" href="([^"]*)"', web.get(IMPORTS).text)

    assert "That was all" in web.get(unescape(following)).words


def test_a_cursor_of_another_list_is_refused(web: Web) -> None:
    for number in range(31):
        announce(web, b"%d" % number)
    (following,) = re.findall(r'rel="next" href="[^"]*cursor=([^"]*)"', web.get(IMPORTS).text)
    workspace(web.stores, "wks_2", people={"paul": Role.OWNER})
    web.sign_in("paul")

    for cursor in (following, "anything"):
        assert web.send("GET", IMPORTS, query=f"cursor={cursor}").status == 422


@pytest.mark.parametrize(
    ("person", "status", "may_send"), [("olivia", 200, True), ("adam", 200, True), ("ana", 403, False)]
)
def test_owners_and_admins_send_files_and_everybody_sees_them(
    web: Web, person: str, status: int, may_send: object
) -> None:
    path = arrived(web, announce(web))
    web.now += timedelta(seconds=1)
    web.sign_in(person)

    sees = [web.get(each) for each in (DATA, IMPORTS, path)]

    assert [answer.status for answer in sees] == [200, 200, 200]
    assert [f'href="{UPLOAD}"' in answer.text for answer in (sees[0], sees[2])] == [may_send, may_send]
    assert web.get(UPLOAD).status == status
    assert announce(web, b"more").status == status
    assert web.stores.figures.imports("wks_1", limit=9).items[0].requested_by == (
        f"mem_{person}" if may_send else "mem_olivia"
    )


def test_an_import_of_another_workspace_is_none(web: Web) -> None:
    path = arrived(web, announce(web))
    workspace(web.stores, "wks_2", people={"paul": Role.OWNER})
    web.sign_in("paul")

    for each in (path, f"{IMPORTS}/imp_{'0' * 40}", f"{IMPORTS}/imp_1"):
        assert web.get(each).status == 404
    assert "orders.ndjson" not in web.get(DATA).words


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"bytes": LARGEST_FILE + 1}, "bytes"),
        ({"bytes": 0}, "file"),
        ({"bytes": "many"}, "file"),
        ({"bytes": 5_000 * "9"}, "file"),
        ({"sha256": "ab" * 31}, "file"),
        ({"account": "jane@example.com"}, "account"),
        ({"currency": "XXY"}, "currency"),
        ({"exported_at": "2030-01-01T00:00"}, "exported_at"),
        ({"exported_at": "yesterday"}, "exported_at"),
        ({"costs_from": "2400-01-01"}, "costs_from"),
        ({"costs_from": "1 May"}, "costs_from"),
    ],
)
def test_what_cannot_be_announced_is_refused_by_its_field(web: Web, wrong: dict[str, Any], field: str) -> None:
    answer = announce(web, **wrong)

    assert answer.status == 422
    assert answer.json["field"] == field
    assert answer.json["message"]
    assert web.stores.figures.imports("wks_1", limit=1).items == ()


def test_what_is_said_of_a_file_is_kept_with_it(web: Web) -> None:
    path = announce(
        web,
        exported_at="2026-11-20T11:30",
        account="main street",
        currency="eur",
        costs_from="2026-01-01",
        partial="yes",
    ).json["next"]

    record = web.stores.imports.get("wks_1", path.rpartition("/")[2])

    assert record is not None
    assert record.status is ImportStatus.WAITING
    assert record.declared.exported_at == NOON.replace(day=20, hour=11, minute=30)
    assert (record.declared.account, record.declared.currency) == ("main street", "EUR")
    assert str(record.declared.costs_from) == "2026-01-01"
    assert record.declared.is_complete is False


def test_an_address_is_given_to_a_form_of_the_present_session_alone(web: Web) -> None:
    assert announce(web, csrf="").status == 403
    refused = web.post(UPLOAD, headers={"origin": "https://evil.test"}, bytes=1, sha256="0" * 64, file_name="x")
    assert refused.status == 403
    assert web.stores.figures.imports("wks_1", limit=1).items == ()


def test_only_the_page_that_sends_files_may_reach_the_bucket(web: Web) -> None:
    announced = announce(web)

    policies = {
        path: web.get(path).headers["content-security-policy"] for path in (UPLOAD, DATA, announced.json["next"])
    }

    assert "connect-src https://bucket.test 'self';" in policies[UPLOAD]
    assert policies[UPLOAD].replace("https://bucket.test ", "") == policies[DATA] == policies[announced.json["next"]]


def test_every_format_is_named_where_files_are_sent(web: Web) -> None:
    words = web.get(UPLOAD).words

    assert [each.title for each in FORMATS if each.title.replace("`", "") not in words] == []
    assert "NDJSON" in words
    assert "needs JavaScript" in words
    assert "merchant-mcp import orders.csv -w wks_1" in words


def test_every_kind_of_row_has_a_name() -> None:
    assert set(FAMILIES) == set(Family)


def test_names_of_files_accounts_and_columns_are_told_as_text(web: Web) -> None:
    hostile = {"type": "account", "source": "meta_ads", "account": HOSTILE, "name": HOSTILE, "status": "reconnect"}
    campaign = {"type": "ad_day", "source": "meta_ads", "account": "a", "campaign_id": HOSTILE, HOSTILE: 1}
    content = as_file([header(), order("1"), hostile, campaign])
    paths = [arrived(web, announce(web, content, file_name=HOSTILE), content)]
    csv = f'sku,unit_cost,"{HOSTILE.replace(chr(34), chr(34) * 2)}"\nM-1,4.00,planted\n'.encode()
    paths.append(arrived(web, announce(web, csv, file_name="javascript:alert(1)"), csv))

    pages = [web.get(path) for path in (DATA, IMPORTS, *paths)]

    for answer in pages:
        assert answer.status == 200
        assert "<script>alert" not in answer.text
        assert 'href="javascript' not in answer.text
    assert "<script>alert(1)</script>" in unescape(pages[0].text)


def test_a_workspace_without_mcp_sees_its_data(web: Web) -> None:
    workspace(web.stores, "wks_2", plan="starter", people={"paul": Role.OWNER})
    web.sign_in("paul")

    assert web.get(DATA).status == 200


def test_one_row_is_told_as_one(web: Web) -> None:
    content = as_file([header(), order("1")])
    arrived(web, announce(web, content), content)

    assert " 1 order " in web.get(DATA).words
