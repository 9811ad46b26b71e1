"""A leak is told: the stream of core, a mapping of its own, the function's role, the topic and SES, all as deployed.

The emulator cannot judge the right to write letters, which depends on their sender (see `dropped.py`): where one is to
arrive, the role is given that right without its condition.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import httpx2

from shared.domain.workspace.events import Role
from tests.deployed.stack import DeployedStack, until

MAY_WRITE = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}


def letters_to(stack: DeployedStack, address: str) -> list[dict[str, Any]]:
    """Look into the place where the emulator keeps what SES has sent."""
    held = httpx2.get(f"{stack.account.plain_address}/_ministack/ses/messages").json()["messages"]
    return [letter for sent in held.values() for letter in sent if letter["To"] == [address]]


def subscribed(stack: DeployedStack, workspace_id: str) -> str:
    """Make a queue that gets the notices of a workspace, as a team's own program would."""
    sns, sqs, topic = stack.account.client("sns"), stack.account.client("sqs"), stack.deployed.outputs["NoticeTopic"]
    queue = sqs.create_queue(QueueName=f"notices-of-{workspace_id}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    may = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    only_ours = json.dumps({"workspace": [workspace_id]})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": only_ours})
    return queue


def test_a_leak_is_told_to_the_owner_by_mail_and_to_a_program_by_the_topic(stack: DeployedStack) -> None:
    tenant = stack.tenant()
    queue = subscribed(stack, tenant.workspace_id)
    address = f"{tenant.workspace_id}@shop.example"
    contact = f"/v1/members/{tenant.member_id(Role.OWNER)}/contact"
    kept = stack.request("PUT", contact, tenant.bearer(), json={"email": address})
    token = tenant.token()

    with stack.role("Notifier").also(MAY_WRITE):
        reported = stack.request("POST", "/v1/tokens/report-leak", json={"token": token.text})
        until(lambda: letters_to(stack, address))

    assert (kept.status_code, reported.status_code) == (204, 202)
    (letter,) = letters_to(stack, address)
    assert letter["Subject"] == 'Token "For one test" was leaked and is revoked'
    assert token.token.token_id in letter["BodyText"]
    assert token.text not in letter["BodyText"]
    (message,) = stack.account.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    told = json.loads(json.loads(message["Body"])["Message"])
    assert (told["type"], told["token"]) == ("token.leak_reported", token.token.token_id)
    assert told["event_id"] in {entry.event_id for entry in tenant.trail("token.leak_reported")}
    assert address not in message["Body"]


def test_a_notifier_that_cannot_work_holds_up_nothing_and_tells_each_once_when_it_can(stack: DeployedStack) -> None:
    tenant = stack.tenant(plan="alpha")
    queue = subscribed(stack, tenant.workspace_id)
    address = f"{tenant.workspace_id}@shop.example"
    contact = f"/v1/members/{tenant.member_id(Role.OWNER)}/contact"
    assert stack.request("PUT", contact, tenant.bearer(), json={"email": address}).status_code == 204
    leaked, used = tenant.token(), tenant.token()
    received = partial(stack.account.client("sqs").receive_message, QueueUrl=queue, VisibilityTimeout=0)

    with stack.role("Notifier").also(MAY_WRITE):
        with stack.role("Notifier").without("ReadAddressesAndWhatWasSent"):
            stack.request("POST", "/v1/tokens/report-leak", json={"token": leaked.text})
            assert stack.ask(used.text).is_success
            path = f"/v1/tokens/{used.token.token_id}"
            until(lambda: stack.request("GET", path, tenant.bearer()).json()["last_used_at"])  # projections go on
            assert (letters_to(stack, address), received().get("Messages")) == ([], None)
        until(lambda: letters_to(stack, address))

    assert len(letters_to(stack, address)) == 1
    assert len(received()["Messages"]) == 1
