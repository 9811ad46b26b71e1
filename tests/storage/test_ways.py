"""What every way out for notices promises: in Amazon's services, in an emulator of them, and in a folder."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from shared.storage.contracts.notices import Addressee, Mail, MailRefused, Message, Topic, WayBlocked
from shared.storage.notices.aws import SesMail, SnsTopic
from shared.storage.notices.mailbox import Mailbox
from tests.data.examples import NOON

REGION = "us-east-1"
SENDER = "notices@merchant.example"
OLIVIA = Addressee(member_id="mem_olivia", address="o'livia+mcp@shop.example")
ADAM = Addressee(member_id="mem_adam", address="adam@shop.example")
MESSAGE = Message(
    event_id="019aa5c7-0000-7000-8000-000000000001",
    type="token.expired",
    workspace_id="wks_1",
    token_id="tok1",
    at=NOON,
    subject='Token "Wöchentlich ☕ 週次" has expired',
    text='Token:  "Wöchentlich ☕ 週次"\n\nIt expired.\n    POST https://api.test/v1/tokens\n',
)
DOCUMENT = {
    "event_id": MESSAGE.event_id,
    "type": "token.expired",
    "at": "2026-11-21T12:00:00Z",
    "workspace": "wks_1",
    "token": "tok1",
    "subject": MESSAGE.subject,
    "text": MESSAGE.text,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The two ways out, and what has arrived at their ends."""

    topic: Topic
    mail: Mail
    letters: Callable[[], list[tuple[str, str, str]]]
    """To whom, subject and text of each."""
    told: Callable[[], Sequence[tuple[dict[str, Any], dict[str, str] | None]]]
    """What subscribers were told, with the attributes that filters see (None: there are no filters)."""


@pytest.fixture(params=["mailbox", "moto", "ministack"])
def ways(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Ways]:
    match request.param:
        case "mailbox":
            yield of_folder(tmp_path / "mailbox")
        case "moto":
            with mock_aws():
                yield of_aws(request.getfixturevalue("moto_client"), letters=sent_by_moto)
        case _:
            address = request.getfixturevalue("ministack_address")
            yield of_aws(request.getfixturevalue("ministack_client"), letters=lambda: sent_by_ministack(address))


def of_folder(folder: Path) -> Ways:
    mailbox = Mailbox(folder)

    def letters() -> list[tuple[str, str, str]]:
        opened = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]
        return [(letter["To"], letter["Subject"], letter.get_content()) for letter in opened]

    def told() -> list[tuple[dict[str, Any], None]]:
        return [(json.loads(path.read_text()), None) for path in sorted(folder.glob("topic/*.json"))]

    return Ways(topic=mailbox, mail=mailbox, letters=letters, told=told)


def of_aws(client: Callable[[str], Any], *, letters: Callable[[], list[tuple[str, str, str]]]) -> Ways:
    """Make a topic with a queue that has subscribed to it, and a sender that SES knows."""
    sns, sqs, ses = client("sns"), client("sqs"), client("sesv2")
    topic = sns.create_topic(Name=f"notices-{uuid4().hex}")["TopicArn"]
    queue = sqs.create_queue(QueueName=f"notices-{uuid4().hex}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    may = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy_of_queue = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy_of_queue})
    filters = json.dumps({"type": ["token.expired"], "workspace": ["wks_1"]})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": filters})
    ses.create_email_identity(EmailIdentity=SENDER)

    def told() -> list[tuple[dict[str, Any], dict[str, str]]]:
        received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", ())
        envelopes = [json.loads(message["Body"]) for message in received]
        return [
            (
                json.loads(envelope["Message"]),
                {name: found["Value"] for name, found in envelope["MessageAttributes"].items()},
            )
            for envelope in envelopes
        ]

    return Ways(topic=SnsTopic(sns, arn=topic), mail=SesMail(ses, sender=SENDER), letters=letters, told=told)


def sent_by_moto() -> list[tuple[str, str, str]]:
    sent: list[Any] = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return [(letter.destinations["ToAddresses"][0], letter.subject, letter.body) for letter in sent]


def sent_by_ministack(address: str) -> list[tuple[str, str, str]]:
    with urlopen(f"{address}/_ministack/ses/messages") as answer:  # noqa: S310 - our own
        held = json.load(answer)["messages"]  # by account
    return [(each["To"][0], each["Subject"], each["BodyText"]) for sent in held.values() for each in sent]


# --- all of them ------------------------------------------------------------------------------------------------------


def test_a_letter_arrives_as_it_was_written_and_at_nobody_else(ways: Ways) -> None:
    message = replace(MESSAGE, event_id=str(uuid4()))
    before = len(ways.letters())

    ways.mail.send(message, OLIVIA)
    ways.mail.send(message, ADAM)

    assert sorted(ways.letters()[before:]) == [
        (ADAM.address, MESSAGE.subject, MESSAGE.text),
        (OLIVIA.address, MESSAGE.subject, MESSAGE.text),
    ]
    assert ways.told() == []


def test_subscribers_get_a_document_that_they_can_filter_by(ways: Ways) -> None:
    before = len(ways.letters())

    ways.topic.publish(MESSAGE)

    ((document, attributes),) = ways.told()
    assert document == DOCUMENT
    assert attributes in ({"type": "token.expired", "workspace": "wks_1"}, None)
    assert len(ways.letters()) == before


def test_a_notice_of_a_workspace_names_no_token(ways: Ways) -> None:
    ways.topic.publish(replace(MESSAGE, token_id=None))

    ((document, _),) = ways.told()
    assert document == {**DOCUMENT, "token": None}


# --- the folder -------------------------------------------------------------------------------------------------------


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_mailbox_is_for_its_owner_alone(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mailbox")
    mailbox.send(MESSAGE, ADAM)
    mailbox.publish(MESSAGE)

    modes = {path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {
        "mailbox": 0o700,
        "mailbox/topic": 0o700,
        f"mailbox/20261121T120000Z-token.expired-{MESSAGE.event_id}-mem_adam.eml": 0o600,
        f"mailbox/topic/20261121T120000Z-token.expired-{MESSAGE.event_id}.json": 0o600,
    }


def test_a_letter_in_the_mailbox_can_be_read_as_it_lies_there(tmp_path: Path) -> None:
    Mailbox(tmp_path).send(MESSAGE, ADAM)

    (path,) = files_of(tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert f"Message-ID: <{MESSAGE.event_id}.mem_adam@mailbox.localhost>" in lines
    assert "To: adam@shop.example" in lines
    assert "Date: Sat, 21 Nov 2026 12:00:00 +0000" in lines
    assert 'Token:  "Wöchentlich ☕ 週次"' in lines


def test_what_is_sent_twice_lies_there_once(tmp_path: Path) -> None:
    for _ in range(2):
        Mailbox(tmp_path).send(MESSAGE, ADAM)
        Mailbox(tmp_path).publish(MESSAGE)

    assert len(files_of(tmp_path)) == 2


def test_a_folder_that_cannot_be_written_is_a_way_that_is_blocked(tmp_path: Path) -> None:
    (tmp_path / "mailbox").write_text("a file")

    with pytest.raises(WayBlocked):
        Mailbox(tmp_path / "mailbox").send(MESSAGE, ADAM)


# --- AWS --------------------------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Refusing:
    """A client of AWS whose every request ends in the same error."""

    error: Exception

    def publish(self, **_: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        raise self.error

    def send_email(self, **_: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        raise self.error


def refusal(code: str) -> ClientError:
    said = f"Email address is not verified: {ADAM.address}"
    return ClientError({"Error": {"Code": code, "Message": said}}, "SendEmail")


@pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException", "MailFromDomainNotVerifiedException"])
def test_what_ses_will_never_take_is_refused_for_good_without_a_word_of_whom(code: str) -> None:
    with pytest.raises(MailRefused) as refused:
        SesMail(Refusing(error=refusal(code)), sender=SENDER).send(MESSAGE, ADAM)

    assert refused.value.reason == code
    assert "@" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (refusal("TooManyRequestsException"), "TooManyRequestsException"),
        (refusal("LimitExceededException"), "LimitExceededException"),
        (refusal("SendingPausedException"), "SendingPausedException"),
        (refusal("AccountSuspendedException"), "AccountSuspendedException"),
        (refusal("AccessDeniedException"), "AccessDeniedException"),
        (refusal("InternalFailure"), "InternalFailure"),
        (EndpointConnectionError(endpoint_url="https://email"), "EndpointConnectionError"),
    ],
)
def test_everything_else_is_tried_again_and_in_the_end_rings(error: Exception, reason: str) -> None:
    client = Refusing(error=error)
    for send in (
        lambda: SesMail(client, sender=SENDER).send(MESSAGE, ADAM),
        lambda: SnsTopic(client, arn="arn:aws:sns:eu-central-1:123456789012:notices").publish(MESSAGE),
    ):
        with pytest.raises(WayBlocked) as blocked:
            send()
        assert blocked.value.reason == reason
        assert "@" not in str(blocked.value)


def test_a_sender_whom_ses_does_not_know_is_refused_for_good(moto_client: Callable[[str], Any]) -> None:
    with mock_aws(), pytest.raises(MailRefused, match="MessageRejected"):
        SesMail(moto_client("sesv2"), sender="stranger@elsewhere.example").send(MESSAGE, ADAM)
