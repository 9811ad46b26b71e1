"""What docs/operations.md and other pages tell operators is so: in the template, and to tools that take commands."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from typer.main import get_command

from functions.metrics import METRICS
from infra.cli import app
from shared.services.credentials.keys import CredentialKeys
from shared.services.refusals import Reason
from shared.services.trail.mark_trail import mark_rows
from shared.storage.rows.facts import marked_workspace
from shared.storage.rows.trail_changes import row_added
from shared.transports.stream import Change, take_changes
from tests.data.stores import memory_stores
from tests.sam.conftest import Sam
from tests.sam.page import Command, Page, named
from tests.sam.stack import FUNCTIONS, ROOT, Stack, deployed, source, transformed

PAGE, INCIDENTS = Page("operations.md"), Page("incidents.md")
NOTICES, SEALING, SIGN_IN = Page("notices.md"), Page("sealing.md"), Page("sign-in.md")
RECOVERY, PARAMETERS, UNPROVED = Page("recovery.md"), Page("parameters.md"), Page("unproved.md")
PAGES = (PAGE, INCIDENTS, RECOVERY, PARAMETERS, UNPROVED, NOTICES, SEALING, SIGN_IN)
AWS: Any = botocore.session.Session()  # its stubs do not know the models
OF_THE_AWS_CLI = {"--output", "--query"}
"""Options that every command of it takes."""
OF_THE_CLI_ALONE = {("s3", "rb")}
"""Commands of it that are no operations of an API."""
OF_ANOTHER_NAME = {"deploy": "codedeploy", "s3api": "s3"}
"""What it calls a service -> what the models call it."""
OPTIONS_OF_ANOTHER_NAME = {("sns", "subscribe", "Endpoint"): "--notification-endpoint"}
"""A member of the models that it calls otherwise, because every command of it has an option of that name."""


def commands_of(program: str) -> list[Command]:
    """Give the commands of this page, and of the others as far as they are for operators."""
    return list(dict.fromkeys(command for page in PAGES for command in page.commands_of(program)))


# --- tables ---------------------------------------------------------------------------------------------------------


def test_the_pages_can_be_read_at_three_in_the_morning() -> None:
    assert len(PAGE.text.split()) <= 3000
    assert len(INCIDENTS.text.split()) <= 1600


def test_every_test_that_the_recovery_page_names_is_there() -> None:
    named_there = re.findall(r"`(tests/[\w/]+(?:\.py)?)`", RECOVERY.text)

    assert named_there
    assert [path for path in named_there if not (ROOT / path).exists()] == []


def test_every_parameter_is_told_with_its_default() -> None:
    def told(parameter: dict[str, Any]) -> str:
        default = parameter.get("Default")
        return "required" if default is None else f"`{default}`" if default != "" else "empty"

    assert [(*named(name), default) for name, default, _ in PARAMETERS.table("parameter")] == [
        (name, told(parameter)) for name, parameter in source()["Parameters"].items()
    ]


def test_it_is_told_how_long_a_parameter_may_be() -> None:
    rows = [(*named(name), text) for name, _, text in PARAMETERS.table("parameter")]
    longest = {name: parameter.get("MaxLength") for name, parameter in source()["Parameters"].items()}
    told = {name: re.search(r"at most (\d+) characters", text) for name, text in rows}

    assert {name: int(found[1]) if found else None for name, found in told.items()} == longest


def test_every_output_is_told() -> None:
    assert [name for names, _ in PARAMETERS.table("output") for name in named(names)] == list(source()["Outputs"])


def test_every_alarm_is_told_with_what_to_do() -> None:
    alarms = deployed(Rollout="Canary10Percent5Minutes").of_type("AWS::CloudWatch::Alarm")
    told = [name for alarm, _, _ in PAGE.table("alarm") for name in named(alarm)]

    assert sorted(told) == sorted(alarms)
    assert all(step for _, _, step in PAGE.table("alarm"))


def test_every_metric_of_ours_is_told() -> None:
    assert [metric.name for metric in METRICS if f"`{metric.name}`" not in PAGE.text] == []


# --- incidents ------------------------------------------------------------------------------------------------------


def sections(page: Page) -> dict[str, str]:
    """Give what stands under each head."""
    _, *parts = re.split(r"^## (.+)\n", page.text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_incident_says_what_is_seen_when_it_is_over_and_whom_to_tell() -> None:
    assert len(sections(INCIDENTS)) == 7
    for head, text in sections(INCIDENTS).items():
        assert re.search(r"^(\*\*See\*\*:|The steps are in)", text, re.MULTILINE), head
        assert re.search(r"^1\. ", text, re.MULTILINE), head
        assert re.search(r"^\*\*Over\*\* when ", text, re.MULTILINE), head
        assert re.search(r"\*\*Tell\*\*\s", text), head


def test_the_incidents_name_alarms_that_there_are_and_every_refusal_by_its_name() -> None:
    alarms = deployed(Rollout="Canary10Percent5Minutes").of_type("AWS::CloudWatch::Alarm")
    reasons = set(re.findall(r"`((?:token|store|audit|credential|rate)_(?:\w+))`", INCIDENTS.text))

    assert set(re.findall(r"`(\w+Alarm)`", INCIDENTS.text)) <= set(alarms)
    assert reasons <= set(Reason)
    assert len(reasons) > 4


def test_the_figures_of_the_page_are_those_of_the_template(stack: Stack) -> None:
    reserving = deployed(ReserveConcurrency="yes")
    places = {name: reserving[name].get("ReservedConcurrentExecutions") for name in FUNCTIONS}
    settings = stack["HttpApiStage"]
    rates = {key: setting["ThrottlingRateLimit"] for key, setting in settings["RouteSettings"].items()}
    alarms, routes = (len(stack.of_type(f"AWS::{kind}")) for kind in ("CloudWatch::Alarm", "ApiGatewayV2::Route"))
    numbers = {9: "nine", 17: "seventeen", 25: "twenty-five"}

    requests = (
        f"in requests a second: - {settings['DefaultRouteSettings']['ThrottlingRateLimit']} over all; "
        f"- {rates['ANY /v1/{proxy+}']} for `/v1`, {rates['$default']} for unknown paths"
    )
    reserved = (
        f"{places['TokenApi']} places for `/v1`, {places['Importer']} for imports, {places['Sweeper']} for the sweep, "
        f"{places['Sealer']} for the seals"
    )
    reports = f"{rates['POST /v1/tokens/report-leak']} for each of the two routes that take [reports of leaks]"
    apart = {"$default", "POST /oauth/register", "GET /oauth/authorize"}
    of_people = {rate for key, rate in rates.items() if "/v1/" not in key and key not in apart}
    (rate,) = of_people
    signing_in = f"{rate} for each route that people and their clients sign in by"
    for said in (
        requests,
        signing_in,
        f"{rates['POST /oauth/register']} for the registration of clients",
        f"{rates['GET /oauth/authorize']} for what an app asks of a person",
        reports,
        reserved,
        f"{numbers[alarms]} alarms, a dashboard, {numbers[len(METRICS)]} metrics of ours",
        f"and those of {numbers[routes]} routes",
        f"Queues keep failures for {stack['ProjectorFailures']['MessageRetentionPeriod'] // 86400} days",
    ):
        assert said in f"{PAGE.in_one_line} {PARAMETERS.in_one_line}"


# --- names ----------------------------------------------------------------------------------------------------------


def test_what_is_read_off_a_stack_is_there() -> None:
    code = "\n".join(page.code for page in PAGES)
    functions = [name for names in re.findall(r"for f in ([\w ]+);", code) for name in names.split()]
    outputs = {*re.findall(r"\bout (\w+)", code), *(f"{name}Name" for name in functions)}

    assert outputs - {"DomainTarget", "DomainTargetZone", "UserPoolId"} <= set(deployed().outputs)
    assert "UserPoolId" in deployed(OidcIssuer="").outputs
    assert outputs <= set(source()["Outputs"])
    assert set(re.findall(r"\bres (\w+)", code)) <= set(transformed()["Resources"])


def test_every_test_that_covers_what_is_unproved_exists() -> None:
    tests = re.findall(r"(tests/[\w/]+\.py)::(\w+)", UNPROVED.text)

    assert tests
    assert [name for path, name in tests if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    "page", [PAGE, INCIDENTS, SEALING, SIGN_IN], ids=["operations", "incidents", "sealing", "sign-in"]
)
def test_every_link_within_a_page_and_between_the_two_leads_somewhere(page: Page) -> None:
    links = set(re.findall(r"\]\(#([^)]+)\)", page.text))
    from_the_others = {link for other in PAGES for link in re.findall(rf"\]\({page.name}#([^)]+)\)", other.text)}

    assert links | from_the_others
    assert (links | from_the_others) - page.anchors() == set()


# --- commands -------------------------------------------------------------------------------------------------------


def test_the_page_has_commands_of_every_program() -> None:
    assert {program: len(PAGE.commands_of(program)) > 1 for program in ("aws", "make", "merchant-mcp", "sam")} == {
        "aws": True,
        "make": True,
        "merchant-mcp": True,
        "sam": True,
    }


def test_every_target_of_make_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked = {target for command in PAGE.commands_of("make") for target in command.arguments}

    assert [
        target for target in asked if not re.search(rf"^{target}:|^.*\b{target}\b.*: ", makefile, re.MULTILINE)
    ] == []


@pytest.mark.parametrize("command", commands_of("merchant-mcp"), ids=str)
def test_our_program_takes_its_words_and_options(command: Command) -> None:
    known: Any = get_command(app)
    for word in command.arguments:
        if not hasattr(known, "commands"):
            break
        known = known.commands[word]
    options = {option: each for each in known.params for option in each.opts}

    assert set(command.options) - options.keys() == set()
    if command.whole:
        required = [each for each in known.params if each.required and each.param_type_name == "option"]
        assert [each.name for each in required if not {*each.opts} & {*command.options}] == []


@pytest.mark.parametrize("command", commands_of("aws"), ids=str)
def test_the_model_of_aws_knows_the_command(command: Command) -> None:
    service, operation, *more = command.arguments
    if (service, operation) in OF_THE_CLI_ALONE:
        return
    service = OF_ANOTHER_NAME.get(service, service)
    model = AWS.get_service_model(service)
    if operation == "wait":
        waiters = AWS.get_waiter_model(service)
        waiter = {xform_name(name, "-"): waiters.get_waiter(name) for name in waiters.waiter_names}[more[0]]
        called = waiter.operation
    else:
        called = {xform_name(name, "-"): name for name in model.operation_names}[operation]
    takes = model.operation_model(called).input_shape

    def option(member: str) -> str:
        return OPTIONS_OF_ANOTHER_NAME.get((service, operation, member), f"--{xform_name(member, '-')}")

    members = {option(name): shape for name, shape in takes.members.items()} if takes else {}
    denied = {f"--no-{name[2:]}" for name, shape in members.items() if shape.type_name == "boolean"}
    required = {option(name) for name in takes.required_members} if takes else set[str]()

    assert {*command.options} - members.keys() - denied - OF_THE_AWS_CLI == set()
    if command.whole:
        assert required - {*command.options} == set()


@pytest.fixture(scope="module")
def helps(sam: Sam) -> dict[str, str]:
    """What `sam` says of each of its commands that the page names."""
    names = {command.arguments[0] for command in commands_of("sam")}
    return {name: sam(name, "--help") for name in names}


@pytest.mark.parametrize("command", commands_of("sam"), ids=str)
def test_sam_takes_the_options(helps: dict[str, str], command: Command) -> None:
    told = helps[command.arguments[0]]

    assert "--config-env" in told  # which the page's own function adds to each
    assert [option for option in command.options if not re.search(rf"(?<!\S){option}(?![\w-])", told)] == []


def test_a_deployment_is_given_every_parameter_that_has_no_default() -> None:
    required = {name for name, parameter in source()["Parameters"].items() if "Default" not in parameter}
    first = [command for command in PAGE.commands_of("sam") if any("DocsUrl" in word for word in command.words)]

    assert len(first) == 2
    for command in first:
        given = {word.partition("=")[0] for word in command.words if "=" in word}
        assert required <= given <= source()["Parameters"].keys()


# --- what is fed to them ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("held", "added"), [("1", "2"), ("123456789", "A"), ("12Z", "a")])
def test_the_new_key_document_keeps_every_key_and_makes_tokens_under_a_new_one(held: str, added: str) -> None:
    (script,) = re.findall(r"python3 -c '(\nimport json, secrets.*?)'", RECOVERY.text, re.DOTALL)
    before = {version: version * 64 for version in held}
    ran = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(before), capture_output=True, text=True, check=True
    )
    after = json.loads(ran.stdout)

    assert {version: after[version] for version in before} == before
    assert CredentialKeys.of(after).newest == added
    assert len(after[added]) == 64


def test_the_event_that_folds_again_is_one_that_the_projector_takes_as_a_mark() -> None:
    (written,) = re.findall(r"echo '(\{\"Records\".*?)' \|\n", PAGE.text)
    taken: list[Change] = []

    assert take_changes(json.loads(written.replace("'$WORKSPACE'", "wks_1")), taken.append) == {"batchItemFailures": []}
    assert [(change.kind, marked_workspace(change.pk)) for change in taken] == [("MODIFY", "wks_1")]


@pytest.mark.parametrize(
    ("received", "told"),
    [
        ("None", "The queue shows nothing: it is empty, or its messages were received a moment ago.\n"),
        ("handle\traw/wks_1/a.csv", "A file half read; its key is raw/wks_1/a.csv\n"),
        (
            r"""handle	{"requestPayload": {"Records": ["two  spaces", "a\"quote"]}}""".replace(r"\t", "\t"),
            'lambda invoke {"Records": ["two  spaces", "a\\"quote"]}\nsqs delete-message handle\n',
        ),
        ('handle\t{"requestPayload": "refused"}', 'lambda invoke "refused"\n'),
    ],
    ids=["nothing", "a key", "an event", "one that Lambda refuses"],
)
def test_a_failed_import_is_handed_over_and_only_then_taken_off_the_queue(received: str, told: str) -> None:
    (script,) = (script for script in PAGE.scripts if "requestPayload" in script)
    programs = """
        out() { echo "$1"; }
        aws() { case "$2" in
          receive-message) printf '%s\\n' "$RECEIVED" ;;
          invoke) echo "$1 $2 $(cat)"; [[ "$RECEIVED" != *refused* ]] ;;
          *) echo "$1 $2 ${*: -1}" ;;
        esac; }
    """

    ran = subprocess.run(
        ["/bin/bash", "-uc", programs + script],
        env={"PATH": os.defpath, "RECEIVED": received},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.stdout, ran.stderr) == (told, "")


def test_the_event_that_marks_a_day_is_one_that_the_projector_has_all_of_it_sealed_for() -> None:
    (script,) = (script for script in SEALING.scripts if "again" in script)
    until_it_is_sent, _, _ = script.partition(" |\n")
    ran = subprocess.run(
        ["/bin/bash", "-euc", until_it_is_sent],
        env={"PATH": os.defpath, "WORKSPACE": "wks_1"},
        capture_output=True,
        text=True,
        check=True,
    )
    stores, taken = memory_stores(), list[Change]()
    assert take_changes(json.loads(ran.stdout), taken.append) == {"batchItemFailures": []}

    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    rows = [row for change in taken if (row := row_added(change.kind, change.pk, change.sk))]
    mark_rows(rows, now=at, seals=stores.seals)
    (mark,) = stores.seals.marks(before=at + timedelta(minutes=1), limit=10)
    day = datetime(2026, 11, 21, tzinfo=UTC)
    assert (mark.workspace_id, mark.since) == ("wks_1", day)
    assert mark.until == day + timedelta(days=1) - timedelta(milliseconds=1)
