"""What built functions find around them outside of AWS: tables, files, keys, an issuer, and work for each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import boto3  # noqa: TID251 - this file is the wiring of the emulated functions

from functions.wiring import now
from infra.emulator.account import CREDENTIALS
from infra.emulator.ministack import ministack
from infra.local.folder import LocalFolder
from infra.local.functions import AUDIENCE, SETTINGS, all_settings
from shared.services.create_token import NewToken
from shared.services.credentials.keys import DataKeys
from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.services.imports.import_upload import Importer, import_upload
from shared.services.manage_contacts import set_contact
from shared.services.trail.account_calls import GRACE
from shared.storage.contracts.calls import CountedCall
from shared.storage.contracts.objects import ObjectStore
from shared.storage.dynamodb.engine import DynamoEngine
from shared.storage.dynamodb.tables import create_tables
from shared.storage.engine import Engine, Table
from shared.storage.objects.folder import FolderObjects
from shared.storage.objects.s3 import S3Objects
from shared.storage.rows.imports import StoredImports
from shared.storage.rows.rollups import StoredRollups
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.memory_queue import MemoryQueue
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, origin, token, workspace
from tests.doors.events import event
from tests.doors.uploads import upload
from tests.storage.clients import dynamodb_at
from tests.transports.http.issuer import LoopbackIssuer

PUBLIC_URL = "https://mcp.test"
DATA_KEYS = {"1": "data keys of the tests: " * 3}
REGION = "us-east-1"
SENDER = "notices@merchant.example"
BUCKET, ARCHIVE = "merchant-mcp", "merchant-mcp-archive"
A_KEY_THAT_IS_NOT_ASKED = {
    "SIGNING_KEY_ARN": "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555",
    "AWS_DEFAULT_REGION": REGION,
}
LONGER_THAN_THE_GRACE = timedelta(minutes=2) + GRACE
"""That a call has before it is looked for."""
PRICE = "100.00"
"""What each order comes to. The first is imported and folded from the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The storage of a stack with a workspace in it that has figures, and how functions are told of it."""

    stores: Stores = field(repr=False)
    objects: ObjectStore
    token: NewToken = field(repr=False)
    issuer: LoopbackIssuer
    environment: Mapping[str, Mapping[str, str]] = field(repr=False)
    """Function -> its environment."""
    importer: Importer = field(repr=False)
    _numbers: count[int] = field(default_factory=lambda: count(1), repr=False)

    def event_for(self, function: str) -> dict[str, Any]:
        """Make work for a function, the same each time, and give the event that tells it so."""
        match function:
            case "mcp_server":
                return event("mcp_tools_call_2026_07_28", token=self.token.text)
            case "token_api":
                return event("rest_list_tokens", owner_bearer=self.issuer.bearer("olivia", now=now()))
            case "projector":
                workspace_id = self._another_workspace()
                self.import_an_order(workspace_id)
                return event("stream_facts", workspace_id=workspace_id)
            case "sweeper":
                token(self.stores, workspace_id=self._another_workspace(), days=30, at=now() - 31 * A_DAY)
                return event("schedule_sweep")
            case "sealer":
                # A lost call to account for: rows to be sealed would want a key of KMS, which files have not.
                at, workspace_id = now() - LONGER_THAN_THE_GRACE, self._another_workspace()
                lost = CountedCall(token_id=self.token.token.token_id, number=next(self._numbers), at=at)
                self.stores.counted_calls.mark(workspace_id, [lost], now=at, name="lost")
                return event("schedule_seal")
            case "importer":
                return event("s3_object_created", raw_key=self.upload_an_order(self._another_workspace()))
            case "notifier":
                workspace_id = self._another_workspace()
                self._reach_the_owner(workspace_id)
                leaked = token(self.stores, workspace_id=workspace_id, at=now()).token.token_id
                told = event("stream_notice", workspace_id=workspace_id, token_id=leaked)
                told["Records"][0]["dynamodb"]["NewImage"]["id"]["S"] = f"event-{leaked}"  # one that was not told yet
                return told
            case _:
                raise LookupError(f"what gives {function} work to do?")

    def upload_an_order(self, workspace_id: str) -> str:
        """Put a file with one more order where the importer finds it, and give its key."""
        orders = {str(next(self._numbers)): PRICE}
        with TemporaryDirectory() as folder:
            return upload(orders, objects=self.objects, folder=Path(folder), workspace_id=workspace_id)

    def import_an_order(self, workspace_id: str) -> None:
        """Import one more order, which waits to be folded into figures."""
        import_upload(self.upload_an_order(workspace_id), request_id="import", tools=self.importer)

    def _reach_the_owner(self, workspace_id: str) -> None:
        set_contact(
            "mem_olivia",
            "olivia@shop.example",
            workspace_id=workspace_id,
            actor_id=None,
            origin=origin(),
            now=now(),
            workspaces=self.stores.workspaces,
            contacts=self.stores.contacts,
        )

    def _another_workspace(self) -> str:
        """Give a workspace as empty as the one before, of people of its own, so that all events are the same work."""
        workspace_id = f"wks_1{next(self._numbers):03}"
        workspace(self.stores, workspace_id)
        return workspace_id


def did_its_work(function: str, answer: Any) -> bool:  # noqa: ANN401 - a function answers what it likes
    """Tell whether a function's answer says that it did what `event_for` gave it to do."""
    match function, answer:
        case "mcp_server", {"statusCode": 200, "body": str(body)}:
            return json.loads(body)["result"]["isError"] is False
        case "token_api", {"statusCode": 200, "body": str(body)}:
            return bool(json.loads(body)["data"])
        case "projector" | "notifier", _:
            return answer == {"batchItemFailures": []}
        case "sweeper", {"happened": {"token.expired": int(expired)}}:
            return expired > 0
        case "sealer", {"accounted": {"unaccounted": int(unaccounted)}}:
            return unaccounted > 0
        case _:
            return (function, answer) == ("importer", None)


@contextmanager
def files(path: Path) -> Generator[Surroundings]:
    """Keep everything in a folder, with the adapters of `make run`."""
    folder = LocalFolder(path=path)
    folder.token_keys.write_text(json.dumps({"credential": dict(KEYS.roots), "data": DATA_KEYS}), encoding="utf-8")
    with LoopbackIssuer() as issuer, closing(SqliteEngine(folder.database)) as engine:
        values = all_settings(folder, public_url=PUBLIC_URL, issuer=issuer.url)
        told = {function: {name: values[name] for name in names} for function, names in SETTINGS.items()}
        told["sealer"] |= A_KEY_THAT_IS_NOT_ASKED  # what reads the one in the file is not carried by what is built
        del told["sealer"]["SIGNING_KEY_FILE"]
        yield with_a_workspace(
            engine,
            objects=FolderObjects(Path(values["OBJECTS_DIR"])),
            issuer=issuer,
            environment=told,
        )


@contextmanager
def emulated_aws(path: Path) -> Generator[Surroundings]:
    """Keep everything in MiniStack, with the adapters of AWS: boto3, DynamoDB, S3, Secrets Manager."""
    tables = {table: f"{table}-table" for table in Table}
    with ministack(path) as account, LoopbackIssuer() as issuer:
        address = account.plain_address  # so that its own TLS costs no call anything

        def client(service: str) -> Any:  # noqa: ANN401 - boto3 makes the class of a client at run time
            make = cast("Callable[..., Any]", boto3.client)
            return make(service, region_name=REGION, endpoint_url=address, **CREDENTIALS)

        dynamodb = client("dynamodb")
        create_tables(dynamodb, tables)
        for bucket in (BUCKET, ARCHIVE):
            client("s3").create_bucket(Bucket=bucket)
        key = client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        for name, roots in (("credential", KEYS.roots), ("data", DATA_KEYS)):
            client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(dict(roots)))
        client("sesv2").create_email_identity(EmailIdentity=SENDER)
        values = {
            "AWS_ENDPOINT_URL": address,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            **{name.upper(): value for name, value in CREDENTIALS.items()},
            "STORE": "dynamodb",
            **{f"{table.upper()}_TABLE": name for table, name in tables.items()},
            "BUCKET": BUCKET,
            "ARCHIVE_BUCKET": ARCHIVE,
            "SIGNING_KEY_ARN": key,
            "LOG_ORIGIN": "merchant-mcp/bench",
            "IMPORT_QUEUE_URL": client("sqs").create_queue(QueueName="parts")["QueueUrl"],
            "NOTICE_TOPIC_ARN": client("sns").create_topic(Name="notices")["TopicArn"],
            "NOTICE_SENDER": SENDER,
            "CREDENTIAL_KEYS_SECRET_ARN": "credential",
            "DATA_KEYS_SECRET_ARN": "data",
            "PUBLIC_URL": PUBLIC_URL,
            "DOCS_URL": f"{PUBLIC_URL}/docs",
            "OIDC_ISSUER": issuer.url,
            "OIDC_AUDIENCE": AUDIENCE,
            "GITHUB_KEYS_URL": "http://127.0.0.1:9/keys",
        }
        yield with_a_workspace(
            DynamoEngine(dynamodb_at(address), tables),
            objects=S3Objects(client("s3"), bucket=BUCKET),
            issuer=issuer,
            environment=dict.fromkeys(SETTINGS, values),
        )


def with_a_workspace(
    engine: Engine, *, objects: ObjectStore, issuer: LoopbackIssuer, environment: Mapping[str, Mapping[str, str]]
) -> Surroundings:
    """Make a workspace whose tools have figures to answer from."""
    stores, rollups = Stores.over(engine), StoredRollups(engine)
    workspace(stores, issuer=issuer.url)
    made = Surroundings(
        stores=stores,
        objects=objects,
        token=token(stores, at=now()),
        issuer=issuer,
        environment=environment,
        importer=Importer(
            imports=StoredImports(engine),
            figures=rollups,
            rollups=rollups,
            objects=objects,
            keys=DataKeys.of(DATA_KEYS),
            queue=MemoryQueue(),
            clock=now,
        ),
    )
    made.import_an_order("wks_1")
    fold_workspace("wks_1", tools=Folder(rollups=rollups, figures=rollups, objects=objects))
    return made
