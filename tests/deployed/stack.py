"""The deployed stack as a test meets it: its address, its account, and workspaces made for one test each."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import httpx2

from functions.wiring import Wiring, now
from infra.emulator.account import Account
from infra.emulator.deploy import STACK, Deployed, describe
from infra.emulator.story import PROGRAM
from infra.local.functions import AUDIENCE
from infra.local.issuer.issuer import LocalIssuer
from shared.domain.scopes import Scope
from shared.domain.token.commands import RevokeToken
from shared.domain.workspace.commands import AddMember, GrantAccess, RegisterWorkspace, WorkspaceCommand
from shared.domain.workspace.events import Role
from shared.services.change_token import change_token
from shared.services.change_workspace import change_workspace
from shared.services.create_token import NewToken, create_token
from shared.services.imports.send_file import send_file
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.facts import ImportRecord
from shared.storage.contracts.streams import Origin
from tests.deployed.rights import FunctionRole

LONGEST_WAIT = 60.0
LONGEST_ANSWER = 60.0
ORIGIN = Origin(actor="system:tests", request_id="by-hand")
A_CALL: Mapping[str, Any] = {"name": "get_workspace_context", "arguments": {}}


def until(condition: Callable[[], object], *, within: float = LONGEST_WAIT) -> None:
    """Look again and again until it holds.

    Raises:
        TimeoutError: it never did.

    """
    deadline = monotonic() + within
    while not condition():
        if monotonic() > deadline:
            raise TimeoutError(f"it did not come in {within} s")
        Event().wait(0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A workspace with an owner, an admin and an analyst, who sign in under names that no other workspace has."""

    stack: DeployedStack
    workspace_id: str

    def member_id(self, role: Role) -> str:
        """Name the member of a role."""
        return f"mem_{role}_{self.workspace_id}"

    def bearer(self, role: Role = Role.OWNER) -> str:
        """Sign the member of a role in."""
        return self.stack.issuer.mint(self.member_id(role), audience=AUDIENCE, ttl=timedelta(minutes=10), now=now())

    def token(self, *, scopes: Iterable[Scope] = tuple(Scope), days: int = 30, at: datetime | None = None) -> NewToken:
        """Make a token for the owner."""
        on = self.stack.wiring
        return create_token(
            workspace_id=self.workspace_id,
            member_id=self.member_id(Role.OWNER),
            name="For one test",
            scopes=frozenset(scopes),
            expires_in_days=days,
            origin=ORIGIN,
            now=at or now(),
            keys=on.credential_keys,
            tokens=on.tokens,
            workspaces=on.workspaces,
        )

    def order(self, command: WorkspaceCommand) -> None:
        """Carry out a command on the workspace."""
        self.stack.order(self.workspace_id, command)

    def revoke(self, token: NewToken) -> None:
        """Take a token out of use, as an operator does."""
        command = RevokeToken(revoked_by="operator:tests", reason="It is over.", at=now())
        on = self.stack.wiring
        change_token(token.token.token_id, command, origin=ORIGIN, keys=on.credential_keys, tokens=on.tokens)

    def send(self, file: Path) -> ImportRecord:
        """Put a file into the bucket as the command line does; nobody waits for it here."""
        on = self.stack.wiring
        return send_file(
            file,
            workspace_id=self.workspace_id,
            requested_by="operator:tests",
            now=now(),
            imports=on.imports,
            objects=on.objects,
        )

    def record(self, import_id: str) -> ImportRecord:
        """Look at an import."""
        found = self.stack.wiring.imports.get(self.workspace_id, import_id)
        assert found is not None
        return found

    def sees(self, record: ImportRecord) -> bool:
        """Tell whether tools answer from an import."""
        generation = self.record(record.import_id).generation
        return generation is not None and self.stack.wiring.figures.overview(self.workspace_id).generation >= generation

    def trail(self, type_: str | None = None) -> list[AuditEntry]:
        """Read the trail, newest first."""
        matching = AuditFilter(types=frozenset({type_} if type_ is not None else ()))
        page = self.stack.wiring.audit.entries(self.workspace_id, matching=matching, limit=200, now=now())
        return list(page.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStack:
    """What the emulator tells of the stack that it has deployed."""

    account: Account
    deployed: Deployed
    issuer: LocalIssuer
    wiring: Wiring = field(repr=False)
    public_url: str
    token: str = field(repr=False)
    transcript: str = field(repr=False)
    http: httpx2.Client = field(repr=False)

    @classmethod
    @contextmanager
    def told(
        cls, connection: Mapping[str, Any], *, wiring: Callable[[Account], Wiring], transcript: str
    ) -> Generator[DeployedStack]:
        """Take what the emulator leaves for programs."""
        account = Account(
            address=connection["account"]["address"],
            plain_address=connection["account"]["plain_address"],
            certificate=Path(connection["account"]["certificate"]),
        )
        public_url = connection["mcp_url"].removesuffix("/mcp")
        with httpx2.Client(base_url=public_url, timeout=LONGEST_ANSWER) as http:
            yield cls(
                account=account,
                deployed=describe(account),
                issuer=LocalIssuer.from_file(Path(connection["issuer_key"]), public_url=public_url),
                wiring=wiring(account),
                public_url=public_url,
                token=connection["token"],
                transcript=transcript,
                http=http,
            )

    @property
    def mcp_url(self) -> str:
        """What clients are given."""
        return f"{self.public_url}/mcp"

    def tenant(self, *, plan: str = "plus", at: datetime | None = None) -> Tenant:
        """Make a workspace that no other test knows."""
        made = Tenant(stack=self, workspace_id=f"wks_{secrets.token_hex(6)}")
        at = at or now()
        made.order(RegisterWorkspace(workspace_id=made.workspace_id, name="A shop", plan=plan, at=at))
        made.order(GrantAccess(at=at))
        for role in Role:
            member_id = made.member_id(role)
            made.order(AddMember(member_id=member_id, issuer=self.issuer.issuer, subject=member_id, role=role, at=at))
        return made

    def order(self, workspace_id: str, command: WorkspaceCommand) -> None:
        """Carry out a command on a workspace."""
        on = self.wiring
        change_workspace(
            workspace_id,
            command,
            origin=ORIGIN,
            now=now(),
            keys=on.credential_keys,
            workspaces=on.workspaces,
            tokens=on.tokens,
        )

    def ask(self, credential: str | None, method: str = "tools/call", /, **parameters: object) -> httpx2.Response:
        """Send a message to the MCP endpoint; a call of the tool that takes no arguments, if nothing else is said."""
        given = parameters or (A_CALL if method == "tools/call" else {})
        message = {"jsonrpc": "2.0", "id": 7, "method": method, "params": given}
        return self.request("POST", "/mcp", credential, json=message)

    def call(self, credential: str, tool: str, /, **arguments: object) -> dict[str, Any]:
        """Call a tool that answers, and give its structured answer."""
        answer = self.ask(credential, name=tool, arguments=arguments)
        assert answer.is_success, answer.text
        return answer.json()["result"]["structuredContent"]

    def request(self, method: str, path: str, credential: str | None = None, **more: Any) -> httpx2.Response:  # noqa: ANN401 - of httpx2
        """Make a request at the public address."""
        headers = {"Accept": "application/json, text/event-stream", **more.pop("headers", {})}
        if credential is not None:
            headers["Authorization"] = f"Bearer {credential}"
        return self.http.request(method, path, headers=headers, **more)

    def command(self, *words: str) -> str:
        """Run `merchant-mcp` as an operator does, and give what it prints; the environment is the account's already."""
        ran = subprocess.run(
            [str(PROGRAM), "--stack", STACK, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def role(self, function: str) -> FunctionRole:
        """Give the role of a function, to try it and to take rights from it."""
        return FunctionRole(account=self.account, name=self.deployed.resources[f"{function}Role"])

    def told_in(self, log: str, words: str) -> int:
        """Count how often a log of the emulator says something."""
        return self.account.certificate.with_name(log).read_text(errors="replace").count(words)

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """Take what lies in a queue, as soon as something does."""
        url, found = self.deployed.resources[queue], list[dict[str, Any]]()
        queues = self.account.client("sqs")

        def look() -> bool:
            for message in queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()):
                found.append(json.loads(message["Body"]))
                queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return bool(found)

        until(look)
        return found

    def invoke(self, function: str, event: object) -> Any:  # noqa: ANN401 - a function answers what it likes
        """Call a function by its alias and give its answer."""
        name = self.deployed.outputs[f"{function}Name"]
        answer = self.account.client("lambda").invoke(FunctionName=f"{name}:live", Payload=json.dumps(event))
        said = json.load(answer["Payload"])
        assert "FunctionError" not in answer, said
        return said
