"""What the template asks for and the emulator does not do: measured, and covered by a test of the template instead.

docs/unproved.md tells it to operators.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.metrics import NAMESPACE
from infra.emulator.stack import SENDER
from shared.storage.rows.workspaces import workspace_key
from tests.deployed.rights import NEVER, Attempt
from tests.deployed.stack import DeployedStack, until

TABLES = ("CoreTable", "AuditTable", "FactsTable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """One property of the template that a deployment to the emulator does not have."""

    what: str
    is_kept: Callable[[DeployedStack], bool]
    """Measures it; where it holds one day, the line can go."""
    covered_by: tuple[str, ...]


def rows_end(stack: DeployedStack) -> bool:
    client = stack.account.client("dynamodb")
    said = [client.describe_time_to_live(TableName=stack.deployed.resources[table]) for table in TABLES]
    return any(one["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED" for one in said)


def tables_can_be_restored(stack: DeployedStack) -> bool:
    client = stack.account.client("dynamodb")
    said = [client.describe_continuous_backups(TableName=stack.deployed.resources[table]) for table in TABLES]
    points = [one["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"] for one in said]
    return any(point["PointInTimeRecoveryStatus"] == "ENABLED" for point in points)


def tables_have_a_key(stack: DeployedStack) -> bool:
    client = stack.account.client("dynamodb")
    said = [client.describe_table(TableName=stack.deployed.resources[table])["Table"] for table in TABLES]
    return any("SSEDescription" in table for table in said)


def the_trail_has_a_policy(stack: DeployedStack) -> bool:
    client = stack.account.client("dynamodb")
    arn = client.describe_table(TableName=stack.deployed.resources["AuditTable"])["Table"]["TableArn"]
    try:
        return bool(client.get_resource_policy(ResourceArn=arn)["Policy"])
    except client.exceptions.PolicyNotFoundException:
        return False


def raw_files_end(stack: DeployedStack) -> bool:
    client = stack.account.client("s3")
    try:
        return bool(client.get_bucket_lifecycle_configuration(Bucket=stack.deployed.resources["Bucket"])["Rules"])
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchLifecycleConfiguration":
            raise
        return False


def the_archive_is_locked(stack: DeployedStack) -> bool:
    client = stack.account.client("s3")
    try:
        return bool(client.get_object_lock_configuration(Bucket=stack.deployed.resources["Archive"]))
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "ObjectLockConfigurationNotFoundError":
            raise
        return False


def requests_are_throttled(stack: DeployedStack) -> bool:
    stages = stack.account.client("apigatewayv2").get_stages(ApiId=stack.deployed.resources["HttpApi"])["Items"]
    settings: list[Mapping[str, Any]] = [
        setting for stage in stages for setting in (stage["DefaultRouteSettings"], *stage["RouteSettings"].values())
    ]
    return any("ThrottlingRateLimit" in setting for setting in settings)


def headers_have_a_limit(stack: DeployedStack) -> bool:
    answer = stack.request("GET", "/mcp", headers={"X-Big": "0" * 11_000})
    return answer.status_code == 431  # Request Header Fields Too Large


def pages_of_others_may_ask_whether_they_may_ask(stack: DeployedStack) -> bool:
    asked = {"Origin": "https://client.example", "Access-Control-Request-Method": "GET"}
    answer = stack.http.request("OPTIONS", "/.well-known/oauth-authorization-server", headers=asked)
    return answer.status_code == 204  # the function's word; MiniStack says 403 itself


def who_calls_a_function_is_asked(stack: DeployedStack) -> bool:
    client = stack.account.client("lambda")
    function = {"FunctionName": stack.deployed.resources["McpServer"], "Qualifier": "live"}
    said = json.loads(client.get_policy(**function)["Policy"])["Statement"]
    (statement,) = (one for one in said if one["Condition"]["ArnLike"]["AWS:SourceArn"].endswith("/mcp"))
    granted = {**function, "StatementId": statement["Sid"]}
    client.remove_permission(**granted)
    try:
        return stack.ask(None).status_code != 401  # our own word: the function was called
    finally:
        client.add_permission(
            **granted,
            Action=statement["Action"],
            Principal=statement["Principal"]["Service"],
            SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
        )


def roles_tell_kinds_of_rows_apart(stack: DeployedStack) -> bool:
    a_workspace = {"pk": {"S": workspace_key("wks_of_others").pk}, "sk": {"S": "probe"}}
    given = {"TableName": stack.deployed.resources["CoreTable"], "Item": a_workspace, **NEVER}
    put = Attempt(service="dynamodb", call="put_item", given=given)
    return stack.role("Sweeper").outcomes([put]) == ["AccessDeniedException"]


def streams_are_told_apart_by_roles(stack: DeployedStack) -> bool:
    tables = stack.account.client("dynamodb")
    arn = tables.describe_table(TableName=stack.deployed.resources["CoreTable"])["Table"]["LatestStreamArn"]
    look = Attempt(service="dynamodbstreams", call="describe_stream", given={"StreamArn": arn})
    return stack.role("Projector").outcomes([look]) == ["allowed"]


def letters_are_judged_by_their_sender(stack: DeployedStack) -> bool:
    content = {"Simple": {"Subject": {"Data": "probe"}, "Body": {"Text": {"Data": "probe"}}}}
    given = {"FromEmailAddress": SENDER, "Destination": {"ToAddresses": ["probe@shop.example"]}, "Content": content}
    letter = Attempt(service="sesv2", call="send_email", given=given)
    return stack.role("Notifier").outcomes([letter]) == ["allowed"]


def topics_are_told_apart_by_roles(stack: DeployedStack) -> bool:
    given = {"TopicArn": stack.deployed.resources["Alarms"], "Message": "probe"}
    return stack.role("McpServer").outcomes([Attempt(service="sns", call="publish", given=given)]) != ["allowed"]


def requests_are_logged(stack: DeployedStack) -> bool:
    stack.ask(None)
    log = stack.deployed.resources["AccessLog"]
    return bool(stack.account.client("logs").describe_log_streams(logGroupName=log)["logStreams"])


def alarms_are_judged(stack: DeployedStack) -> bool:
    alarms = stack.account.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return any(alarm["StateValue"] != "INSUFFICIENT_DATA" for alarm in alarms)


def metrics_are_read_off_logs(stack: DeployedStack) -> bool:
    stack.ask(None)  # a refusal is one
    return bool(stack.account.client("cloudwatch").list_metrics(Namespace=NAMESPACE)["Metrics"])


def releases_can_be_shifted(stack: DeployedStack) -> bool:
    client = stack.account.client("codedeploy")
    try:
        return "applications" in client.list_applications()
    except client.exceptions.ClientError:
        return False


def concurrency_is_reserved(stack: DeployedStack) -> bool:
    sweeper = stack.deployed.resources["Sweeper"]
    return "ReservedConcurrentExecutions" in stack.account.client("lambda").get_function_concurrency(
        FunctionName=sweeper
    )


def settings_of_calls_hold_for_the_alias(stack: DeployedStack) -> bool:
    """The sweeper shall not be tried again within its minute; without its settings Lambda would, twice."""
    sweeper = stack.deployed.resources["Sweeper"]
    again = f"{sweeper} async output (attempt 2)"
    before = stack.told_in("ministack.log", again)
    with stack.role("Sweeper").without("FindWhatIsDue"):
        stack.account.client("lambda").invoke(FunctionName=f"{sweeper}:live", InvocationType="Event", Payload="{}")
        try:
            until(lambda: stack.told_in("ministack.log", again) > before)
        except TimeoutError:
            return True
    return False


KEPT, ROUTES, FUNCTIONS = "tests/sam/test_what_is_kept.py", "tests/sam/test_routes.py", "tests/sam/test_functions.py"
ALARMS, POLICIES = "tests/sam/test_alarms.py", "tests/policies/test_allowed.py"

DROPPED = (
    Dropped(
        what="Rows end at their time (TTL)",
        is_kept=rows_end,
        covered_by=(f"{KEPT}::test_a_table_ends_its_old_rows_and_can_be_restored",),
    ),
    Dropped(
        what="Tables can be restored to a point in time",
        is_kept=tables_can_be_restored,
        covered_by=(f"{KEPT}::test_a_table_ends_its_old_rows_and_can_be_restored",),
    ),
    Dropped(
        what="Tables are encrypted with a key of the account",
        is_kept=tables_have_a_key,
        covered_by=(f"{KEPT}::test_a_table_ends_its_old_rows_and_can_be_restored",),
    ),
    Dropped(
        what="The table of the trail has a policy of its own",
        is_kept=the_trail_has_a_policy,
        covered_by=(
            f"{KEPT}::test_nobody_in_the_account_may_change_a_row_of_the_trail",
            "tests/policies/test_never.py::test_not_even_an_administrator_changes_a_row_of_the_trail",
        ),
    ),
    Dropped(
        what="Uploads and replaced facts end",
        is_kept=raw_files_end,
        covered_by=(f"{KEPT}::test_raw_files_end_and_facts_do_not",),
    ),
    Dropped(
        what="What is archived is locked (S3 Object Lock)",
        is_kept=the_archive_is_locked,
        covered_by=(
            f"{KEPT}::test_what_is_archived_is_locked_for_years_and_nothing_ends_it",
            "tests/policies/test_never.py::test_not_even_an_administrator_empties_the_archive_or_adds_to_it",
        ),
    ),
    Dropped(
        what="The gateway throttles",
        is_kept=requests_are_throttled,
        covered_by=(f"{ROUTES}::test_requests_are_throttled_far_above_what_any_plan_admits",),
    ),
    Dropped(
        what="The gateway limits headers, bodies and seconds",
        is_kept=headers_have_a_limit,
        covered_by=(f"{ROUTES}::test_a_function_ends_before_the_gateway_gives_up_on_it",),
    ),
    Dropped(
        what="A preflight (OPTIONS) reaches the function of an API without CORS of its own",
        is_kept=pages_of_others_may_ask_whether_they_may_ask,
        covered_by=(f"{ROUTES}::test_the_gateway_leaves_preflights_to_the_functions",),
    ),
    Dropped(
        what="A function is called by whom its policy names",
        is_kept=who_calls_a_function_is_asked,
        covered_by=(
            f"{ROUTES}::test_the_api_may_call_the_function_behind_a_route_and_no_other",
            f"{ROUTES}::test_a_function_may_be_called_by_this_api_and_this_bucket_alone",
        ),
    ),
    Dropped(
        what="Roles tell kinds of rows apart (dynamodb:LeadingKeys)",
        is_kept=roles_tell_kinds_of_rows_apart,
        covered_by=(
            f"{POLICIES}::test_a_role_may_use_an_action_only_where_it_is_asked_for",
            "tests/policies/test_never.py::test_no_role_but_those_whose_work_it_is_may",
        ),
    ),
    Dropped(
        what="Roles decide who publishes to a topic",
        is_kept=topics_are_told_apart_by_roles,
        covered_by=("tests/policies/test_never.py::test_no_role_but_those_whose_work_it_is_may",),
    ),
    Dropped(
        what="Roles know whom a letter is from (ses:FromAddress), and by which identity it is sent",
        is_kept=letters_are_judged_by_their_sender,
        covered_by=("tests/policies/test_letters.py::test_only_the_notifier_writes_and_only_from_its_own_address",),
    ),
    Dropped(
        what="Roles tell streams apart, so that the projector's may follow those of the tables",
        is_kept=streams_are_told_apart_by_roles,
        covered_by=(f"{POLICIES}::test_a_role_may_do_what_is_asked_in_its_name",),
    ),
    Dropped(
        what="Requests are logged by the gateway",
        is_kept=requests_are_logged,
        covered_by=(f"{ROUTES}::test_the_access_log_is_json_without_headers_or_queries",),
    ),
    Dropped(
        what="Alarms are judged",
        is_kept=alarms_are_judged,
        covered_by=(
            f"{ALARMS}::test_an_alarm_watches_what_its_description_says",
            f"{FUNCTIONS}::test_every_alarm_is_told_to_somebody_who_asked",
        ),
    ),
    Dropped(
        what="Metrics are read off logs, and drawn",
        is_kept=metrics_are_read_off_logs,
        covered_by=(
            "tests/sam/test_dashboard.py::test_every_line_is_a_metric_that_is_written_with_these_dimensions",
            "tests/sam/test_emulator.py::test_a_refusal_is_counted_by_a_line_that_cloudwatch_reads_as_a_metric",
        ),
    ),
    Dropped(
        what="Releases come in little by little (CodeDeploy)",
        is_kept=releases_can_be_shifted,
        covered_by=(
            "tests/sam/test_rollout.py::test_an_alarm_of_the_new_version_or_of_the_whole_api_takes_a_release_back",
        ),
    ),
    Dropped(
        what="Concurrency is reserved",
        is_kept=concurrency_is_reserved,
        covered_by=(f"{FUNCTIONS}::test_reserved_concurrency_is_asked_for_only_where_the_account_can_give_it",),
    ),
    Dropped(
        what="What an alias says of calls that nobody waits for: how often again, and then to which queue",
        is_kept=settings_of_calls_hold_for_the_alias,
        covered_by=(f"{FUNCTIONS}::test_a_file_that_cannot_be_imported_is_handed_over",),
    ),
)
