"""The functions, routes and sources of template.yaml, with this machine's adapters.

`tests/local/test_template.py` holds the two together.
"""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from stat import S_ISREG
from typing import cast

from starlette.routing import BaseRoute

from infra.local.docs import PATH as DOCS_PATH
from infra.local.folder import LocalFolder
from infra.local.gateway import ApiRoute
from infra.local.lambda_context import REGION
from infra.local.pool import FunctionSpec
from infra.local.pumps import Change, StoredObject
from infra.local.stack import Plan, QueueSource, StreamSource, UploadSource
from shared.domain.notices import TOLD
from shared.storage.engine import Table
from shared.storage.queues.folder import FolderQueue
from shared.storage.sqlite.engine import SqliteEngine
from shared.storage.sqlite.feed import Change as TableChange
from shared.storage.sqlite.feed import ChangeFeed

AUDIENCE = "merchant-mcp"
BUCKET = "local"
LOG_ORIGIN = "merchant-mcp/local"
GITHUB_KEYS_URL = "https://api.github.com/meta/public_keys/secret_scanning"
"""It is asked when a report signed by GitHub comes, and not before."""
UPLOADS = "raw"
NOTICES = "core-notices"
"""Of which stream, and for what: positions are kept by this name."""


def function(name: str, *, processes: int, timeout: float, memory_mb: int = 1769) -> FunctionSpec:
    """Lay out a function of the product."""
    handler = f"functions.{name}.handler.handler"
    return FunctionSpec(name=name, handler=handler, processes=processes, timeout=timeout, memory_mb=memory_mb)


FUNCTIONS = (
    function("mcp_server", processes=2, timeout=15),
    function("token_api", processes=1, timeout=25),
    function("projector", processes=1, timeout=900, memory_mb=3008),
    function("sealer", processes=1, timeout=55),
    function("sweeper", processes=1, timeout=55),
    function("importer", processes=1, timeout=900, memory_mb=3008),
    function("notifier", processes=1, timeout=300),
)

ROUTES = (
    ApiRoute("ANY /mcp", "mcp_server"),
    ApiRoute("GET /.well-known/oauth-protected-resource", "mcp_server"),
    ApiRoute("GET /.well-known/oauth-protected-resource/mcp", "mcp_server"),
    ApiRoute("POST /v1/tokens/report-leak", "token_api"),
    ApiRoute("POST /v1/tokens/report-leak/github", "token_api"),
    ApiRoute("ANY /v1/{proxy+}", "token_api"),
    ApiRoute("GET /", "token_api"),
    ApiRoute("GET /auth/callback", "token_api"),
    ApiRoute("ANY /auth/{proxy+}", "token_api"),
    ApiRoute("ANY /dashboard/{proxy+}", "token_api"),
    ApiRoute("GET /oauth/authorize", "token_api"),
    ApiRoute("POST /oauth/token", "token_api"),
    ApiRoute("POST /oauth/register", "token_api"),
    ApiRoute("ANY /oauth/{proxy+}", "token_api"),
    ApiRoute("ANY /.well-known/oauth-authorization-server", "token_api"),
    ApiRoute("ANY /.well-known/oauth-authorization-server/{proxy+}", "token_api"),
    ApiRoute("$default", "mcp_server"),
)

STORE = ("STORE", "SQLITE_PATH")
ADDRESSES = ("PUBLIC_URL", "DOCS_URL")
SETTINGS = {
    "mcp_server": (*STORE, *ADDRESSES, "KEYS_FILE", "ARCHIVE_DIR"),
    "token_api": (
        *(*STORE, *ADDRESSES, "KEYS_FILE", "ARCHIVE_DIR", "LOG_ORIGIN"),
        *("OIDC_ISSUER", "OIDC_AUDIENCE", "GITHUB_KEYS_URL", "OBJECTS_DIR"),
    ),
    "projector": (*STORE, "OBJECTS_DIR", "ARCHIVE_DIR"),
    "sealer": (*STORE, "ARCHIVE_DIR", "SIGNING_KEY_FILE", "LOG_ORIGIN"),
    "sweeper": (*STORE, "KEYS_FILE"),
    "importer": (*STORE, "OBJECTS_DIR", "KEYS_FILE", "QUEUE_DIR"),
    "notifier": (*STORE, *ADDRESSES, "MAILBOX_DIR"),
}
"""Which settings a function gets: those that it needs and no others, as in template.yaml."""


def all_settings(folder: LocalFolder, *, public_url: str, issuer: str) -> dict[str, str]:
    """Give every name that `functions.wiring` reads on this machine."""
    return {
        "STORE": "sqlite",
        "SQLITE_PATH": str(folder.database),
        "OBJECTS_DIR": str(folder.objects / BUCKET),
        "QUEUE_DIR": str(folder.queue),
        "ARCHIVE_DIR": str(folder.archive),
        "KEYS_FILE": str(folder.token_keys),
        "SIGNING_KEY_FILE": str(folder.signing_key),
        "LOG_ORIGIN": LOG_ORIGIN,
        "MAILBOX_DIR": str(folder.mailbox),
        "PUBLIC_URL": public_url,
        "DOCS_URL": public_url + DOCS_PATH,
        "OIDC_ISSUER": issuer,
        "OIDC_AUDIENCE": AUDIENCE,
        "GITHUB_KEYS_URL": GITHUB_KEYS_URL,
    }


def environment_of(name: str, settings: dict[str, str]) -> dict[str, str]:
    """Give the whole environment of a function's processes: its settings, and what Lambda itself sets."""
    machine = {key: os.environ[key] for key in ("PATH", "TMPDIR") if key in os.environ}
    lambdas_own = {"AWS_LAMBDA_FUNCTION_NAME": name, "AWS_REGION": REGION, "LANG": "C.UTF-8", "TZ": "UTC"}
    return {**machine, **lambdas_own, **{key: settings[key] for key in SETTINGS[name]}}


def local_plan(
    folder: LocalFolder,
    *,
    settings: dict[str, str],
    own_routes: Sequence[BaseRoute],
    remap_www_authenticate: bool,
) -> Plan:
    """Lay out the stack of this machine."""
    engine = SqliteEngine(folder.database)
    feed = engine.changes()
    bucket = folder.objects / BUCKET
    return Plan(
        functions=FUNCTIONS,
        environment=lambda name: environment_of(name, settings),
        routes=ROUTES,
        own_routes=own_routes,
        streams=[*(stream(table, feed) for table in Table), told_of(feed)],
        uploads=[UploadSource(bucket=BUCKET, function="importer", look=lambda: uploads_in(bucket))],
        queues=[QueueSource(name="imports", function="importer", waiting=FolderQueue(folder.queue).waiting)],
        scheduled=["sweeper", "sealer"],
        purge=engine.purge,
        trim=feed.trim,
        remap_www_authenticate=remap_www_authenticate,
    )


def stream(table: Table, feed: ChangeFeed) -> StreamSource:
    """Lead a table's changes to the projector."""

    def wanted(change: Change) -> bool:
        change = cast("TableChange", change)
        return change.table is table and (table is not Table.FACTS or marks_a_month(change))

    return StreamSource(
        name=table, function="projector", read=lambda after, limit: feed.read(after, limit=limit), wanted=wanted
    )


def told_of(feed: ChangeFeed) -> StreamSource:
    """Lead the events that people are told of to the notifier, at a pace of its own."""

    def wanted(change: Change) -> bool:
        change = cast("TableChange", change)
        return change.table is Table.CORE and may_be_told(change)

    return StreamSource(
        name=NOTICES, function="notifier", read=lambda after, limit: feed.read(after, limit=limit), wanted=wanted
    )


def may_be_told(change: TableChange) -> bool:
    """Tell the events that may lead to a notice from other rows, like the stream's filter in template.yaml."""
    record = change.record
    return record["eventName"] == "INSERT" and record["dynamodb"]["NewImage"].get("type", {}).get("S") in TOLD


def marks_a_month(change: TableChange) -> bool:
    """Tell the marks that a month must be folded anew from other facts, like the stream's filter in template.yaml."""
    record = change.record
    return record["eventName"] != "REMOVE" and record["dynamodb"]["Keys"]["pk"]["S"].endswith("#DIRTY")


def uploads_in(bucket: Path) -> list[StoredObject]:
    """Find what was uploaded, oldest first."""
    found: list[tuple[int, StoredObject]] = []
    for path in (bucket / UPLOADS).rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # deleted between the listing and this look
            stat = path.stat()
            key = path.relative_to(bucket).as_posix()
            if S_ISREG(stat.st_mode):
                stamp = f"{stat.st_mtime_ns}-{stat.st_size}"
                found.append((stat.st_mtime_ns, StoredObject(key=key, size=stat.st_size, stamp=stamp)))
    return [stored for _, stored in sorted(found, key=lambda entry: entry[0])]
