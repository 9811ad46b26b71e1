"""The containers of one function: worker processes that take one event each at a time."""

import asyncio
import contextlib
import logging
import sys
import time
import uuid
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from infra.local import frames

PROJECT = Path(__file__).parents[2]
STOP_GRACE = 0.5  # seconds between closing a worker's pipe, which ends it at once, and killing it
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0  # seconds before a worker that cannot start is tried again
LONGEST_LOG_LINE = 64 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One function of template.yaml, as the local stack runs it."""

    name: str
    handler: str
    processes: int
    timeout: float  # seconds for one event
    memory_mb: int = 1024


class InvocationFailed(Exception):
    """The event was not answered."""


class FunctionFailed(InvocationFailed):
    """The handler raised, or its answer could not be said in JSON. Its container lives on."""


class ContainerLost(InvocationFailed):
    """The process ended in the middle of the event."""


class FunctionTimedOut(InvocationFailed):
    """The event took longer than the function may; its container was ended."""


class CannotStart(Exception):
    """A process ended before it could take an event."""

    def __init__(self, function: str) -> None:
        super().__init__(f"the function {function} does not start")


class FunctionPool:
    """Runs a function's events on its processes, and replaces a process that ends."""

    def __init__(self, spec: FunctionSpec, *, environment: Mapping[str, str], log: logging.Logger) -> None:
        self.spec = spec
        self._environment = environment
        self._log = log
        self._idle: asyncio.LifoQueue[_Container] = asyncio.LifoQueue()  # the warmest first, as Lambda likes it
        self._containers: set[_Container] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def pids(self) -> frozenset[int]:
        """The processes that are alive."""
        return frozenset(container.pid for container in self._containers if not container.ended)

    async def start(self) -> None:
        """Start one process and wait until it can take an event; `stop` is due even when this fails.

        Raises:
            CannotStart: the process ended first; the log says why.

        """
        self._task(self._keep(await self._task(self._started())))

    async def fill(self) -> None:
        """Start all the other processes, however often it takes."""
        missing = self.spec.processes - len(self._containers)
        for container in await asyncio.gather(*(self._task(self._replaced()) for _ in range(missing))):
            self._task(self._keep(container))

    async def stop(self) -> None:
        """End every process, whatever it is doing."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(container.stop() for container in self._containers))

    async def invoke(self, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a handler answers what it likes
        """Run one event and give the handler's answer; waits while every process is busy.

        Raises:
            FunctionFailed: the handler did not answer.
            FunctionTimedOut: it took too long.
            ContainerLost: the process died over it.

        """
        while (container := await self._idle.get()).ended:
            continue
        context = {
            "aws_request_id": str(uuid.uuid4()),
            "function_name": self.spec.name,
            "memory_limit_in_mb": self.spec.memory_mb,
            "deadline": time.time() + self.spec.timeout,
        }
        # A caller that gives up does not stop the event: its container is free when the event is over, not before.
        return await asyncio.shield(self._task(self._run(container, event, context)))

    async def _run(self, container: "_Container", event: Mapping[str, Any], context: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
        try:
            async with asyncio.timeout(self.spec.timeout):
                answer = await container.exchange({"event": event, "context": context})
        except TimeoutError:
            container.kill()
            self._log.error("%s timed out after %s s", context["aws_request_id"], self.spec.timeout)
            raise FunctionTimedOut(self.spec.name) from None
        if answer is None:
            raise ContainerLost(self.spec.name)
        self._idle.put_nowait(container)
        if answer["kind"] == "failure":
            raise FunctionFailed(answer["type"])
        return answer["result"]

    async def _started(self) -> "_Container":
        container = await _Container.start(self.spec, environment=self._environment, log=self._log)
        self._containers.add(container)
        await container.until_ready(self.spec.name)
        self._idle.put_nowait(container)
        return container

    async def _keep(self, container: "_Container") -> None:
        """Whenever this process has ended, start another in its place."""
        while True:
            exit_code = await container.until_ended()
            self._containers.discard(container)
            self._log.warning("process %d ended with %d; starting another", container.pid, exit_code)
            container = await self._replaced()

    async def _replaced(self) -> "_Container":
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._started()
            except CannotStart:
                self._log.warning("the process does not start; trying again in %.1f s", pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _task(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task that `stop` will end."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited for it has heard; one who gave up does not want to


class _Container:
    """One worker process and its pipe."""

    def __init__(self, process: asyncio.subprocess.Process, *, log: logging.Logger) -> None:
        self._process = process
        # All three were asked for as pipes, so they are there.
        self._to = cast("asyncio.StreamWriter", process.stdin)
        self._from = cast("asyncio.StreamReader", process.stdout)
        self._logging = asyncio.create_task(_copy_lines(cast("asyncio.StreamReader", process.stderr), log))

    @classmethod
    async def start(cls, spec: FunctionSpec, *, environment: Mapping[str, str], log: logging.Logger) -> Self:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-u", "-m", "infra.local.worker_process", spec.handler),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            cwd=PROJECT,
            start_new_session=True,  # Ctrl-C is for the stack, which then ends its workers in its own order
        )
        return cls(process, log=log)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    async def until_ready(self, function: str) -> None:
        if await frames.receive(self._from) is None:
            await self._process.wait()
            raise CannotStart(function)

    async def until_ended(self) -> int:
        return await self._process.wait()

    async def exchange(self, frame: frames.Frame) -> frames.Frame | None:
        """Send an event and wait for its answer; None if the process ended first."""
        with contextlib.suppress(ConnectionError):  # it ended: there is no answer to read either
            self._to.write(frames.encode(frame))
            await self._to.drain()
        return await frames.receive(self._from)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def stop(self) -> None:
        self._to.close()
        try:
            async with asyncio.timeout(STOP_GRACE):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
        await asyncio.wait({self._logging}, timeout=STOP_GRACE)  # a grandchild might hold the pipe open for ever
        self._logging.cancel()


async def _copy_lines(stream: asyncio.StreamReader, log: logging.Logger) -> None:
    """Carry what a process prints into the function's log, line by line."""
    rest = b""
    while chunk := await stream.read(LONGEST_LOG_LINE):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LOG_LINE:
            lines, rest = [*lines, rest], b""
        for line in lines:
            log.info("%s", line.decode("utf-8", "replace"))
    if rest:
        log.info("%s", rest.decode("utf-8", "replace"))
