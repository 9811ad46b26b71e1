"""The seven functions: their code, their environment, and what calls the five that no request calls."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, cast

import pytest

from infra.build.artefact import RUNTIME, UNREACHED
from infra.emulator.event_filter import lets_through
from shared.domain.notices import TOLD
from shared.storage.engine import Key, Table
from shared.storage.rows.facts import import_key, ledger_key, mark_key, marked_workspace, run_key, settings_key
from tests.sam.stack import ACCOUNT, FUNCTIONS, REGION, ROOT, Node, Stack, called, deployed, key_arn, source

LOCAL_ONLY = {
    *("ARCHIVE_DIR", "DYNAMODB_ENDPOINT", "KEYS_FILE", "MAILBOX_DIR", "OBJECTS_DIR", "QUEUE_DIR", "SIGNING_KEY_FILE"),
    *("OAUTH_LOOPBACK_CLIENTS", "SQLITE_PATH"),
}
"""What wiring reads where there is no AWS; the template can set none of it."""
A_DAY = 24 * 60 * 60


def names_that_wiring_reads() -> set[str]:
    tree = ast.parse((ROOT / "functions" / "wiring.py").read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    names = {text for text in texts if re.fullmatch(r"[A-Z]+(?:_[A-Z]+)*", text)}
    return names | {f"{table.upper()}_TABLE" for table in Table}  # composed there, from the table's own name


def variables(stack: Stack, function: str) -> dict[str, Any]:
    return stack[function]["Environment"]["Variables"]


def test_there_are_seven_functions(stack: Stack) -> None:
    assert sorted(stack.of_type("AWS::Lambda::Function")) == sorted(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_is_where_the_template_says(stack: Stack, function: str) -> None:
    handler = stack[function]["Handler"]
    module, _, name = handler.rpartition(".")
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")

    assert re.fullmatch(r"functions\.\w+\.handler\.handler", handler)
    assert path.is_file()
    assert name in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_built_by_the_target_of_its_name_for_the_runtime_that_it_gets(
    stack: Stack, function: str
) -> None:
    makefile = (ROOT / stack.resources[function]["Metadata"]["ContextPath"] / "Makefile").read_text(encoding="utf-8")
    folder = stack[function]["Handler"].split(".")[1]

    assert stack.resources[function]["Metadata"]["BuildMethod"] == "makefile"
    assert re.search(rf"^build-{function}:\n\t\$\(ARTEFACT\) {folder} ", makefile, re.MULTILINE)
    assert folder in UNREACHED
    assert stack[function]["Runtime"] == f"python{RUNTIME}"
    assert stack[function]["Architectures"] == ["x86_64"]


def test_what_the_template_sets_is_what_wiring_reads(stack: Stack) -> None:
    set_for_any = {name for function in FUNCTIONS for name in variables(stack, function)}

    assert set_for_any == names_that_wiring_reads() - LOCAL_ONLY


def test_every_function_runs_on_the_real_tables(stack: Stack) -> None:
    for function in FUNCTIONS:
        environment = variables(stack, function)
        assert environment["STORE"] == "dynamodb"
        assert {environment[f"{table.upper()}_TABLE"] for table in Table} == {"CoreTable", "AuditTable", "FactsTable"}


def test_calls_are_not_traced(stack: Stack) -> None:
    assert "TracingConfig" not in stack["McpServer"]


QUIET = {"Projector": {"SystemLogLevel": "WARN"}}
"""Whose log has no lines of Lambda's own on each invocation."""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_log_ends(stack: Stack, function: str) -> None:
    written = {"LogFormat": "JSON", "LogGroup": f"{function}Log"} | QUIET.get(function, {})
    assert stack[function]["LoggingConfig"] == written
    assert stack[f"{function}Log"]["RetentionInDays"] == 30


# --- streams ----------------------------------------------------------------------------------------------------------


FOLLOWED = [
    ("CoreTable", "Projector"),
    ("AuditTable", "Projector"),
    ("FactsTable", "Projector"),
    ("CoreTable", "Notifier"),
]


def mappings_of(stack: Stack, service: str) -> list[Mapping[str, Any]]:
    mappings = stack.of_type("AWS::Lambda::EventSourceMapping").values()
    return [mapping for mapping in mappings if mapping["EventSourceArn"].split(":")[2] == service]


def mapping_of(stack: Stack, table: str, function: str = "Projector") -> dict[str, Any]:
    (found,) = (
        dict(mapping)
        for mapping in mappings_of(stack, "dynamodb")
        if f"table/{table}/" in mapping["EventSourceArn"] and called(mapping["FunctionName"]) == function
    )
    return found


def test_lambda_takes_the_mappings_and_dynamodb_the_readers(stack: Stack) -> None:
    """Lambda refuses a second mapping of one stream to one function; more than two readers of a shard are throttled."""
    mappings = mappings_of(stack, "dynamodb")
    pairs = [(mapping["EventSourceArn"].split("/")[1], called(mapping["FunctionName"])) for mapping in mappings]

    assert sorted(pairs) == sorted(FOLLOWED)
    assert max(Counter(table for table, _ in pairs).values()) <= 2


@pytest.mark.parametrize(("table", "function"), FOLLOWED)
def test_a_stream_stops_at_a_failed_record_and_in_the_end_hands_it_over(
    stack: Stack, table: str, function: str
) -> None:
    mapping = mapping_of(stack, table, function)

    assert mapping["StartingPosition"] == "TRIM_HORIZON"  # what was written before the function was there counts too
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 0 < mapping["MaximumRetryAttempts"] <= 100
    assert 0 < mapping["MaximumRecordAgeInSeconds"] < 24 * 60 * 60  # later the stream itself forgets
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"].endswith(":ProjectorFailures")


@pytest.mark.parametrize(
    ("kind", "key", "wanted"),
    [
        ("INSERT", mark_key("wks_1", 7), True),
        ("MODIFY", mark_key("wks_1", 7), True),
        ("REMOVE", mark_key("wks_1", 7), False),  # the projector's own doing, when it has folded
        ("INSERT", import_key("wks_1", "imp_1"), False),
        ("INSERT", ledger_key("wks_1", 7), False),
        ("INSERT", run_key("wks_1"), False),
        ("MODIFY", settings_key("wks_1"), False),
    ],
)
def test_of_the_facts_only_marks_reach_the_projector(stack: Stack, kind: str, key: Key, *, wanted: bool) -> None:
    (chosen,) = mapping_of(stack, "FactsTable")["FilterCriteria"]["Filters"]
    record = {"eventName": kind, "dynamodb": {"Keys": {"pk": {"S": key.pk}, "sk": {"S": key.sk}}}}

    assert lets_through(json.loads(chosen["Pattern"]), record) is wanted
    assert (marked_workspace(key.pk) == "wks_1") is (key == mark_key("wks_1", 7))


@pytest.mark.parametrize("told", TOLD)
def test_of_the_core_the_events_that_may_be_told_reach_the_notifier_and_no_others(stack: Stack, told: str) -> None:
    (chosen,) = mapping_of(stack, "CoreTable", "Notifier")["FilterCriteria"]["Filters"]
    pattern = json.loads(chosen["Pattern"])
    new = {"Keys": {"pk": {"S": "TOK#1"}, "sk": {"S": "E#00000002"}}, "NewImage": {"type": {"S": told}}}

    assert lets_through(pattern, {"eventName": "INSERT", "dynamodb": new})
    assert not lets_through(pattern, {"eventName": "REMOVE", "dynamodb": {"Keys": new["Keys"]}})
    assert sorted(pattern["dynamodb"]["NewImage"]["type"]["S"]) == sorted(TOLD)
    assert "FilterCriteria" not in mapping_of(stack, "CoreTable")


def test_notices_are_encrypted_at_rest_and_alarms_are_where_cloudwatch_can_tell_them(stack: Stack) -> None:
    assert stack["Notices"] == {"KmsMasterKeyId": "alias/aws/sns"}
    assert variables(stack, "Notifier")["NOTICE_TOPIC_ARN"].endswith(":Notices")
    assert variables(stack, "Notifier")["NOTICE_SENDER"] == ""
    assert "WriteLetters" not in {statement.sid for statement in stack.statements("NotifierRole")}


# --- schedule and uploads ---------------------------------------------------------------------------------------------


def test_sweep_and_seal_begin_each_minute_and_end_before_the_next(stack: Stack) -> None:
    schedules = stack.of_type("AWS::Scheduler::Schedule").values()

    assert {schedule["ScheduleExpression"] for schedule in schedules} == {"rate(1 minute)"}
    begun = sorted(called(schedule["Target"]["Arn"]) for schedule in schedules)
    assert begun == ["Sealer", "Sweeper"]
    for function in begun:
        assert stack[function]["Timeout"] < 60
        assert stack[f"{function}EventInvokeConfig"]["MaximumRetryAttempts"] == 0  # the next minute is the retry


# --- the sealed trail -------------------------------------------------------------------------------------------------


def test_the_sealer_signs_with_the_stacks_own_key_until_another_is_named() -> None:
    another = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    usual, moved = deployed(), deployed(SigningKeyArn=another)

    assert (
        variables(usual, "Sealer")["SIGNING_KEY_ARN"]
        == usual.outputs["SigningKeyArn"]["Value"]
        == key_arn("SigningKey")
    )
    assert variables(moved, "Sealer")["SIGNING_KEY_ARN"] == moved.outputs["SigningKeyArn"]["Value"] == another
    assert "SigningKey" in moved.resources  # what the checkpoints before were signed with
    assert [function for function in FUNCTIONS if "SIGNING_KEY_ARN" in variables(usual, function)] == ["Sealer"]


def test_a_stack_has_one_log_and_no_other_stack_has_its_name(stack: Stack) -> None:
    told = {variables(stack, function).get("LOG_ORIGIN") for function in FUNCTIONS} - {None}

    assert told == {f"merchant-mcp/{ACCOUNT}/{REGION}/merchant-mcp"} == {stack.outputs["LogOrigin"]["Value"]}


def test_a_file_under_raw_reaches_the_importer(stack: Stack) -> None:
    (notification,) = stack["Bucket"]["NotificationConfiguration"]["LambdaConfigurations"]

    assert called(notification["Function"]) == "Importer"
    assert fnmatchcase("s3:ObjectCreated:Put", notification["Event"])
    assert fnmatchcase("s3:ObjectCreated:CompleteMultipartUpload", notification["Event"])
    assert notification["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "raw/"}]
    assert stack.resources["Bucket"]["DependsOn"] == "BucketMayCallImporter"
    assert variables(stack, "Importer")["BUCKET"] == stack["Bucket"]["BucketName"]


def test_a_file_that_is_half_imported_goes_on_in_another_run(stack: Stack) -> None:
    (mapping,) = mappings_of(stack, "sqs")
    longest_run = stack["Importer"]["Timeout"]

    assert called(mapping["FunctionName"]) == "Importer"
    assert mapping["EventSourceArn"].endswith(":ImportParts")
    assert variables(stack, "Importer")["IMPORT_QUEUE_URL"].endswith("/ImportParts")
    assert mapping["BatchSize"] == 1  # or one file would have the time of another
    assert stack["ImportParts"]["VisibilityTimeout"] > longest_run
    assert stack["ImportParts"]["RedrivePolicy"]["deadLetterTargetArn"].endswith(":ImporterFailures")


def test_no_message_outlives_the_parts_that_it_asks_for(stack: Stack) -> None:
    """Those of the queue of failures, which an operator sends again, are the oldest there are."""
    rules = {rule.get("Prefix"): rule for rule in stack["Bucket"]["LifecycleConfiguration"]["Rules"]}

    assert rules["staging/"]["ExpirationInDays"] * A_DAY > stack["ImporterFailures"]["MessageRetentionPeriod"]


def test_a_file_that_cannot_be_imported_is_handed_over(stack: Stack) -> None:
    handed_to = stack["ImporterEventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"]

    assert handed_to.endswith(":ImporterFailures")


# --- versions, snapshots, concurrency ---------------------------------------------------------------------------------

OF_THE_FUNCTION = {"ReserveConcurrency", "Rollout"}
"""Parameters of what all versions of a function share, and of how they follow each other."""


def parameters_of(node: Node) -> set[str]:
    """Find the parameters that a part of the template depends on, its conditions and the names of tables included."""
    template = source()
    match node:
        case {"Ref": str() as name} if name in template["Resources"]:
            return parameters_of(template["Resources"][name].get("Properties", {}).get("TableName"))
        case {"Ref": str() as name}:
            return {name} & template["Parameters"].keys()
        case {"Fn::Sub": str() as text}:
            return set(re.findall(r"\$\{(\w+)\}", text)) & template["Parameters"].keys()
        case {"Fn::If": [condition, yes, no]}:
            return parameters_of([template["Conditions"][condition], yes, no])
        case dict():
            return parameters_of(list(cast("dict[str, Node]", node).values()))
        case list():
            return {name for part in cast("list[Node]", node) for name in parameters_of(part)}
        case _:
            return set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_parameter_with_another_value_publishes_another_version(function: str) -> None:
    """SAM does not see to it; a description does, because CloudFormation replaces the version that it changes."""
    template = source()
    everywhere = template["Globals"]["Function"]
    own = dict(template["Resources"][function]["Properties"])
    described = parameters_of(own.pop("VersionDescription", ""))
    own.pop("Events", None)  # what calls a function is no part of it

    assert described == parameters_of([everywhere, own]) - OF_THE_FUNCTION


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_description_of_a_version_is_never_too_long_for_lambda(function: str) -> None:
    template = source()

    def longest(name: str) -> int:
        limits = template["Parameters"][name]
        return limits["MaxLength"] if "MaxLength" in limits else max(map(len, limits["AllowedValues"]))

    described = template["Resources"][function]["Properties"]["VersionDescription"]
    names = parameters_of(described)
    assert sum(map(longest, names)) + len(names) <= 256


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_release_takes_no_version_away_and_publishes_one_for_every_change_of_the_template(
    stack: Stack, function: str
) -> None:
    (version,) = (name for name in stack.of_type("AWS::Lambda::Version") if name.startswith(f"{function}Version"))

    assert stack.resources[version]["DeletionPolicy"] == "Retain"  # what a rollback goes back to
    assert stack[f"{function}Aliaslive"] == {"Name": "live", "FunctionName": function, "FunctionVersion": "1"}
    assert source()["Resources"][function]["Properties"]["AutoPublishAliasAllProperties"] is True


def test_functions_start_from_a_snapshot_where_that_is_asked_for_and_somebody_waits() -> None:
    quick, usual = deployed(SnapStart="yes"), deployed()

    assert [f for f in FUNCTIONS if quick[f].get("SnapStart") == {"ApplyOn": "PublishedVersions"}] == [
        "McpServer",
        "TokenApi",
    ]
    assert {usual[f].get("SnapStart", {}).get("ApplyOn", "None") for f in FUNCTIONS} == {"None"}


def test_a_function_that_starts_from_a_snapshot_is_one_that_lambda_can_take_one_of() -> None:
    quick = deployed(SnapStart="yes")
    for function in ("McpServer", "TokenApi"):
        assert tuple(map(int, quick[function]["Runtime"].removeprefix("python").split("."))) >= (3, 12)
        assert "EphemeralStorage" not in quick[function]  # 512 MB, as everybody has, are the most
        assert "ProvisionedConcurrencyConfig" not in quick[f"{function}Aliaslive"]


def test_reserved_concurrency_is_asked_for_only_where_the_account_can_give_it(stack: Stack) -> None:
    reserving = deployed(ReserveConcurrency="yes")

    assert not any("ReservedConcurrentExecutions" in stack[function] for function in FUNCTIONS)
    assert reserving["Sweeper"]["ReservedConcurrentExecutions"] == 1
    assert reserving["Sealer"]["ReservedConcurrentExecutions"] == 1
    assert "ReservedConcurrentExecutions" not in reserving["McpServer"]  # whatever the others leave is for calls


# --- alarms -----------------------------------------------------------------------------------------------------------


def test_what_is_handed_over_raises_an_alarm(stack: Stack) -> None:
    watched = {
        dimension["Value"]
        for alarm in stack.of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }
    hands_over = {name for name, queue in stack.of_type("AWS::SQS::Queue").items() if "RedrivePolicy" in queue}
    assert watched == set(stack.of_type("AWS::SQS::Queue")) - hands_over


def test_a_function_whose_failures_reach_no_queue_raises_an_alarm_of_its_own(stack: Stack) -> None:
    watched = {
        dimension["Value"]
        for alarm in stack.of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "DestinationDeliveryFailures"
        for dimension in alarm["Dimensions"]
    }
    hands_over = {
        resource["FunctionName"].removesuffix(":live").rpartition(":")[2]
        for kind in ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig")
        for resource in stack.of_type(kind).values()
        if "OnFailure" in resource.get("DestinationConfig", {})
    }
    assert watched == hands_over


def test_every_alarm_is_told_to_somebody_who_asked(stack: Stack) -> None:
    asked = deployed(AlarmEmail="ops@merchant.example")

    assert {tuple(alarm["AlarmActions"]) for alarm in stack.of_type("AWS::CloudWatch::Alarm").values()} == {
        (asked["AlarmsByEmail"]["TopicArn"],)
    }
    assert asked["AlarmsByEmail"]["Endpoint"] == "ops@merchant.example"
    assert "AlarmsByEmail" not in stack.resources
