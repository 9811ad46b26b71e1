"""The one file that reads the environment, keeps the clock and makes clients; every door takes what it needs from here.

Nothing is made before it is asked for, and nothing twice: a door that needs one table opens one table.
What each variable means stands beside the property that reads it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools import Logger

from functions.aws import boto3_client, json_client
from functions.metrics import NAMESPACE, Metrics
from functions.settings import Settings
from functions.stores import Stores
from shared.services.credentials.keys import CredentialKeys, DataKeys, KeysUnusable
from shared.services.gate import Gate
from shared.services.trail.sources import TrailSources
from shared.storage.aws.json_client import DYNAMODB, SECRETS_MANAGER, AwsJsonClient, Refused, Retry, Service
from shared.storage.aws.retries import retry
from shared.storage.contracts.notices import Mail, SentNotices, Topic
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.queues import Queue
from shared.storage.contracts.restoration import Restoration
from shared.storage.contracts.signer import Signer
from shared.storage.engine import Engine, Table
from shared.storage.rows.notices import StoredSentNotices

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from types_boto3_s3 import S3Client

    from shared.storage.notices.mailbox import Mailbox

SQLITE_PATIENCE_SECONDS = 2
"""So long writers of one file wait for each other, in no order; a client waits for five, and a refusal writes, too."""
OF_S3: Mapping[str, Any] = {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}
"""Presigned addresses sign the length and the digest by version 4 alone, and name the bucket's own region only so."""


def now() -> datetime:
    """Tell the time: the only clock of the product."""
    return datetime.now(UTC)


def time_left(context: Any) -> timedelta:  # noqa: ANN401 - Lambda's own
    """Tell how long this invocation may still take."""
    return timedelta(milliseconds=context.get_remaining_time_in_millis())


class BackupMissing(Exception):
    """There is no file or table to restore from; the message says what to name."""


@dataclass(frozen=True)
class Wiring(Stores):
    """The collaborators of the doors, each made when first asked for."""

    settings: Settings
    _clients: list[BaseClient | AwsJsonClient] = field(
        default_factory=list["BaseClient | AwsJsonClient"], init=False, repr=False, compare=False
    )

    # --- storage ------------------------------------------------------------------------------------------------------

    @cached_property
    def engine(self) -> Engine:
        """The three tables: `STORE` is `sqlite` (with `SQLITE_PATH`) or `dynamodb` (with the tables' names)."""
        match self.settings.get("STORE", "dynamodb"):
            case "sqlite":
                from shared.storage.sqlite.engine import SqliteEngine  # noqa: PLC0415 - not needed in AWS

                return SqliteEngine(self.settings.get("SQLITE_PATH"), patience_seconds=SQLITE_PATIENCE_SECONDS)
            case _:
                from shared.storage.dynamodb.conflicts import retry_of_dynamodb  # noqa: PLC0415 - not needed locally
                from shared.storage.dynamodb.engine import DynamoEngine  # noqa: PLC0415 - the same

                names = {table: self.settings.get(f"{table.upper()}_TABLE") for table in Table}
                return DynamoEngine(self._json_client(DYNAMODB, retry_of_dynamodb()), tables=names)

    def restoration(self, backup: str) -> Restoration:
        """Open a backup of the core table beside that in use: a table, or a file of SQLite."""
        from shared.storage.rows.restoration import StoredRestoration  # noqa: PLC0415 - no function restores

        if self.settings.get("STORE", "dynamodb") == "sqlite" and not Path(backup).is_file():
            raise BackupMissing(f"There is no file {backup}: name a copy of a store.db.")
        beside = Wiring(Settings(values={**self.settings.values, "CORE_TABLE": backup, "SQLITE_PATH": backup}))
        restoration = StoredRestoration(self.engine, backup=beside.engine)
        try:
            next(restoration.workspaces(), None)
        except Refused as refused:
            if refused.code != "ResourceNotFoundException":
                raise
            raise BackupMissing(
                f"There is no table {backup}: name the one that the backup was restored to, as it stands in "
                "aws dynamodb list-tables, and in the region of the stack."
            ) from None
        return restoration

    @cached_property
    def objects(self) -> ObjectStore:
        """Files: `OBJECTS_DIR` is a folder, else `BUCKET` names a bucket."""
        return self._objects(folder="OBJECTS_DIR", bucket="BUCKET")

    @cached_property
    def archive(self) -> ObjectStore:
        """The sealed trail: `ARCHIVE_DIR` is a folder, else `ARCHIVE_BUCKET` names a bucket."""
        return self._objects(folder="ARCHIVE_DIR", bucket="ARCHIVE_BUCKET")

    @cached_property
    def import_queue(self) -> Queue:
        """Files that are half imported: `QUEUE_DIR` is a folder, else `IMPORT_QUEUE_URL` names a queue."""
        if self.settings.has("QUEUE_DIR"):
            from shared.storage.queues.folder import FolderQueue  # noqa: PLC0415 - not needed in AWS

            return FolderQueue(Path(self.settings.get("QUEUE_DIR")))
        from shared.storage.queues.sqs import SqsQueue  # noqa: PLC0415 - not needed locally

        return SqsQueue(cast("Any", self._client("sqs")), url=self.settings.get("IMPORT_QUEUE_URL"))

    @property
    def trail(self) -> TrailSources:
        """Where the trail is read."""
        return TrailSources(
            audit=self.audit,
            seals=self.seals,
            index=self.trail_index,
            people=self.people,
            open_archive=lambda: self.archive,
        )

    # --- notices ------------------------------------------------------------------------------------------------------

    @cached_property
    def sent_notices(self) -> SentNotices:
        """Which notices were sent."""
        return StoredSentNotices(self.engine)

    @cached_property
    def topic(self) -> Topic:
        """Who has subscribed to notices: `MAILBOX_DIR` is a folder, else `NOTICE_TOPIC_ARN` names a topic."""
        if self.settings.has("MAILBOX_DIR"):
            return self._mailbox()
        from shared.storage.notices.aws import SnsTopic  # noqa: PLC0415 - not needed locally, nor by most functions

        return SnsTopic(cast("Any", self._client("sns")), arn=self.settings.get("NOTICE_TOPIC_ARN"))

    @cached_property
    def mail(self) -> Mail | None:
        """Letters to members: into `MAILBOX_DIR`, else from `NOTICE_SENDER`; if neither is set, none are written."""
        if self.settings.has("MAILBOX_DIR"):
            return self._mailbox()
        if not self.settings.has("NOTICE_SENDER"):
            return None
        from shared.storage.notices.aws import SesMail  # noqa: PLC0415 - as above

        return SesMail(cast("Any", self._client("sesv2")), sender=self.settings.get("NOTICE_SENDER"))

    # --- metrics ------------------------------------------------------------------------------------------------------

    @cached_property
    def metrics(self) -> Metrics:
        """What is counted, under the name of the stack's own `CORE_TABLE`."""
        return Metrics(self.settings.get("CORE_TABLE", "local"))

    # --- keys ---------------------------------------------------------------------------------------------------------

    @cached_property
    def credential_keys(self) -> CredentialKeys:
        """Peppers and seals, from `CREDENTIAL_KEYS_SECRET_ARN`, or from `KEYS_FILE`."""
        return CredentialKeys.of(self._key_document("credential", "CREDENTIAL_KEYS_SECRET_ARN"))

    @cached_property
    def data_keys(self) -> DataKeys:
        """Keys of customer references, from `DATA_KEYS_SECRET_ARN`, or from `KEYS_FILE`."""
        return DataKeys.of(self._key_document("data", "DATA_KEYS_SECRET_ARN"))

    @cached_property
    def signer(self) -> Signer:
        """The key of the log: `SIGNING_KEY_FILE` is a file, else `SIGNING_KEY_ARN` names a key of KMS."""
        if self.settings.has("SIGNING_KEY_FILE"):
            from shared.storage.signing.key_file import KeyFileSigner  # noqa: PLC0415 - not needed in AWS

            return KeyFileSigner(Path(self.settings.get("SIGNING_KEY_FILE")))
        from shared.storage.signing.kms import KmsSigner  # noqa: PLC0415 - not needed locally

        return KmsSigner(cast("Any", self._client("kms")), arn=self.settings.get("SIGNING_KEY_ARN"))

    @property
    def log_origin(self) -> str:
        """`LOG_ORIGIN`: the name of the log of seals, which its key signs for."""
        return self.settings.get("LOG_ORIGIN")

    # --- services with a memory ---------------------------------------------------------------------------------------

    @cached_property
    def gate(self) -> Gate:
        """The call path; it remembers verified credentials for the life of the container."""
        return Gate(
            keys=self.credential_keys,
            tokens=self.tokens,
            subjects=self.subjects,
            audit=self.audit,
            meter=self.metrics.refusal,
        )

    # --- addresses ----------------------------------------------------------------------------------------------------

    @property
    def public_url(self) -> str:
        """`PUBLIC_URL`: where callers reach the API, without a slash at the end."""
        return self.settings.get("PUBLIC_URL").rstrip("/")

    @property
    def docs_url(self) -> str:
        """`DOCS_URL`: where refusals point to."""
        return self.settings.get("DOCS_URL").rstrip("/")

    @property
    def oidc_issuer(self) -> str:
        """`OIDC_ISSUER`: who signs the bearers of members."""
        return self.settings.get("OIDC_ISSUER")

    @property
    def oidc_audience(self) -> str:
        """`OIDC_AUDIENCE`: whom those bearers are for."""
        return self.settings.get("OIDC_AUDIENCE")

    @cached_property
    def oidc_client_secret(self) -> str | None:
        """What the issuer knows us by besides: in the secret `OIDC_CLIENT_SECRET_ARN` names, which may hold none."""
        if not self.settings.has("OIDC_CLIENT_SECRET_ARN"):
            return None
        match self._secret("OIDC_CLIENT_SECRET_ARN"):
            case {"client_secret": str() as secret} if secret:
                return secret
            case kept if kept == {}:
                return None
            case _:
                raise KeysUnusable('the secret of the issuer\'s client is neither {"client_secret": "..."} nor {}')

    @property
    def trusts_loopback_clients(self) -> bool:
        """`OAUTH_LOOPBACK_CLIENTS`: whether documents of clients may lie on this machine; 1 in tests alone."""
        return self.settings.get("OAUTH_LOOPBACK_CLIENTS", "") == "1"

    @property
    def github_keys_url(self) -> str:
        """`GITHUB_KEYS_URL`: where GitHub publishes the keys that its secret scanning signs reports with."""
        return self.settings.get("GITHUB_KEYS_URL")

    # --- clients ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections to AWS."""
        for client in self._clients:
            client.close()

    def _objects(self, *, folder: str, bucket: str) -> ObjectStore:
        if self.settings.has(folder):
            from shared.storage.objects.folder import FolderObjects  # noqa: PLC0415 - not needed in AWS

            return FolderObjects(Path(self.settings.get(folder)), reached_at=self.settings.get("PUBLIC_URL", ""))
        from shared.storage.objects.s3 import S3Objects  # noqa: PLC0415 - not needed locally

        return S3Objects(cast("S3Client", self._client("s3", OF_S3)), bucket=self.settings.get(bucket))

    def _mailbox(self) -> Mailbox:
        from shared.storage.notices.mailbox import Mailbox  # noqa: PLC0415 - not needed in AWS

        return Mailbox(Path(self.settings.get("MAILBOX_DIR")))

    def _json_client(self, service: Service, retry: Retry) -> AwsJsonClient:
        address = self.settings.get("DYNAMODB_ENDPOINT", "") if service is DYNAMODB else ""
        client = json_client(service, process=environment(), address=address, clock=now, retry=retry)
        self._clients.append(client)
        return client

    def _client(self, service: str, settings: Mapping[str, Any] = MappingProxyType({})) -> BaseClient:
        client = boto3_client(service, settings)
        self._clients.append(client)
        return client

    def _key_document(self, part: str, secret: str) -> Mapping[str, str]:
        if self.settings.has("KEYS_FILE"):
            stored = json.loads(Path(self.settings.get("KEYS_FILE")).read_text(encoding="utf-8")).get(part)
        else:
            stored = self._secret(secret)
        match stored:
            case {**document} if all(isinstance(root, str) for root in document.values()):
                return cast("Mapping[str, str]", document)
            case _:
                raise KeysUnusable(f"the {part} keys are not a JSON object of version and key")

    def _secret(self, name: str) -> Any:  # noqa: ANN401 - what an operator put there
        secrets = self._json_client(SECRETS_MANAGER, retry())
        told = secrets.ask("GetSecretValue", {"SecretId": self.settings.get(name)})
        secrets.close()  # each is asked for once
        return json.loads(told.body["SecretString"])


def _start_logging() -> None:
    """Send what the product logs through Powertools: JSON lines with the fields that `extra` gives."""
    source = Logger(service=NAMESPACE)
    ours = logging.getLogger("shared")
    ours.handlers = source.handlers
    ours.setLevel(logging.INFO)
    ours.propagate = False
    logging.getLogger("mangum").setLevel(logging.WARNING)  # it says of each request what the access log says


def environment() -> Settings:
    """Give the environment of this process."""
    return Settings(values=dict(os.environ))


@cache
def wiring() -> Wiring:
    """Give the wiring of this process, a function's."""
    _start_logging()
    return Wiring(environment())


OF_A_STACK = {
    "CORE_TABLE": "CoreTableName",
    "AUDIT_TABLE": "AuditTableName",
    "FACTS_TABLE": "FactsTableName",
    "BUCKET": "BucketName",
    "ARCHIVE_BUCKET": "ArchiveBucketName",
    "LOG_ORIGIN": "LogOrigin",
    "CREDENTIAL_KEYS_SECRET_ARN": "CredentialKeysArn",
    "DATA_KEYS_SECRET_ARN": "DataKeysArn",
    "OIDC_ISSUER": "OidcIssuer",
    "OIDC_AUDIENCE": "OidcAudience",
}
"""Our name for a setting -> the output or parameter of template.yaml that says it."""


def settings_of_stack(name: str) -> Settings:
    """Read the settings of a deployed stack off CloudFormation, for a program outside of it."""
    cloudformation = cast("Any", boto3_client("cloudformation"))
    stack: dict[str, list[dict[str, str]]] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    said = {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", ())}
    said |= {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}
    return Settings(
        values={"STORE": "dynamodb", **{ours: said[theirs] for ours, theirs in OF_A_STACK.items() if theirs in said}}
    )
