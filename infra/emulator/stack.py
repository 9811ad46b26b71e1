"""The deployed stack while it runs: the emulated account, what stands in for AWS around it, and one address."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import uvicorn
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette

from functions.wiring import now
from infra.emulator.account import Account
from infra.emulator.deploy import Deployed, deploy
from infra.emulator.front import Front
from infra.emulator.ministack import ministack
from infra.emulator.streams import take_over
from infra.emulator.transcript import Transcript
from infra.local.functions import AUDIENCE
from infra.local.issuer.issuer import LocalIssuer
from infra.local.issuer.routes import issuer_routes
from infra.local.pumps import StreamPump
from infra.local.sample import people
from infra.local.stack import DRAIN, HOST, listen

ISSUER_KEY = "issuer.json"
SENDER = "notices@merchant.example"
DOCS_URL = "https://docs.example/merchant-mcp"  # the template takes no plain URL here, and nobody follows it
ADAPTATIONS = (
    "PublicUrl is a plain address of this machine: a front passes what comes there on under the API's host name.",
    "OidcIssuer is an issuer on this machine; the front serves what it publishes.",
    "MiniStack's delivery of streams is switched off: our pumps heed failed items, halving, retries and the queue.",
)
"""What is not as in AWS, besides MiniStack itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatedStack:
    """What was deployed, where it serves, and who says who its members are."""

    account: Account
    deployed: Deployed
    issuer: LocalIssuer
    public_url: str


@contextmanager
def emulated_stack(folder: Path, *, port: int, transcript: Transcript) -> Generator[EmulatedStack]:
    """Deploy the built template and serve it until the block ends; nothing of it runs then.

    Raises:
        PortTaken: somebody listens on the port.
        MiniStackFailed: the emulator does not start.
        DeployFailed: the template was not deployed.

    """
    with ExitStack() as until_the_end:
        listener = until_the_end.enter_context(listen(port))
        public_url = f"http://{HOST}:{listener.getsockname()[1]}"
        issuer = LocalIssuer.from_file(folder / ISSUER_KEY, public_url=public_url)
        with transcript.step("MiniStack starts, with IAM enforced and over TLS"):
            account = until_the_end.enter_context(ministack(folder))
        with transcript.step("sam deploy") as note:
            deployed = deploy(account, parameters=parameters(issuer=issuer.issuer, public_url=public_url))
            note(f"{len(deployed.resources)} resources")
            account.client("sesv2").create_email_identity(EmailIdentity=SENDER)  # as docs/notices.md has operators do
        with transcript.step("What is adapted") as note:
            front = Front(account, api=deployed.resources["HttpApi"])
            own_routes = issuer_routes(issuer, people=people(), audience=AUDIENCE, now=now)
            app = front.app(own_routes=own_routes)
            until_the_end.enter_context(_serving(listener, app=app, front=front, pumps=take_over(account)))
            for adaptation in ADAPTATIONS:
                note(adaptation)
        yield EmulatedStack(account=account, deployed=deployed, issuer=issuer, public_url=public_url)


def parameters(*, issuer: str, public_url: str) -> dict[str, str]:
    """Choose what production would: all that can be switched on is on."""
    return {
        "OidcIssuer": issuer,
        "PublicUrl": public_url,
        "DocsUrl": DOCS_URL,
        "AlarmEmail": "nobody@merchant.example",
        "NoticeSender": SENDER,
        "ReserveConcurrency": "yes",
        "SnapStart": "yes",
    }


@contextmanager
def _serving(listener: socket, *, app: Starlette, front: Front, pumps: Sequence[StreamPump]) -> Generator[None]:
    """Serve and pump in a thread of their own."""

    async def work(stopped: asyncio.Event) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=DRAIN,
        )
        server = uvicorn.Server(config)
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve(sockets=[listener]))
            pumping = [tasks.create_task(pump.run()) for pump in pumps]
            await stopped.wait()
            server.should_exit = True
            await serving
            for task in pumping:
                task.cancel()
        await front.close()

    with start_blocking_portal("asyncio") as portal:
        stopped = portal.call(asyncio.Event)
        working = portal.start_task_soon(work, stopped)
        try:
            yield
        finally:
            portal.call(stopped.set)
            working.result()  # raises what ended the work before its time
