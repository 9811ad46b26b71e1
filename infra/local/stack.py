"""Runs everything in its order: workers, seed, gateway, pumps; and ends everything, however it is ended."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import uvicorn
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from infra.local.gateway import ApiRoute, Gateway, build_app
from infra.local.logs import function_log
from infra.local.pool import FunctionPool, FunctionSpec
from infra.local.positions import Positions
from infra.local.pumps import LOOK_AGAIN, Change, Schedule, StoredObject, StreamPump, Upkeep, UploadPump
from infra.local.queue_pump import QueuePump

T = TypeVar("T")

HOST = "127.0.0.1"
DRAIN = 1  # seconds that requests in flight are given at the end
PATIENCE = 60.0  # seconds that a first start waits for what it sent to itself

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSource:
    """Changes that go to a function."""

    name: str
    function: str
    read: Callable[[int, int], Sequence[Change]]
    wanted: Callable[[Change], bool] = lambda _: True


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSource:
    """A bucket whose new objects go to a function."""

    bucket: str
    function: str
    look: Callable[[], Iterable[StoredObject]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSource:
    """A queue whose messages go to a function."""

    name: str
    function: str
    waiting: Callable[[], Sequence[Path]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What template.yaml says of the stack, for this machine."""

    functions: Sequence[FunctionSpec]
    environment: Callable[[str], Mapping[str, str]]  # of a function, by name
    routes: Sequence[ApiRoute]
    own_routes: Sequence[BaseRoute] = ()
    streams: Sequence[StreamSource] = ()
    uploads: Sequence[UploadSource] = ()
    queues: Sequence[QueueSource] = ()
    scheduled: Sequence[str] = ()
    purge: Callable[[datetime], Any] = lambda _: None
    trim: Callable[[int], None] = lambda _: None
    remap_www_authenticate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch(Generic[T]):
    """What to run, and what must be there before it is ready."""

    plan: Plan
    make: Callable[[], T]
    """Done in a thread, while the processes start."""
    complete: Callable[[], bool] = lambda: True
    """Asked again and again, while the pumps run already."""
    awaited: str = ""
    """What `complete` waits for, in words for whoever waits with it."""


class PortTaken(Exception):
    """Somebody else listens there."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} of {HOST} is in use")


def listen(port: int) -> socket.socket:
    """Take the port, before anything else is begun. Port 0 takes any that is free.

    Raises:
        PortTaken: it is in use.

    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as refused:
        listener.close()
        raise PortTaken(port) from refused
    return listener


class Stack:
    """The local stack while it runs."""

    def __init__(self, plan: Plan, positions: Positions) -> None:
        self._plan = plan
        self._positions = positions
        self._pools = {
            spec.name: FunctionPool(spec, environment=plan.environment(spec.name), log=function_log(spec.name))
            for spec in plan.functions
        }

    async def run(
        self, listener: socket.socket, launch: Launch[T], *, waiting: Callable[[], None], ready: Callable[[T], None]
    ) -> None:
        """Serve until SIGINT or SIGTERM; then end every process and return.

        `ready` gets what `launch` made, when everything is there that a first request may ask for. `waiting` is called
        before, where that is not so at once.

        Raises:
            CannotStart: a function that requests wait for does not start.

        """
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        try:
            made = await _unless(stopped, self._open(launch))
            if made is not None:
                await self._serve(listener, launch, waiting, lambda: ready(made[0]), stopped)
        finally:
            await asyncio.gather(*(pool.stop() for pool in self._pools.values()))

    async def _open(self, launch: Launch[T]) -> tuple[T]:
        making = asyncio.create_task(asyncio.to_thread(launch.make))
        await asyncio.gather(making, *(self._pools[name].start() for name in self._doors()))
        return (making.result(),)

    async def _serve(
        self,
        listener: socket.socket,
        launch: Launch[T],
        waiting: Callable[[], None],
        ready: Callable[[], None],
        stopped: asyncio.Event,
    ) -> None:
        plan = self._plan
        gateway = Gateway(plan.routes, self._invoke, remap_www_authenticate=plan.remap_www_authenticate)
        server = _Server(build_app(gateway, own_routes=plan.own_routes))
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve(sockets=[listener]))
            await server.listening.wait()
            at_once = await asyncio.to_thread(launch.complete)
            (ready if at_once else waiting)()
            behind = [tasks.create_task(work) for work in self._behind_the_doors()]
            if not at_once and await _unless(stopped, _until(launch.complete)):
                ready()
            await stopped.wait()
            server.should_exit = True
            await serving
            for work in behind:
                work.cancel()

    def _behind_the_doors(self) -> list[Coroutine[Any, Any, None]]:
        """What nobody waits for: it starts after the first request may come, so that this is soon."""
        plan, positions = self._plan, self._positions
        starts = [pool.fill() for pool in self._pools.values()]
        streams = [
            StreamPump(
                name=source.name,
                read=source.read,
                wanted=source.wanted,
                deliver=self._pools[source.function].invoke,
                positions=positions,
            )
            for source in plan.streams
        ]
        uploads = [
            UploadPump(
                bucket=source.bucket,
                look=source.look,
                deliver=self._pools[source.function].invoke,
                positions=positions,
            ).run()
            for source in plan.uploads
        ]
        queues = [
            QueuePump(name=source.name, waiting=source.waiting, deliver=self._pools[source.function].invoke).run()
            for source in plan.queues
        ]
        schedules = [Schedule(name=name, deliver=self._pools[name].invoke).run() for name in plan.scheduled]
        upkeep = Upkeep(purge=plan.purge, trim=plan.trim, streams=streams).run()
        return [*starts, *(pump.run() for pump in streams), *uploads, *queues, *schedules, upkeep]

    def _doors(self) -> set[str]:
        return {route.function for route in self._plan.routes}

    def _invoke(self, function: str, event: Mapping[str, Any]) -> Awaitable[Any]:
        return self._pools[function].invoke(event)


class _Server(uvicorn.Server):
    """uvicorn, but that it says when it listens and leaves the signals to the stack."""

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # a header must not choose the address that a request seems to come from
            timeout_keep_alive=75,
            timeout_graceful_shutdown=DRAIN,
        )
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _until(complete: Callable[[], bool]) -> bool:
    """Wait until it is complete; after a while, go on without."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                if await asyncio.to_thread(complete):
                    return True
                await asyncio.sleep(LOOK_AGAIN)
    except TimeoutError:
        log.error("what was sent at the start has not arrived in %s s; it may come later", PATIENCE)  # noqa: TRY400 - the traceback is of waiting
        return True


async def _unless(stopped: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Do the work, or give it up when the event comes first."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stopped.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    done = working.done()
    stopping.cancel()
    working.cancel()
    await asyncio.gather(stopping, return_exceptions=True)
    return await working if done else None
