"""The whole story, lived on the deployed stack: tokens are made, used, expired, revoked, and the trail has it all."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from functions.wiring import Wiring
from infra.emulator.caller import Caller, Refused
from infra.emulator.deploy import STACK
from infra.emulator.stack import EmulatedStack
from infra.emulator.transcript import Transcript
from infra.local.functions import AUDIENCE
from infra.local.pumps import scheduled
from infra.local.sample import SAMPLE, bearer, member_id_of
from infra.local.sample_shop.days import ZONE, opening
from infra.local.sample_shop.export import export
from shared.domain.scopes import Scope
from shared.domain.workspace.events import Role
from shared.services.create_token import create_token
from shared.services.refusals import Reason
from shared.storage.contracts.streams import Origin

PROGRAM = Path(sys.executable).with_name("merchant-mcp")
DAYS_OF_FIGURES = 90
THIRTY_DAYS_AND_ONE = timedelta(days=31)
WHAT_HAPPENED = {
    "workspace.registered",
    "workspace.member_added",
    "token.created",
    "mcp.call",
    "mcp.call_denied",
    "import.started",
    "import.finished",
    "token.expired",
    "token.revoked",
}
Sees = Callable[[str], None]


class NotAsPromised(Exception):
    """A step ended otherwise than it must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The stack that the story happens in, and what works on it beside its doors."""

    stack: EmulatedStack
    wiring: Wiring
    transcript: Transcript

    def tell(self) -> None:
        """Live through all of it.

        Raises:
            NotAsPromised: something went otherwise.

        """
        step = self.transcript.step
        with step("A workspace and its people, by the command line") as see:
            self._people_come(see)
        owner = self._signed_in(Role.OWNER)
        with step("The owner signs in and makes two tokens, over REST") as see:
            kept, lost = (self._made(owner, name) for name in ("A job that stays", "A laptop that gets lost"))
            see(f"{kept['prefix']}... and {lost['prefix']}... may read {len(Scope)} scopes for 30 days")
        job = Caller(public_url=self.stack.public_url, credential=kept["token"])
        laptop = Caller(public_url=self.stack.public_url, credential=lost["token"])
        with step("A client lists the tools and calls one; there is no data yet") as see:
            see(", ".join(job.list_tools()))
            see(job.call("get_workspace_context")["summary"])
        with step("A file goes into the bucket, the importer takes it, the projector folds it") as see:
            see(self._import())
        with step("The same client asks again, and has figures") as see:
            see(job.call("get_pnl")["summary"])
        with step("A token of 31 days ago is over; the sweeper, called as its schedule does, records it") as see:
            self._a_token_expires(see)
        with step("The owner revokes the lost token, and its next request is refused") as see:
            laptop.call("get_workspace_context")
            owner.rest("POST", f"/tokens/{lost['id']}/revoke", {"reason": "The laptop was left on a train."})
            see(refusal_of(laptop, Reason.TOKEN_REVOKED))
            job.call("get_workspace_context")
        with step("The trail has all of it") as see:
            self._on_the_trail(see)

    def _people_come(self, see: Sees) -> None:
        made = self._command("workspace", "create", SAMPLE.name, "--id", SAMPLE.workspace_id)
        see(f"{made['id']}, plan {made['plan']}")
        issuer = self.stack.issuer.issuer
        for person, role in SAMPLE.people.items():
            known_as = (
                "--id",
                member_id_of(person, issuer, workspace_id=SAMPLE.workspace_id),
                "--subject",
                person,
                "--role",
                role,
            )
            member = self._command("member", "add", "--workspace", SAMPLE.workspace_id, *known_as)
            see(f"{member['subject']}, {member['role']}")

    def _signed_in(self, role: Role) -> Caller:
        credential = bearer(SAMPLE, role, issuer=self.stack.issuer, audience=AUDIENCE, now=datetime.now(UTC))
        return Caller(public_url=self.stack.public_url, credential=credential)

    def _made(self, owner: Caller, name: str) -> dict[str, Any]:
        return owner.rest("POST", "/tokens", {"name": name, "scopes": [*Scope], "expires_in_days": 30})

    def _import(self) -> str:
        yesterday = datetime.now(ZONE).date() - timedelta(days=1)
        with TemporaryDirectory(prefix="sample-") as folder:
            file = write_sample(Path(folder), yesterday)
            done = self._command("import", str(file), "--workspace", SAMPLE.workspace_id)
        counts = done["report"]["counts"]
        return ", ".join(f"{count['new']:,} {family}" for family, count in counts.items())

    def _a_token_expires(self, see: Sees) -> None:
        now = datetime.now(UTC)
        old = create_token(
            workspace_id=SAMPLE.workspace_id,
            member_id=member_id_of(
                SAMPLE.who_is(Role.OWNER), self.stack.issuer.issuer, workspace_id=SAMPLE.workspace_id
            ),
            name="A trial",
            scopes=frozenset(Scope),
            expires_in_days=30,
            origin=Origin(actor="system:emulator", request_id="emulator"),
            now=now - THIRTY_DAYS_AND_ONE,
            keys=self.wiring.credential_keys,
            tokens=self.wiring.tokens,
            workspaces=self.wiring.workspaces,
        )
        sweeper = self.stack.deployed.outputs["SweeperName"]
        answer = self.stack.account.client("lambda").invoke(
            FunctionName=f"{sweeper}:live", Payload=json.dumps(scheduled("sweep", now=now))
        )
        swept = json.load(answer["Payload"])
        see(f"swept: {swept}")
        token = self._command("token", "show", old.token.token_id)
        if token["status"] != "expired" or token["ended_at"] is None:
            raise NotAsPromised(f"nobody recorded that it expired: {token}")
        see(refusal_of(Caller(public_url=self.stack.public_url, credential=old.text), Reason.TOKEN_EXPIRED))

    def _on_the_trail(self, see: Sees) -> None:
        events = self._command("audit", "list", "--workspace", SAMPLE.workspace_id, "--limit", "200")
        missing = WHAT_HAPPENED - {event["type"] for event in events}
        if missing:
            raise NotAsPromised(f"not on the trail: {', '.join(sorted(missing))}")
        for event in reversed(events):
            see(f"{event['at']}  {event['type']:<26} {event['actor']}")

    def _command(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        """Run `merchant-mcp` as an operator does who has the account's credentials in the environment."""
        ran = subprocess.run(
            [str(PROGRAM), "--stack", STACK, *words, "--json"],
            env={**os.environ, **self.stack.account.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise NotAsPromised(f"merchant-mcp {' '.join(words)}: {ran.stderr or ran.stdout}")
        return json.loads(ran.stdout)


def refusal_of(caller: Caller, reason: Reason) -> str:
    """Give the words that a caller is refused with.

    Raises:
        NotAsPromised: it was let in, or refused for another reason.

    """
    try:
        caller.call("get_workspace_context")
    except Refused as refused:
        error = refused.body["error"]
        if error["data"]["reason"] != reason:
            raise NotAsPromised(f"refused otherwise than as {reason}: {refused}") from refused
        return f"{refused.status} {error['message']}"
    raise NotAsPromised(f"let in, instead of refused as {reason}")


def write_sample(folder: Path, last: date) -> Path:
    """Write the sample shop's figures of the days up to one as a file to import."""
    file = folder / "sample.ndjson"
    first = last - timedelta(days=DAYS_OF_FIGURES - 1)
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(export(first, last, opened=opening(last), now=datetime.now(UTC)))
    return file
