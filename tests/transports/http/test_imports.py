"""/v1/imports: files are announced, sent to an address of their own, and looked after."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from shared.services.imports.announce_upload import LARGEST_FILE
from shared.services.imports.names import raw_key
from tests.data.merchants import Merchant, as_file, header, order
from tests.transports.http.api import Answer, Api

FILE = as_file([header(), order("1"), order("2"), *(order(f"o{n}") for n in range(30)), {**order("3"), "date": "soon"}])
LATER = as_file([header("2026-11-20T13:00:00Z"), order("1")])


def about(content: bytes, **more: object) -> dict[str, object]:
    return {"file_name": "orders.ndjson", "bytes": len(content), "sha256": sha256(content).hexdigest(), **more}


def announce(api: Api, content: bytes = FILE, *, by: str = "olivia", **more: object) -> Answer:
    return api.post("/v1/imports", about(content, **more), by=by)


def arrived(api: Api, announced: Answer, content: bytes = FILE) -> None:
    """Do what S3 and the importer do once the bytes are sent."""
    merchant = Merchant(engine=api.stores.engine, objects=api.objects, now=api.now)
    api.objects.put(raw_key("wks_1", announced.json["id"]), content)
    record = merchant.imports.get("wks_1", announced.json["id"])
    assert record is not None
    merchant.take_up(record)


def test_a_file_is_announced_with_where_to_send_it(api: Api) -> None:
    answer = announce(api, exported_at="2026-11-20T12:00:00+01:00", account="main street", currency="EUR")

    assert answer.status == 201
    told = answer.json
    assert (told["status"], told["file_name"], told["bytes"]) == ("waiting", "orders.ndjson", len(FILE))
    assert (told["requested_by"], told["account"], told["currency"]) == ("mem_olivia", "main street", "EUR")
    assert told["exported_at"] == "2026-11-20T11:00:00Z"
    assert told["upload"]["method"] == "PUT"
    assert raw_key("wks_1", told["id"]) in told["upload"]["url"]
    assert told["upload"]["expires_at"] > told["requested_at"]


def test_an_import_is_followed_to_its_report(api: Api) -> None:
    announced = announce(api)
    path = f"/v1/imports/{announced.json['id']}"
    before = api.get(path, by="ana").json

    arrived(api, announced)

    after = api.get(path, by="ana").json
    assert (before["status"], before["counts"]) == ("waiting", {})
    assert (after["status"], after["lines"], after["rejected"]) == ("finished", 33, 1)
    assert after["counts"]["order"]["new"] == 32
    ((error),) = after["errors"]
    assert (error["line"], error["code"], error["field"]) == (34, "wrong_date", "date")
    assert api.get("/v1/imports").json["data"] == [after]


def test_the_same_bytes_again_are_told_their_report_and_not_sent(api: Api) -> None:
    first = announce(api)
    arrived(api, first)

    again = announce(api)

    assert (again.status, again.json["id"], again.json["upload"]) == (200, first.json["id"], None)
    assert again.json["counts"]["order"]["new"] == 32


def test_the_same_bytes_for_another_account_are_another_import(api: Api) -> None:
    said: tuple[dict[str, Any], ...] = (
        {},
        {"account": "a"},
        {"currency": "EUR"},
        {"partial": True},
        {"costs_from": "2026-01-01"},
        {"exported_at": "2026-11-01T00:00:00Z"},
    )
    ids = {announce(api, **declared).json["id"] for declared in said}
    same = announce(api, exported_at="2026-11-01T02:00:00+02:00").json["id"]

    assert len(ids) == 6
    assert same in ids


def test_what_has_not_arrived_is_given_another_address(api: Api) -> None:
    first, again = announce(api), announce(api)

    assert (first.status, again.status) == (201, 201)
    assert again.json["id"] == first.json["id"]
    assert again.json["upload"] is not None


def test_other_bytes_than_were_announced_are_refused_and_may_be_sent_again(api: Api) -> None:
    announced = announce(api)

    arrived(api, announced, LATER)

    told = api.get(f"/v1/imports/{announced.json['id']}").json
    assert (told["status"], told["refusal"]["code"]) == ("refused", "bytes_differ")
    again = announce(api)
    assert (again.status, again.json["status"]) == (201, "waiting")


@pytest.mark.parametrize(
    ("wrong", "status", "code", "field"),
    [
        ({"bytes": LARGEST_FILE + 1}, 422, "file_too_large", "bytes"),
        ({"bytes": 0}, 422, "request_invalid", "bytes"),
        ({"sha256": "AB" * 32}, 422, "request_invalid", "sha256"),
        ({"sha256": "ab" * 31}, 422, "request_invalid", "sha256"),
        ({"file_name": ""}, 422, "request_invalid", "file_name"),
        ({"account": " "}, 422, "declared_invalid", "account"),
        ({"account": "jane@example.com"}, 422, "declared_invalid", "account"),
        ({"currency": "eur"}, 422, "declared_invalid", "currency"),
        ({"currency": "XXY"}, 422, "declared_invalid", "currency"),
        ({"exported_at": "2030-01-01T00:00:00Z"}, 422, "declared_invalid", "exported_at"),
        ({"exported_at": "2026-11-01"}, 422, "request_invalid", "exported_at"),
        ({"costs_from": "2400-01-01"}, 422, "declared_invalid", "costs_from"),
        ({"format": "meta"}, 422, "request_invalid", "format"),
    ],
)
def test_what_cannot_be_announced_is_refused_by_its_field(
    api: Api, wrong: dict[str, Any], status: int, code: str, field: str
) -> None:
    answer = announce(api, **wrong)

    assert (answer.status, answer.code, answer.json["field"]) == (status, code, field)
    assert api.get("/v1/imports").json["data"] == []


def test_the_largest_file_that_one_import_takes_is_announced(api: Api) -> None:
    assert LARGEST_FILE == 1024**3, "as docs/api.md says"
    assert announce(api, bytes=LARGEST_FILE).status == 201


def test_an_analyst_sends_nothing_and_sees_what_was_sent(api: Api) -> None:
    refused = announce(api, by="ana")
    announced = announce(api)

    assert (refused.status, refused.code) == (403, "role_required")
    assert [each["id"] for each in api.get("/v1/imports", by="ana").json["data"]] == [announced.json["id"]]


def test_imports_are_listed_latest_first_in_pages(api: Api) -> None:
    sent: list[str] = []
    for number in range(5):
        sent.append(announce(api, b"%d" % number).json["id"])
        api.now = api.now.replace(minute=number + 1)

    first = api.get("/v1/imports", limit=3).json
    rest = api.get("/v1/imports", limit=3, cursor=first["next_cursor"]).json

    assert [each["id"] for each in (*first["data"], *rest["data"])] == sent[::-1]
    assert (len(first["data"]), rest["next_cursor"]) == (3, None)


@pytest.mark.parametrize("import_id", ["imp_" + "0" * 40, "imp_1", "x" * 2_000])
def test_an_import_that_there_is_not_is_not_found(api: Api, import_id: str) -> None:
    answer = api.get(f"/v1/imports/{import_id}")

    assert (answer.status, answer.code) == (404, "import_not_found")


def test_an_import_that_stands_still_is_told_with_when_it_last_moved_and_what_to_do(api: Api) -> None:
    path = f"/v1/imports/{announce(api).json['id']}"
    api.now += timedelta(minutes=20)
    waiting = api.get(path).json
    api.now += timedelta(minutes=1)
    still = api.get(path).json

    assert (waiting["moved_at"], waiting["stands_still"]) == (waiting["requested_at"], False)
    assert (still["moved_at"], still["stands_still"]) == (waiting["requested_at"], True)
    (found,) = still["diagnosis"]
    assert found["cause"] == "import_stalled"
    assert "Send the same file again" in found["fix"]
    assert api.get("/v1/imports").json["data"] == [still]


def test_columns_that_became_nothing_are_told_by_their_headers(api: Api) -> None:
    costs = b"sku,unit_cost,Colour,Buyer Name\nM-1,4.00,planted,Planted Person\n"
    announced = announce(api, costs)
    arrived(api, announced, costs)

    answer = api.get(f"/v1/imports/{announced.json['id']}")

    told = answer.json
    assert (told["format"], told["connectors"]) == ("costs", ["costs"])
    assert (told["unmapped_columns"], told["columns_dropped_for_privacy"]) == (["Colour"], ["Buyer Name"])
    assert (told["stands_still"], told["diagnosis"]) == (False, [])
    assert "lanted" not in answer.text


def test_a_person_is_not_named_by_a_file_s_name(api: Api) -> None:
    answer = announce(api, file_name="for jane@example.com.csv")

    assert "jane" not in answer.text
