"""A whole product in one process: both doors and the command line over one store in memory, with what they remember."""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mangum import Mangum
from typer.main import get_command

from functions.projector.changes import Following
from functions.settings import Settings
from functions.wiring import Wiring
from shared.services.credentials.keys import CredentialKeys, DataKeys
from shared.services.credentials.verified import VerifiedCredentials
from shared.services.denials import Denials
from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.services.follow_use import UseFollower
from shared.services.gate import Gate
from shared.services.grants.client_documents import ClientDocuments
from shared.services.imports.import_upload import Importer, import_upload
from shared.services.imports.names import read_raw_key
from shared.services.sweep import sweep
from shared.services.verify_token import verify_token
from shared.storage.attributes import item_of
from shared.storage.contracts.objects import ObjectStore
from shared.storage.engine import Delete, Engine, Item, Key, Table
from shared.storage.rows.subjects import StoredSubjects
from shared.storage.rows.tokens import StoredTokens
from shared.storage.sqlite.engine import SqliteEngine
from shared.storage.sqlite.file import SqliteFile
from shared.transports.cli.app import build_app as build_cli
from shared.transports.http.app import TEXT_TYPES
from shared.transports.http.app import build_app as build_rest
from shared.transports.http.bearer import MemberBearers
from shared.transports.http.collaborators import Collaborators
from shared.transports.issuer import Issuer
from shared.transports.mcp.app import build_app as build_mcp
from shared.transports.stream import take_changes
from shared.transports.web.app import TEXT_TYPES as TEXT_TYPES_OF_PAGES
from shared.transports.web.app import build_pages
from shared.transports.web.oauth.fetch_document import FetchDocument
from shared.transports.web.parts import WebParts
from shared.transports.web.walls import Walled
from tests.data.memory_objects import MemoryObjects
from tests.data.memory_queue import MemoryQueue
from tests.data.merchants import KEYS as DATA_KEYS
from tests.data.tenants import KEYS
from tests.transports.http.api import DOCS_URL, PUBLIC_URL
from tests.transports.http.issuer import AUDIENCE
from tests.transports.mcp.shop import PLACE, Clock
from tests.walls.asking import Answer, Ask, CommandAsk, HttpAsk, command_answer, http_answer
from tests.walls.github import KnownKeys
from tests.walls.tenants import TENANTS, Side, whose
from tests.walls.vocabulary import Door

Rows = Mapping[tuple[str, str, str], Item]


class Chance:
    """Dice in place of the standard library's: the same question has the same ids drawn in every world."""

    def __init__(self) -> None:
        self._dice = random.Random(0)

    def throw_anew(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def randbelow(self, bound: int) -> int:
        return self._dice.randrange(bound)

    def token_hex(self, nbytes: int) -> str:
        return self._dice.randbytes(nbytes).hex()

    def token_urlsafe(self, nbytes: int) -> str:
        return base64.urlsafe_b64encode(self._dice.randbytes(nbytes)).decode().rstrip("=")


class CopiedEngine(SqliteEngine):
    """SQLite in memory that can become a copy of another, and show everything that it holds."""

    @property
    def file(self) -> SqliteFile:
        return self._file

    def become(self, other: CopiedEngine) -> None:
        with other.file.reading() as source, self.file.reading() as target:
            source.backup(target)

    def rows(self) -> Rows:
        with self.file.reading() as connection:
            found = connection.execute("SELECT tbl, pk, sk, item FROM items")
            return {(tbl, pk, sk): json.loads(item) for tbl, pk, sk, item in found}


class Arriving(MemoryObjects):
    """The bucket of a stack that runs: what arrives is imported and folded at once."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.wiring: Wiring | None = None

    def put_file(self, key: str, source: Path) -> None:
        super().put_file(key, source)
        raw = read_raw_key(key)
        if raw is None or self.wiring is None:
            return
        on = self.wiring
        tools = Importer(
            imports=on.imports,
            figures=on.figures,
            rollups=on.rollups,
            objects=self,
            keys=on.data_keys,
            queue=MemoryQueue(),
            clock=self._clock,
        )
        import_upload(key, request_id=f"import-{raw.upload_id}", tools=tools)
        fold_workspace(raw.workspace_id, tools=Folder(rollups=on.rollups, figures=on.figures, objects=self))


@dataclass(frozen=True)
class Inside(Wiring):
    """The product's own wiring, over what lies in memory."""

    memory: CopiedEngine = field(default_factory=CopiedEngine)
    bucket: ObjectStore = field(default_factory=MemoryObjects)
    sealed: MemoryObjects = field(default_factory=MemoryObjects)

    @cached_property
    def engine(self) -> Engine:
        return self.memory

    @cached_property
    def objects(self) -> ObjectStore:
        return self.bucket

    @cached_property
    def archive(self) -> ObjectStore:
        return self.sealed

    @cached_property
    def credential_keys(self) -> CredentialKeys:
        return KEYS

    @cached_property
    def data_keys(self) -> DataKeys:
        return DATA_KEYS


class World:
    """A deployment. Each door is one container, which serves every tenant; what they remember of tokens they share."""

    def __init__(self, *, issuer: str, bearers: MemberBearers, clock: Clock, chance: Chance) -> None:
        self.clock = clock
        self._chance = chance
        self.engine = CopiedEngine()
        self._bucket = Arriving(clock)
        self.inside = Inside(
            Settings(values={"STORE": "sqlite", "OIDC_ISSUER": issuer}), memory=self.engine, bucket=self._bucket
        )
        self._bucket.wiring = self.inside
        self.gate = Gate(
            keys=KEYS,
            tokens=StoredTokens(self.engine),
            subjects=StoredSubjects(self.engine),
            audit=self.inside.audit,
        )
        self.collaborators = Collaborators(
            keys=KEYS,
            tokens=self.inside.tokens,
            workspaces=self.inside.workspaces,
            contacts=self.inside.contacts,
            trail=self.inside.trail,
            replies=self.inside.replies,
            evidence=self.inside.evidence,
            imports=self.inside.imports,
            figures=self.inside.figures,
            alerts=self.inside.alerts,
            open_objects=lambda: self.inside.objects,
            gate=self.gate,
            bearers=bearers,
            github_keys=KnownKeys(),
            now=clock,
            public_url=PUBLIC_URL,
            docs_url=DOCS_URL,
        )
        self.pages = build_pages(self._parts())
        self._site = Mangum(
            Walled(self.pages),
            lifespan="off",
            text_mime_types=list(TEXT_TYPES_OF_PAGES),
        )
        self._rest = Mangum(build_rest(self.collaborators), lifespan="off", text_mime_types=list(TEXT_TYPES))
        self.program = get_command(build_cli(lambda _: self.inside, now=clock, operator="kim"))
        self._begin_container(VerifiedCredentials())

    def _parts(self) -> WebParts:
        given = self.collaborators
        return WebParts(
            keys=given.keys,
            tokens=given.tokens,
            workspaces=given.workspaces,
            sessions=self.inside.sessions,
            codes=self.inside.codes,
            contacts=given.contacts,
            trail=given.trail,
            replies=given.replies,
            evidence=given.evidence,
            imports=given.imports,
            figures=given.figures,
            alerts=given.alerts,
            open_objects=given.open_objects,
            issuer=Issuer(url=self.inside.oidc_issuer, audience=AUDIENCE),
            client_secret=lambda: None,
            documents=ClientDocuments(FetchDocument(allow_loopback=False)),
            now=given.now,
            public_url=given.public_url,
            docs_url=given.docs_url,
        )

    def _begin_container(self, verified: VerifiedCredentials) -> None:
        # The REST app, which takes a tenth of a second to build, stays; what its gate remembers begins anew.
        vars(self.gate.verified).update(vars(verified))
        vars(self.gate.denials).update(vars(Denials()))
        app = build_mcp(
            gate=self.gate,
            workspaces=self.inside.workspaces,
            figures=self.inside.figures,
            trail=self.inside.trail,
            alerts=self.inside.alerts,
            place=PLACE,
            clock=self.clock,
        )
        self._mcp = Mangum(app, lifespan="off")
        self._following = Following(
            folder=Folder(rollups=self.inside.rollups, figures=self.inside.figures, objects=self._bucket),
            uses=UseFollower(tokens=self.inside.tokens, evidence=self.inside.evidence),
            trail=self.inside.trail,
            calls=self.inside.counted_calls,
            now=self.clock,
            meter=self.inside.metrics.tampering,
        )
        self._seen = self.engine.changes().last()

    def meet(self, *tokens: str) -> None:
        """Have the container verify tokens, which takes argon2's time, and count nothing."""
        for text in tokens:
            verify_token(f"Bearer {text}", keys=KEYS, tokens=self.gate.tokens, verified=self.gate.verified)

    def become(self, other: World) -> None:
        """Copy the store, the buckets and what the container had met of another world."""
        self.engine.become(other.engine)
        self._bucket.contents = dict(other._bucket.contents)
        self.inside.sealed.contents = dict(other.inside.sealed.contents)
        self._begin_container(deepcopy(other.gate.verified))

    def forget(self, side: Side) -> None:
        """Take away every row of a tenant and all that is archived of them, as if they had never been here."""
        for table, pk, sk in self.rows_of(side):
            self.engine.write(Delete(table=Table(table), key=Key(pk, sk)))
        for archived in list(self.inside.archive.list(f"trail/{TENANTS[side].workspace_id}/")):
            self.inside.archive.delete(archived.key)
        self._begin_container(VerifiedCredentials())

    def answer(self, ask: Ask, *, seed: int) -> Answer:
        """Ask, and note what it cost and what it changed."""
        self._chance.throw_anew(seed)
        before, first = self.engine.operations.copy(), self.engine.changes().last()
        match ask:
            case HttpAsk():
                answer = self._over_http(ask)
            case CommandAsk():
                answer = self._by_command(ask)
        answer.operations = Counter(self.engine.operations)
        answer.operations.subtract(before)
        answer.written = [item_of(image) for change in self.changes_after(first) for image in _images(change)]
        return answer

    def changes_after(self, sequence: int) -> list[Mapping[str, Any]]:
        """Give the records of the change feed since a place in it."""
        return [change.record for change in self.engine.changes().read(sequence, limit=10_000)]

    def sweep(self) -> Mapping[str, int]:
        """Do what the schedule does, and the tables' time to live, and tell what happened how often."""
        self.engine.purge(self.clock())
        swept = sweep(
            now=self.clock(),
            request_id="sweep",
            keys=KEYS,
            tokens=self.inside.tokens,
            workspaces=self.inside.workspaces,
            evidence=self.inside.evidence,
        )
        assert not swept.more, "a full batch of one would keep the other waiting"
        return swept.happened

    def deliver_streams(self) -> None:
        """Do what the projector does with the changes since the last time, and with what it changes itself."""
        while self._seen < (last := self.engine.changes().last()):
            first, self._seen = self._seen, last
            failed = take_changes({"Records": self.changes_after(first)}, self._following.take)
            assert failed == {"batchItemFailures": []}

    def whose(self, item: Item) -> Side:
        """Say whose row this is; what lies beside a token's own row is the token's."""
        if str(item["pk"]).startswith("TOK#") and item["sk"] == "USE":
            item = self.engine.get(Table.CORE, Key(str(item["pk"]), "STATE")) or item
        return whose(item)

    def rows_of(self, side: Side) -> Rows:
        """Give everything that is stored of one side."""
        return {key: item for key, item in self.engine.rows().items() if self.whose(item) is side}

    def _over_http(self, ask: HttpAsk) -> Answer:
        event: dict[str, Any] = {
            "version": "2.0",
            "rawPath": ask.path,
            "rawQueryString": ask.query,
            "headers": dict(ask.headers),
            "cookies": list(ask.cookies),
            "requestContext": {
                "http": {"method": ask.method, "path": unquote(ask.path), "sourceIp": ask.ip},
                "requestId": ask.request_id,
                "stage": "$default",
            },
            "body": ask.body,
            "isBase64Encoded": False,
        }
        handler = self._mcp if ask.is_mcp else self._site if ask.door is Door.SITE else self._rest
        return http_answer(ask, handler(event, None))  # pyright: ignore[reportArgumentType] - nobody looks at the context

    def _by_command(self, ask: CommandAsk) -> Answer:
        written = BytesIO()  # files are written to standard output as bytes
        out, err = TextIOWrapper(written, encoding="utf-8", newline="\n", write_through=True), StringIO()
        code: object = 0
        with redirect_stdout(out), redirect_stderr(err):
            try:
                self.program(list(ask.words), prog_name="merchant-mcp")
            except SystemExit as ended:
                code = ended.code
        return command_answer(code, written.getvalue().decode(), err.getvalue())


def _images(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    changed = record["dynamodb"]
    return [changed[name] for name in ("OldImage", "NewImage") if name in changed]
