"""What AWS itself asks for in the name of a role: for logs, streams, the queues of what fails, and the schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.policies.simulator import Request
from tests.sam.stack import ACCOUNT, FUNCTIONS, REGION, Stack, called

FOLLOWING = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
"""And `dynamodb:ListStreams`, which cannot be judged: see test_roles."""
TAKING = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")


def asked_by_aws(stack: Stack) -> Iterator[Request]:
    """Go through it."""
    for function in FUNCTIONS:
        log = stack[function]["LoggingConfig"]["LogGroup"]
        stream = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{log}:log-stream:2026/11/21/[1]0123456789abcdef"
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            yield Request(role=_role(stack, function), action=action, resource=stream)
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping").values():
        role = _role(stack, called(mapping["FunctionName"]))
        for action in FOLLOWING if ":dynamodb:" in mapping["EventSourceArn"] else TAKING:
            yield Request(role=role, action=action, resource=mapping["EventSourceArn"])
        yield from _handing_over(role, mapping)
    for settings in stack.of_type("AWS::Lambda::EventInvokeConfig").values():
        yield from _handing_over(_role(stack, settings["FunctionName"]), settings)
    for schedule in stack.of_type("AWS::Scheduler::Schedule").values():
        target = schedule["Target"]
        role = target["RoleArn"].rpartition("/")[2]
        yield Request(role=role, action="lambda:InvokeFunction", resource=target["Arn"])


def _handing_over(role: str, settings: Mapping[str, Any]) -> Iterator[Request]:
    match settings:
        case {"DestinationConfig": {"OnFailure": {"Destination": str(queue)}}}:
            yield Request(role=role, action="sqs:SendMessage", resource=queue)
        case _:
            return


def _role(stack: Stack, function: str) -> str:
    return stack[function]["Role"].rpartition("/")[2]
