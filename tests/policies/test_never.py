"""What must not be possible is not, to any role; and two things not even to who may otherwise do everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.policies.never import Never
from tests.policies.never_elsewhere import ELSEWHERE
from tests.policies.never_in_rows import IN_ROWS
from tests.policies.never_in_tables import IN_TABLES, TOKEN
from tests.policies.places import ROLES, places
from tests.policies.simulator import ANYTHING, Account, Policy, Request, Simulator, Verdict
from tests.sam.stack import ACCOUNT, Stack, table_arn
from tests.sam.test_what_is_kept import WAYS_TO_CHANGE_A_ROW

ADMINISTRATOR: Policy = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}

OPEN: Policy = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    ],
}
"""What KMS gives a key that is made without a policy."""


def requests_of(line: Never, role: str, *, judge: Simulator, stack: Stack) -> list[Request]:
    named = [
        each
        for action in line.actions
        for each in (judge.actions_of(action[:-2]) if action.endswith(":*") else [action])
    ]
    return [
        Request(
            role=role,
            action=action,
            resource=ANYTHING if place == ANYTHING else places(stack)[place],
            keys=(key,) if key else (),
        )
        for action in named
        for place in line.on
        for key in line.keys
    ]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("line", [*IN_TABLES, *IN_ROWS, *ELSEWHERE], ids=lambda line: line.what)
def test_no_role_but_those_whose_work_it_is_may(
    judge: Simulator, account: Account, stack: Stack, line: Never, role: str
) -> None:
    asked = requests_of(line, role, judge=judge, stack=stack)
    judged = dict(zip(asked, judge.judge(asked, account=account), strict=True))

    may = {str(request) for request, judgement in judged.items() if judgement.verdict is Verdict.ALLOWED}
    assert may == ({str(request) for request in asked} if role in line.but else set())


# --- an administrator -------------------------------------------------------------------------------------------------


@pytest.fixture
def with_administrator(account: Account) -> Account:
    return replace(account, roles={"Administrator": [ADMINISTRATOR]})


@pytest.mark.parametrize("action", sorted(WAYS_TO_CHANGE_A_ROW))
def test_not_even_an_administrator_changes_a_row_of_the_trail(
    judge: Simulator, with_administrator: Account, action: str
) -> None:
    there, elsewhere = judge.judge(
        [
            Request(role="Administrator", action=action, resource=table_arn(table), keys=(key,))
            for table, key in (("AuditTable", "W#wks_1#2026-11-21"), ("CoreTable", TOKEN))
        ],
        account=with_administrator,
    )

    assert (there.verdict, there.by) == (Verdict.FORBIDDEN, ("NoRowIsChangedOrDeleted",))
    assert elsewhere.verdict is Verdict.ALLOWED


@pytest.mark.parametrize(
    ("action", "place"),
    [
        ("s3:GetObject", "Bucket/raw"),
        ("s3:PutObject", "Bucket/facts"),
        ("s3:DeleteObject", "Bucket/elsewhere"),
        ("s3:ListBucket", "Bucket"),
        ("s3:PutBucketPolicy", "Bucket"),
        ("s3:GetObject", "Archive/trail"),
    ],
)
def test_not_even_an_administrator_reaches_a_bucket_over_plain_http(
    judge: Simulator, with_administrator: Account, stack: Stack, action: str, place: str
) -> None:
    asked = Request(role="Administrator", action=action, resource=places(stack)[place])
    over_tls, plain = judge.judge([asked, replace(asked, over_tls=False)], account=with_administrator)

    assert (plain.verdict, plain.by) == (Verdict.FORBIDDEN, ("OnlyOverTls",))
    assert over_tls.verdict is Verdict.ALLOWED


@pytest.mark.parametrize(
    "action", ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject"]
)
def test_not_even_an_administrator_empties_the_archive_or_adds_to_it(
    judge: Simulator, with_administrator: Account, stack: Stack, action: str
) -> None:
    there, elsewhere = judge.judge(
        [
            Request(role="Administrator", action=action, resource=places(stack)[place])
            for place in ("Archive/trail", "Bucket/facts")
        ],
        account=with_administrator,
    )

    assert there.verdict is Verdict.FORBIDDEN
    assert elsewhere.verdict is Verdict.ALLOWED


def test_not_even_an_administrator_signs_the_log(judge: Simulator, with_administrator: Account, stack: Stack) -> None:
    signing, looking, elsewhere = judge.judge(
        [
            Request(role="Administrator", action=action, resource=places(stack)[place])
            for action, place in (
                ("kms:Sign", "SigningKey"),
                ("kms:GetPublicKey", "SigningKey"),
                ("kms:Sign", "a key of KMS"),
            )
        ],
        account=replace(
            with_administrator, attached={**with_administrator.attached, places(stack)["a key of KMS"]: OPEN}
        ),
    )

    assert signing.verdict is Verdict.NOT_ALLOWED
    assert (looking.verdict, elsewhere.verdict) == (Verdict.ALLOWED, Verdict.ALLOWED)


def test_the_importer_is_denied_plain_http_too(judge: Simulator, account: Account, stack: Stack) -> None:
    asked = Request(role="ImporterRole", action="s3:GetObject", resource=places(stack)["Bucket/raw"], over_tls=False)

    (judgement,) = judge.judge([asked], account=account)

    assert judgement.verdict is Verdict.FORBIDDEN
