"""What the functions log at the finest level, as everything comes in that there is: no secret, and nobody."""

from __future__ import annotations

import json
import logging
import sqlite3
import traceback
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from functions.wiring import now
from infra.local.functions import ROUTES
from shared.services.credentials.token_format import new_token, read_token
from shared.services.imports.names import raw_key
from tests.data.tenants import KEYS
from tests.data.tenants import token as token_of
from tests.doors.events import INVOKE, event, tool_call
from tests.doors.opening import Doors
from tests.transports.http.issuer import LoopbackIssuer
from tests.transports.privacy.people import Person, found_in
from tests.transports.privacy.planting import planted_files

FOLLOWER = {"s3": "importer", "sqs": "importer", "schedule_sweep": "sweeper", "schedule_seal": "sealer"}
"""The beginning of an event's name -> who takes it, where no route says so; of streams all but notices: projector."""
CALLER = Person(77)
"""Who stands in headers, queries, bodies and paths of strangers."""


@dataclass(eq=False)
class Ear:
    """Hears everything that is logged in a process, and how it ended where that is an error of the function's."""

    records: list[logging.LogRecord] = field(default_factory=list[logging.LogRecord])
    raised: list[str] = field(default_factory=list[str])

    def lines(self) -> list[str]:
        """Give what CloudWatch would get of the log."""
        written = LambdaPowertoolsFormatter()
        return [*map(written.format, self.records), *self.raised]


@contextmanager
def listening() -> Generator[Ear]:
    """Hear every logger, whatever it hands on to whom: the functions set up their own anew whenever they begin."""
    ear, make, root = Ear(), logging.getLogRecordFactory(), logging.getLogger()

    def hear(*given: Any, **more: Any) -> logging.LogRecord:  # noqa: ANN401 - whatever logging hands over
        ear.records.append(record := make(*given, **more))
        return record

    level = root.level
    logging.setLogRecordFactory(hear)
    root.setLevel(logging.DEBUG)
    try:
        yield ear
    finally:
        root.setLevel(level)
        logging.setLogRecordFactory(make)


def takes(name: str, happened: Mapping[str, Any]) -> str:
    """Say which function an input is for."""
    if "routeKey" in happened:
        return next(route.function for route in ROUTES if route.key == happened["routeKey"])
    if name.startswith("stream_"):
        return "notifier" if name == "stream_notice" else "projector"
    return next(function for begins, function in FOLLOWER.items() if name.startswith(begins))


class Visitors:
    """Everybody who comes: each with secrets that no log may have."""

    def __init__(self, doors: Doors, issuer: LoopbackIssuer) -> None:
        self._doors = doors
        texts = {name: token_of(doors.stores, at=now()).text for name in ("token", "leaked_token", "revoked_token")}
        good = read_token(texts["token"], KEYS)
        assert good is not None
        guessed = new_token(good.kind, good.token_id, KEYS).text
        self.values = {
            **texts,
            "token_id": good.token_id,
            "owner_bearer": issuer.bearer("olivia", now=now(), claims={"email": CALLER.email, "name": CALLER.name}),
            "workspace_id": "wks_1",
            "alert_id": "2026-11-21.net_revenue",
            "raw_key": "raw/wks_1/nothing",
        }
        self.guessed = {**self.values, "token": guessed, "owner_bearer": self.values["owner_bearer"][:-9] + "forgedsig"}
        self.secrets = {
            *texts.values(),
            guessed,
            *(known.secret for text in (*texts.values(), guessed) if (known := read_token(text, KEYS)) is not None),
            *(self.values["owner_bearer"].split(".")[1:]),
            "forgedsig",
            *(root for name in ("credential", "data") for root in self._keys()[name].values()),
        }

    def _keys(self) -> dict[str, dict[str, str]]:
        return json.loads(Path(self._doors.settings["mcp_server"]["KEYS_FILE"]).read_text(encoding="utf-8"))

    def all_come(self, ear: Ear) -> set[int]:
        """Have every input come, with good credentials and with guessed ones, and give the statuses of answers."""
        statuses: set[int] = set()
        for path in sorted(INVOKE.glob("*.json")):
            for values in (self.values, self.guessed):
                statuses.add(self._hand(ear, path.stem, event(path.stem, **values)))
        for request in self._of_strangers():
            statuses.add(self._hand(ear, "strange", request))
        return statuses

    def _of_strangers(self) -> list[dict[str, Any]]:
        """Give requests that are full of a person, wherever a caller can write."""
        call = tool_call("get_pnl", token=self.values["token"], period=CALLER.everything, nobody=CALLER.contact)
        page = event("page_settings", **self.values)
        listed = event("rest_list_tokens", **self.values)
        strange: list[dict[str, Any]] = [
            call,
            tool_call(CALLER.name, token=self.values["token"]),
            tool_call("pma_query_custom", token=self.values["token"], query=CALLER.contact),
            {**call, "body": CALLER.everything},
            {**call, "headers": {**call["headers"], "user-agent": CALLER.email, "x-name": CALLER.surname}},
            {**call, "headers": {**call["headers"], "authorization": f"Bearer {CALLER.everything}"}},
            {**listed, "headers": {**listed["headers"], "authorization": f"Bearer {CALLER.email}"}},
            {**listed, "rawQueryString": f"cursor={quote(CALLER.email)}&limit={quote(CALLER.name)}"},
            {**event("rest_create_token", **self.values), "body": json.dumps({"name": CALLER.everything, "scopes": 7})},
            {**event("rest_keep_contact", **self.values), "body": json.dumps({"email": CALLER.email})},
            {**page, "headers": {**page["headers"], "cookie": f"__Host-session={CALLER.email}"}},
        ]
        for path in ("/auth/callback", "/oauth/authorize", "/auth/sign-in"):
            said = f"state={quote(CALLER.email)}&code={quote(CALLER.name)}&redirect_uri={quote(CALLER.contact)}"
            http = {**page["requestContext"]["http"], "path": path}
            context = {**page["requestContext"], "http": http}
            strange.append({**page, "rawPath": path, "rawQueryString": said, "requestContext": context})
        return strange

    def _hand(self, ear: Ear, name: str, happened: dict[str, Any]) -> int:
        try:
            answer = self._doors.invoke(takes(name, happened), happened)
        except Exception as error:  # noqa: BLE001 - as Lambda's runtime does, which logs what a function raises
            ear.raised.append("".join(traceback.format_exception(error)))
            return 0
        match answer:
            case {"statusCode": int() as status}:
                return status
            case _:
                return 0


@pytest.fixture
def visitors(doors: Doors, issuer: LoopbackIssuer) -> Visitors:
    return Visitors(doors, issuer)


@contextmanager
def broken(doors: Doors) -> Generator[None]:
    """Take the rows away from under the functions."""
    file = doors.settings["mcp_server"]["SQLITE_PATH"]
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("ALTER TABLE items RENAME TO elsewhere")
    try:
        yield
    finally:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("ALTER TABLE elsewhere RENAME TO items")


def heard(ear: Ear, capsys: pytest.CaptureFixture[str]) -> str:
    """Give all that was written, to any logger or printed."""
    return "\n".join([*ear.lines(), *capsys.readouterr()])


def test_a_secret_and_a_person_would_be_heard(capsys: pytest.CaptureFixture[str]) -> None:
    with listening() as ear:
        logging.getLogger("shared.nowhere").warning("said %s", "something", extra={"why": CALLER.email})
        print(CALLER.phone)  # noqa: T201 - as metrics are

    assert found_in(heard(ear, capsys)) >= {CALLER.phone}
    assert CALLER.email in "\n".join(ear.lines())


def test_no_log_of_any_function_has_a_secret_or_anybody(visitors: Visitors, capsys: pytest.CaptureFixture[str]) -> None:
    with listening() as ear:
        statuses = visitors.all_come(ear)
    log = heard(ear, capsys)

    assert {200, 401, 404, 422} <= statuses
    assert '"Refusals"' in log
    assert [secret for secret in visitors.secrets if secret in log] == []
    assert found_in(log) == set()


def test_nor_when_the_store_is_gone_and_everything_fails(
    doors: Doors, visitors: Visitors, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening() as ear, broken(doors):
        statuses = visitors.all_come(ear)
    log = heard(ear, capsys)

    assert 503 in statuses
    assert "store unavailable" in log
    assert [secret for secret in visitors.secrets if secret in log] == []
    assert found_in(log) == set()


def test_nor_when_files_full_of_people_come_in_whole_and_broken(
    doors: Doors, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening() as ear:
        for number, file in enumerate(planted_files()):
            for name, content in ((f"whole-{number}", file.content), (f"broken-{number}", file.content[::-1])):
                path = tmp_path / name
                path.write_bytes(content)
                doors.objects.put_file(raw_key("wks_1", name), path)
                doors.invoke("importer", event("s3_object_created", raw_key=raw_key("wks_1", name)))
    log = heard(ear, capsys)

    assert '"RefusedImports"' in log
    assert found_in(log) == set()


def test_what_went_wrong_is_logged_with_the_id_of_its_request_and_why(doors: Doors, visitors: Visitors) -> None:
    call = tool_call("get_pnl", token=visitors.values["token"])
    with listening() as ear, broken(doors):
        answer = doors.send("mcp_server", call)
    (line,) = (json.loads(line) for line in ear.lines() if '"store unavailable"' in line)

    assert answer.status == 503
    assert line["request_id"] == answer.json["error"]["data"]["request_id"] == answer.headers["x-request-id"]
    assert "StoreUnavailable" in line["exception"]


def test_a_call_that_goes_well_is_logged_by_nobody(doors: Doors, visitors: Visitors) -> None:
    """The gateway's access log and the trail have it; a line more would be a part of what a call costs."""
    call = tool_call("get_pnl", token=visitors.values["token"])
    doors.send("mcp_server", call)
    with listening() as ear:
        assert doors.send("mcp_server", call).status == 200

    assert [record.getMessage() for record in ear.records if record.levelno >= logging.INFO] == []
