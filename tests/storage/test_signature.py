"""Our signature of a request is the one that botocore makes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import example, given
from hypothesis import strategies as st

from shared.storage.aws.signature import Credentials, RequestSigner

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30)
header_values = st.lists(words, min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from([" ", "  "]).map(lambda gap: gap.join(parts))
)
credentials = st.builds(Credentials, access_key=words, secret_key=words, session_token=st.none() | words)


def signed_by_botocore(
    headers: dict[str, str], body: bytes, *, address: str, region: str, credentials: Credentials, now: datetime
) -> dict[str, str]:
    request: Any = AWSRequest("POST", f"{address}/", data=body, headers=headers)
    own = BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.session_token)
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("botocore.auth.get_current_datetime", lambda: now.replace(tzinfo=None))
        SigV4Auth(own, "dynamodb", region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@given(
    asked=st.tuples(
        st.dictionaries(words.map(lambda word: f"x-{word.lower()}"), header_values, max_size=3), st.binary(max_size=200)
    ),
    host=st.sampled_from(["dynamodb.eu-central-1.amazonaws.com", "127.0.0.1:4566", "example.com"]),
    region=st.sampled_from(["eu-central-1", "us-east-1"]),
    credentials=credentials,
    now=st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is the other
)
@example(
    asked=({"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.GetItem"}, b"{}"),
    host="example.com",
    region="us-east-1",
    credentials=Credentials(access_key="A", secret_key="s", session_token="t"),
    now=NOON,
)
def test_a_request_is_signed_as_botocore_signs_it(
    asked: tuple[dict[str, str], bytes], host: str, region: str, credentials: Credentials, now: datetime
) -> None:
    headers, body = asked
    ours = RequestSigner("dynamodb", region).sign(headers, body, host=host, credentials=credentials, now=now)

    theirs = signed_by_botocore(
        headers, body, address=f"https://{host}", region=region, credentials=credentials, now=now
    )
    assert ours["authorization"] == theirs["authorization"]
    assert ours == {**theirs, "host": host}


def test_the_key_of_a_day_is_not_that_of_the_next_nor_of_other_credentials() -> None:
    signer = RequestSigner("dynamodb", "us-east-1")
    first, second = (Credentials(access_key="A", secret_key=secret) for secret in ("one", "two"))

    for credentials, now in ((first, NOON), (first, NOON + timedelta(days=1)), (second, NOON), (first, NOON)):
        again = signer.sign({}, b"{}", host="example.com", credentials=credentials, now=now)
        anew = RequestSigner("dynamodb", "us-east-1").sign(
            {}, b"{}", host="example.com", credentials=credentials, now=now
        )
        assert again == anew


def test_neither_secret_stands_in_what_is_printed() -> None:
    assert repr(Credentials(access_key="AKIA", secret_key="s3cr3t", session_token="t0k3n")) == (
        "Credentials(access_key='AKIA')"
    )
