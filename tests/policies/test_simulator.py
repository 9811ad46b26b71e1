"""The simulator, asked what can be known without it: a thing that is allowed, and its neighbour."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.places import ELSEWHERE
from tests.policies.simulator import Account, Judgement, Policy, Request, Simulator, Unjudged, Verdict
from tests.sam.stack import table_arn

ALLOWED, NOT_ALLOWED, FORBIDDEN = Verdict

SHOP = table_arn("Shop")
BASKET = "arn:aws:s3:::basket"
IN_ANOTHER_ACCOUNT = ELSEWHERE["the same table in another account"]


def policy(sid: str, *actions: str, on: str, effect: str = "Allow", **more: Any) -> Policy:  # noqa: ANN401 - IAM's own
    statement = {"Sid": sid, "Effect": effect, "Action": list(actions), "Resource": on, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def only_keys(*patterns: str) -> Any:  # noqa: ANN401 - IAM's own
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(patterns)}}


ACCOUNT = Account(
    roles={
        "Clerk": [
            policy("ReadTheShop", "dynamodb:GetItem", on=SHOP),
            policy("FindByDay", "dynamodb:Query", on=f"{SHOP}/index/day"),
            policy("WriteOrders", "dynamodb:PutItem", on=SHOP, Condition=only_keys("ORDER#*", "SHOP#*#LIMIT")),
            policy("FillTheBasket", "s3:PutObject", on=f"{BASKET}/apples/*"),
            policy("FindApples", "s3:ListBucket", on=BASKET, Condition={"StringLike": {"s3:prefix": ["apples/*"]}}),
        ],
        "Owner": [policy("Everything", "*", on="*")],
    },
    attached={
        SHOP: policy("Keep", "dynamodb:DeleteItem", on="*", effect="Deny", Principal="*"),
        BASKET: policy(
            "OverTls",
            "s3:*",
            on=f"{BASKET}/*",
            effect="Deny",
            Principal="*",
            Condition={"Bool": {"aws:SecureTransport": "false"}},
        ),
    },
)


def asks(action: str, resource: str, *keys: str, role: str = "Clerk", over_tls: bool = True) -> Request:
    return Request(role=role, action=action, resource=resource, keys=keys, over_tls=over_tls)


@pytest.mark.parametrize(
    ("request_", "verdict", "by"),
    [
        (asks("dynamodb:GetItem", SHOP, "ORDER#1"), ALLOWED, "ReadTheShop"),
        (asks("dynamodb:GetItem", table_arn("Shop2"), "ORDER#1"), NOT_ALLOWED, None),
        (asks("dynamodb:UpdateItem", SHOP, "ORDER#1"), NOT_ALLOWED, None),
        (asks("dynamodb:Query", f"{SHOP}/index/day", "2026-11-21"), ALLOWED, "FindByDay"),
        (asks("dynamodb:Query", f"{SHOP}/index/customer", "7"), NOT_ALLOWED, None),
        (asks("dynamodb:Query", SHOP, "ORDER#1"), NOT_ALLOWED, None),
        (asks("dynamodb:PutItem", SHOP, "ORDER#1", "ORDER#2"), ALLOWED, "WriteOrders"),
        (asks("dynamodb:PutItem", SHOP, "SHOP#7#LIMIT"), ALLOWED, "WriteOrders"),
        (asks("dynamodb:PutItem", SHOP, "SHOP#7"), NOT_ALLOWED, None),
        (asks("dynamodb:PutItem", SHOP, "ORDER#1", "SHOP#7"), NOT_ALLOWED, None),
        (asks("dynamodb:PutItem", SHOP), ALLOWED, "WriteOrders"),  # as in AWS: no key is outside of the patterns
        (asks("s3:PutObject", f"{BASKET}/apples/1"), ALLOWED, "FillTheBasket"),
        (asks("s3:PutObject", f"{BASKET}/pears/1"), NOT_ALLOWED, None),
        (asks("s3:PutObject", f"{BASKET}/apples/1", over_tls=False), FORBIDDEN, "OverTls"),
        (asks("s3:ListBucket", BASKET, "apples/1"), ALLOWED, "FindApples"),
        (asks("s3:ListBucket", BASKET, "pears/1"), NOT_ALLOWED, None),
        (asks("s3:ListBucket", BASKET), NOT_ALLOWED, None),  # of everything
        (asks("dynamodb:DeleteItem", SHOP, "ORDER#1"), FORBIDDEN, "Keep"),
        (asks("dynamodb:DeleteItem", SHOP, "ORDER#1", role="Owner"), FORBIDDEN, "Keep"),
        (asks("dynamodb:DeleteItem", table_arn("Shop2"), "ORDER#1", role="Owner"), ALLOWED, "Everything"),
        (asks("dynamodb:GetItem", IN_ANOTHER_ACCOUNT, "A", role="Owner"), NOT_ALLOWED, None),
        (asks("dynamodb:Query", "*"), ALLOWED, "FindByDay"),  # on something
        (asks("dynamodb:Scan", "*"), NOT_ALLOWED, None),  # on nothing at all
    ],
    ids=str,
)
def test_what_is_allowed_is_told_from_its_neighbour(
    judge: Simulator, request_: Request, verdict: Verdict, by: str | None
) -> None:
    (judgement,) = judge.judge([request_], account=ACCOUNT)

    assert judgement.verdict is verdict
    assert by in judgement.by if by else judgement == Judgement(verdict=verdict, by=())


@pytest.mark.parametrize(
    "request_",
    [
        asks("dynamodb:ReadItem", SHOP),  # no such action
        asks("dynamodb:GetRecords", SHOP),  # works on streams
        asks("s3:PutObject", f"{BASKET}/apples/1", "ORDER#1"),  # takes no such key
        asks("cupboard:Open", SHOP),  # no such service
    ],
    ids=str,
)
def test_what_aws_could_not_be_asked_is_an_error_and_no_denial(judge: Simulator, request_: Request) -> None:
    with pytest.raises(Unjudged):
        judge.judge([request_], account=ACCOUNT)


def test_a_policy_that_aws_would_refuse_is_an_error_and_no_denial(judge: Simulator) -> None:
    broken = Account(roles={"Clerk": [policy("ReadTheShop", "dynamodb:GetItem", on=SHOP, effect="Alow")]}, attached={})

    with pytest.raises(Unjudged):
        judge.judge([asks("dynamodb:GetItem", SHOP, "ORDER#1")], account=broken)


def test_all_of_aws_is_known(judge: Simulator) -> None:
    services = judge.services()

    assert {"dynamodb", "iam", "kms", "lambda", "logs", "s3", "secretsmanager", "sqs", "sts"} < set(services)
    assert sum(len(judge.actions_of(service)) for service in services) > 20_000
