"""The local stack runs what template.yaml deploys: the same functions, routes, limits, sources and settings."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cfnlint.decode  # pyright: ignore[reportMissingTypeStubs] - it ships none
import pytest

from infra.emulator.event_filter import lets_through
from infra.local.folder import LocalFolder
from infra.local.functions import FUNCTIONS, NOTICES, ROUTES, SETTINGS, all_settings, local_plan
from infra.local.pool import PROJECT
from infra.local.pumps import BATCH, STREAM_ATTEMPTS, UPLOAD_ATTEMPTS
from infra.local.queue_pump import ATTEMPTS
from infra.local.stack import Plan
from shared.domain.notices import TOLD
from shared.storage.engine import Table
from shared.storage.sqlite.feed import Change

LOCALLY = {
    "CORE_TABLE": "SQLITE_PATH",
    "AUDIT_TABLE": "SQLITE_PATH",
    "FACTS_TABLE": "SQLITE_PATH",
    "BUCKET": "OBJECTS_DIR",
    "IMPORT_QUEUE_URL": "QUEUE_DIR",
    "ARCHIVE_BUCKET": "ARCHIVE_DIR",
    "NOTICE_TOPIC_ARN": "MAILBOX_DIR",
    "NOTICE_SENDER": "MAILBOX_DIR",
    "CREDENTIAL_KEYS_SECRET_ARN": "KEYS_FILE",
    "DATA_KEYS_SECRET_ARN": "KEYS_FILE",
    "SIGNING_KEY_ARN": "SIGNING_KEY_FILE",
}
"""The setting that stands for each one of AWS."""
NOT_HERE = {"OIDC_CLIENT_SECRET_ARN"}
"""Settings that nothing stands for: the local issuer asks for no secret."""

Properties = Mapping[str, Any]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    folder = LocalFolder(path=tmp_path)
    settings = all_settings(folder, public_url="http://127.0.0.1:1", issuer="http://127.0.0.1:1/oidc")
    return local_plan(folder, settings=settings, own_routes=[], remap_www_authenticate=False)


@pytest.fixture(scope="module")
def template() -> Mapping[str, Any]:
    read, _ = cfnlint.decode.decode(str(PROJECT / "template.yaml"))
    assert isinstance(read, dict)
    return read


def of_type(template: Mapping[str, Any], kind: str) -> dict[str, Properties]:
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def functions(template: Mapping[str, Any]) -> dict[str, Properties]:
    """The functions by the names that they have here."""
    found = of_type(template, "AWS::Serverless::Function")
    return {properties["Handler"].split(".")[1]: properties for properties in found.values()}


def test_each_function_has_the_handler_time_and_memory_of_the_template(template: Mapping[str, Any]) -> None:
    usual = template["Globals"]["Function"]["MemorySize"]
    deployed = {
        name: (function["Handler"], function["Timeout"], function.get("MemorySize", usual))
        for name, function in functions(template).items()
    }

    assert {spec.name: (spec.handler, spec.timeout, spec.memory_mb) for spec in FUNCTIONS} == deployed


def test_each_route_leads_to_the_function_of_the_template(template: Mapping[str, Any]) -> None:
    names = {
        logical: properties["Handler"].split(".")[1]
        for logical, properties in of_type(template, "AWS::Serverless::Function").items()
    }
    integrations = {
        f"integrations/${{{name}}}": names[
            properties["IntegrationUri"]["Fn::Sub"].removeprefix("${").removesuffix(".Arn}:live")
        ]
        for name, properties in of_type(template, "AWS::ApiGatewayV2::Integration").items()
    }
    deployed = {
        route["RouteKey"]: integrations[route["Target"]["Fn::Sub"]]
        for route in of_type(template, "AWS::ApiGatewayV2::Route").values()
    }

    assert {route.key: route.function for route in ROUTES} == deployed


def test_each_function_gets_the_settings_of_the_template_and_no_others(template: Mapping[str, Any]) -> None:
    everywhere = template["Globals"]["Function"]["Environment"]["Variables"]
    deployed = {
        name: {
            LOCALLY.get(key, key)
            for key in (*everywhere, *function.get("Environment", {}).get("Variables", {}))
            if key not in NOT_HERE
        }
        for name, function in functions(template).items()
    }

    assert {name: set(settings) for name, settings in SETTINGS.items()} == deployed


def test_every_setting_has_a_value_here(tmp_path: Path) -> None:
    values = all_settings(LocalFolder(path=tmp_path), public_url="http://127.0.0.1:1", issuer="http://127.0.0.1:1/oidc")

    assert {key for settings in SETTINGS.values() for key in settings} == values.keys()
    assert all(values.values())


def test_the_streams_lead_where_the_template_leads_them_in_batches_as_large(
    template: Mapping[str, Any], plan: Plan
) -> None:
    sources = {
        (name, source["Properties"]["Stream"]["Fn::GetAtt"][0].removesuffix("Table").lower()): source["Properties"]
        for name, function in functions(template).items()
        for source in function.get("Events", {}).values()
        if source["Type"] == "DynamoDB"
    }

    assert {(source.function, source.name.partition("-")[0]) for source in plan.streams} == sources.keys()
    assert len({source.name for source in plan.streams}) == len(sources)  # each has a position of its own
    assert {source["BatchSize"] for source in sources.values()} == {BATCH}
    assert {source["MaximumRetryAttempts"] for source in sources.values()} == {STREAM_ATTEMPTS - 1}
    assert all(source["BisectBatchOnFunctionError"] for source in sources.values())


@pytest.mark.parametrize(
    ("event_name", "pk", "wanted"),
    [
        ("INSERT", "W#wks_1#DIRTY", True),
        ("MODIFY", "W#wks_1#DIRTY", True),
        ("REMOVE", "W#wks_1#DIRTY", False),
        ("INSERT", "W#wks_1#M#2026-11", False),
    ],
)
def test_of_the_facts_only_the_marks_are_wanted_as_the_template_filters_them(
    template: Mapping[str, Any], plan: Plan, event_name: str, pk: str, *, wanted: bool
) -> None:
    (chosen,) = functions(template)["projector"]["Events"]["FactsStream"]["Properties"]["FilterCriteria"]["Filters"]
    record = {"eventName": event_name, "dynamodb": {"Keys": {"pk": {"S": pk}}}}
    change = Change(sequence=1, table=Table.FACTS, record=record)
    here = {source.name: source.wanted(change) for source in plan.streams}

    assert json.loads(chosen["Pattern"]) == {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"Keys": {"pk": {"S": [{"suffix": "#DIRTY"}]}}},
    }
    assert here == {"core": False, "audit": False, "facts": wanted, NOTICES: False}


@pytest.mark.parametrize(
    ("event_name", "image", "wanted"),
    [
        *(("INSERT", {"type": {"S": told}}, True) for told in TOLD),
        ("INSERT", {"type": {"S": "token.created"}}, False),
        ("INSERT", {"kind": {"S": "personal"}}, False),
        ("MODIFY", {"type": {"S": "token.expired"}}, False),
        ("REMOVE", None, False),
    ],
)
def test_of_the_core_only_events_that_may_be_told_are_wanted_as_the_template_filters_them(
    template: Mapping[str, Any], plan: Plan, event_name: str, image: Mapping[str, Any] | None, *, wanted: bool
) -> None:
    (chosen,) = functions(template)["notifier"]["Events"]["CoreStream"]["Properties"]["FilterCriteria"]["Filters"]
    stream = {"Keys": {"pk": {"S": "TOK#1"}, "sk": {"S": "E#00000002"}}}
    record = {"eventName": event_name, "dynamodb": {**stream, **({"NewImage": image} if image is not None else {})}}
    change = Change(sequence=1, table=Table.CORE, record=record)
    here = {source.name: source.wanted(change) for source in plan.streams}

    assert lets_through(json.loads(chosen["Pattern"]), record) is wanted
    assert here == {"core": True, "audit": False, "facts": False, NOTICES: wanted}


def test_uploads_and_schedules_lead_where_the_template_leads_them(template: Mapping[str, Any], plan: Plan) -> None:
    scheduled = {
        name: source["Properties"]["ScheduleExpression"]
        for name, function in functions(template).items()
        for source in function.get("Events", {}).values()
        if source["Type"] == "ScheduleV2"
    }
    (told,) = (
        told
        for bucket in of_type(template, "AWS::S3::Bucket").values()
        for told in bucket.get("NotificationConfiguration", {}).get("LambdaConfigurations", ())
    )

    assert dict.fromkeys(plan.scheduled, "rate(1 minute)") == scheduled
    assert [source.function for source in plan.uploads] == ["importer"]
    assert told["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "raw/"}]
    assert functions(template)["importer"]["EventInvokeConfig"]["MaximumRetryAttempts"] == UPLOAD_ATTEMPTS - 1


def test_queues_lead_where_the_template_leads_them_as_often_and_one_message_at_a_time(
    template: Mapping[str, Any], plan: Plan
) -> None:
    sources = {
        name: source["Properties"]
        for name, function in functions(template).items()
        for source in function.get("Events", {}).values()
        if source["Type"] == "SQS"
    }
    queues = of_type(template, "AWS::SQS::Queue")
    led = {name: queues[source["Queue"]["Fn::GetAtt"][0]] for name, source in sources.items()}

    assert [source.function for source in plan.queues] == list(sources) == ["importer"]
    assert sources["importer"]["BatchSize"] == 1
    assert led["importer"]["RedrivePolicy"]["maxReceiveCount"] == ATTEMPTS
    # A message must not come again while the run that it led to is still at work.
    assert led["importer"]["VisibilityTimeout"] > functions(template)["importer"]["Timeout"]
