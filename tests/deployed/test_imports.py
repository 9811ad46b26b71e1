"""A file in the bucket becomes figures: bucket, importer, tables, streams, projector, each under its own role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2

from functions.wiring import now
from shared.domain.facts.imports import ImportStatus
from shared.services.imports.import_upload import Importer, import_upload
from shared.services.imports.names import raw_key
from shared.storage.contracts.facts import ImportRecord
from tests.data.memory_queue import MemoryQueue
from tests.deployed.orders import orders_file, sum_of
from tests.deployed.stack import DeployedStack, Tenant, until
from tests.doors.events import event

ORDERS = {"1": (1, "100.00"), "2": (3, "20.50"), "3": (2, "7.25")}
REFUNDS = {"2": "20.50"}
NOT_TAKEN = "was not taken"
"""What the pumps write of a record that the projector named as failed."""
RUN_FAILED = "async output (attempt 1)"
"""What MiniStack writes when a function that nobody waits for has failed, and will be called again."""
GIVEN_UP = "async output (attempt 3)"
"""And when it will not."""


def figures(tenant: Tenant, names: Iterable[str]) -> dict[str, Decimal]:
    """Ask for last month's figures as an agent does."""
    answer = tenant.stack.call(tenant.token().text, "get_pnl", period="last_month")
    lines = {line["line"]: line["amount"] for line in rows(answer["data"])}
    return {name: Decimal(str(lines[name])) for name in names}


def rows(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(data["columns"], row, strict=True)) for row in data["rows"]]


def imported(tenant: Tenant, file: Path) -> ImportRecord:
    """Send a file and wait until tools answer from it, or it was refused."""
    sent = tenant.send(file)
    until(lambda: tenant.record(sent.import_id).status is ImportStatus.REFUSED or tenant.sees(sent))
    return tenant.record(sent.import_id)


def test_figures_are_the_sum_of_the_file(stack: DeployedStack, tmp_path: Path) -> None:
    tenant, file = stack.tenant(), orders_file(tmp_path, ORDERS, refunds=REFUNDS)

    record = imported(tenant, file)

    assert record.status is ImportStatus.FINISHED
    assert figures(tenant, sum_of(file)) == sum_of(file)


def test_a_later_file_changes_the_figures(stack: DeployedStack, tmp_path: Path) -> None:
    tenant = stack.tenant()
    imported(tenant, orders_file(tmp_path, ORDERS, exported_at=now() - timedelta(hours=1)))
    later = orders_file(tmp_path, {**ORDERS, "1": (1, "90.00"), "4": (1, "5.00")})

    imported(tenant, later)

    assert figures(tenant, sum_of(later)) == sum_of(later)


def test_a_file_that_others_put_into_the_bucket_is_imported_too(stack: DeployedStack, tmp_path: Path) -> None:
    tenant, file = stack.tenant(), orders_file(tmp_path, ORDERS)
    where = {"Bucket": stack.deployed.outputs["BucketName"], "Key": raw_key(tenant.workspace_id, "by hand")}
    url = stack.account.client("s3").generate_presigned_url("put_object", Params=where)

    httpx2.put(url, content=file.read_bytes(), verify=stack.account.trust()).raise_for_status()

    until(lambda: stack.wiring.figures.overview(tenant.workspace_id).generation > 0)
    assert figures(tenant, sum_of(file)) == sum_of(file)


def test_a_file_is_announced_over_rest_and_sent_to_its_address_alone(stack: DeployedStack, tmp_path: Path) -> None:
    tenant, file = stack.tenant(), orders_file(tmp_path, ORDERS)
    content, trust = file.read_bytes(), stack.account.trust()
    about = {"file_name": "orders.ndjson", "bytes": len(content), "sha256": sha256(content).hexdigest()}

    announced = stack.request("POST", "/v1/imports", tenant.bearer(), json=about)
    upload = announced.json()["upload"]
    other = httpx2.put(upload["url"], content=content[:-1] + b" ", headers=upload["headers"], verify=trust)
    longer = httpx2.put(upload["url"], content=content + b" ", headers=upload["headers"], verify=trust)
    sent = httpx2.put(upload["url"], content=content, headers=upload["headers"], verify=trust)

    path = f"/v1/imports/{announced.json()['id']}"
    until(lambda: stack.request("GET", path, tenant.bearer()).json()["status"] == "finished")
    until(lambda: stack.wiring.figures.overview(tenant.workspace_id).generation > 0)
    assert [announced.status_code, other.status_code, longer.status_code, sent.status_code] == [201, 400, 403, 200]
    assert figures(tenant, sum_of(file)) == sum_of(file)
    assert stack.request("POST", "/v1/imports", tenant.bearer(), json=about).status_code == 200


def test_a_poisoned_file_is_refused_and_recorded_and_changes_nothing(stack: DeployedStack, tmp_path: Path) -> None:
    tenant, good = stack.tenant(), orders_file(tmp_path, ORDERS)
    imported(tenant, good)
    expected = sum_of(good)
    poisoned = tmp_path / "poisoned.ndjson"
    poisoned.write_bytes(b"PK\x03\x04" + bytes(200))

    record = imported(tenant, poisoned)

    assert record.status is ImportStatus.REFUSED
    assert [entry.data["import_id"] for entry in tenant.trail("import.refused")] == [record.import_id]
    assert figures(tenant, expected) == expected


def test_a_mark_that_comes_again_and_again_changes_no_figure(stack: DeployedStack, tmp_path: Path) -> None:
    tenant, file = stack.tenant(), orders_file(tmp_path, ORDERS)
    imported(tenant, file)
    before = stack.wiring.figures.overview(tenant.workspace_id)

    taken = [stack.invoke("Projector", event("stream_facts", workspace_id=tenant.workspace_id)) for _ in range(3)]

    assert taken == [{"batchItemFailures": []}] * 3
    assert stack.wiring.figures.overview(tenant.workspace_id) == before
    assert figures(tenant, sum_of(file)) == sum_of(file)


def test_a_fold_that_fails_is_tried_again_until_it_succeeds(stack: DeployedStack, tmp_path: Path) -> None:
    tenant, file = stack.tenant(), orders_file(tmp_path, ORDERS)
    failed_before = stack.told_in("emulator.log", NOT_TAKEN)

    with stack.role("Projector").without("ReadTheFacts"):
        sent = tenant.send(file)
        until(lambda: stack.told_in("emulator.log", NOT_TAKEN) >= failed_before + 2)
        assert not tenant.sees(sent)
    until(lambda: tenant.sees(sent))

    assert figures(tenant, sum_of(file)) == sum_of(file)


def test_a_record_that_never_succeeds_goes_to_the_queue_and_the_stream_goes_on(
    stack: DeployedStack, tmp_path: Path
) -> None:
    broken, healthy = stack.tenant(), stack.tenant()

    with stack.role("Projector").without("ReadTheFacts"):
        broken.send(orders_file(tmp_path, ORDERS))
        (note,) = stack.messages("ProjectorFailures")
    file = orders_file(tmp_path, ORDERS, refunds=REFUNDS)
    imported(healthy, file)

    batch = note["DDBStreamBatchInfo"]
    assert (note["requestContext"]["condition"], batch["batchSize"]) == ("RetryAttemptsExhausted", 1)
    assert broken.workspace_id in record_at(stack, batch)["dynamodb"]["Keys"]["pk"]["S"]
    assert figures(healthy, sum_of(file)) == sum_of(file)


def test_a_run_of_the_importer_that_fails_is_made_again(stack: DeployedStack, tmp_path: Path) -> None:
    tenant, file = stack.tenant(), orders_file(tmp_path, ORDERS)
    failed_before = stack.told_in("ministack.log", RUN_FAILED)

    with stack.role("Importer").without("ReadTheFile"):
        sent = tenant.send(file)
        until(lambda: stack.told_in("ministack.log", RUN_FAILED) > failed_before)
        assert tenant.record(sent.import_id).status is ImportStatus.WAITING
    until(lambda: tenant.sees(sent))

    assert figures(tenant, sum_of(file)) == sum_of(file)


def test_a_file_that_is_half_read_is_read_to_its_end_by_the_run_that_the_queue_calls(
    stack: DeployedStack, tmp_path: Path
) -> None:
    tenant, file = stack.tenant(), orders_file(tmp_path, ORDERS, refunds=REFUNDS)
    on, given_up_before = stack.wiring, stack.told_in("ministack.log", GIVEN_UP)
    half = MemoryQueue()
    tools = Importer(
        imports=on.imports,
        figures=on.figures,
        rollups=on.rollups,
        objects=on.objects,
        keys=on.data_keys,
        queue=half,
        clock=now,
        part_bytes=1,
    )

    with stack.role("Importer").without("ReadTheFile"):
        sent = tenant.send(file)
        until(lambda: stack.told_in("ministack.log", GIVEN_UP) > given_up_before)
        import_upload(raw_key(tenant.workspace_id, sent.import_id), request_id="the first row", tools=tools)
    (key,) = half.messages
    assert tenant.record(sent.import_id).checkpoint is not None
    queue = stack.deployed.resources["ImportParts"]
    stack.account.client("sqs").send_message(QueueUrl=queue, MessageBody=key)
    until(lambda: tenant.sees(sent))

    assert figures(tenant, sum_of(file)) == sum_of(file)
    assert list(on.objects.list(f"staging/{tenant.workspace_id}/")) == []


def record_at(stack: DeployedStack, batch: dict[str, Any]) -> dict[str, Any]:
    """Fetch the record that a note of a failure points to, as an operator would."""
    streams = stack.account.client("dynamodbstreams")
    found = streams.get_shard_iterator(
        StreamArn=batch["streamArn"],
        ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch["startSequenceNumber"],
    )
    return streams.get_records(ShardIterator=found["ShardIterator"], Limit=1)["Records"][0]
