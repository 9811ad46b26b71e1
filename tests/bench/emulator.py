"""Lambda on this machine: AWS's runtime interface emulator, in it Lambda's own runtime client, in it a built function.

The emulator comes with the SAM command line; the client (awslambdaric) is what Lambda's images hold. Unlike in Lambda,
nothing limits memory, processor or disk, the function does not lie in /var/task, and there are no snapshots.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from infra.emulator.ministack import free_port
from infra.local.pool import FunctionSpec

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".build" / "artefacts"
"""Where the Makefile's target of this name leaves the functions."""
RUNTIME_PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
HOST = "127.0.0.1"
INVOCATIONS = "/2015-03-31/functions/function/invocations"
UP_WITHIN_SECONDS = 30
DOWN_WITHIN_SECONDS = 10


def artefact_of(function: FunctionSpec) -> Path:
    """Find what a function is deployed as: `mcp_server` lies under its name in the template, `McpServer`."""
    return BUILT / "".join(word.capitalize() for word in function.name.split("_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """An answer, and how long it took from the event to it."""

    answer: Any
    milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatedFunction:
    """A function that waits for its events, one at a time: two at once crash the emulator."""

    emulator: subprocess.Popen[bytes]
    port: int
    timeout: float

    def invoke(self, event: Mapping[str, Any]) -> Invocation:
        """Hand over an event. The first one is a cold start: the emulator starts the runtime when it comes."""
        body = json.dumps(event)
        with closing(HTTPConnection(HOST, self.port, timeout=self.timeout + DOWN_WITHIN_SECONDS)) as connection:
            began = time.perf_counter()
            connection.request("POST", INVOCATIONS, body)
            answer = connection.getresponse().read()
            ended = time.perf_counter()
        return Invocation(answer=json.loads(answer), milliseconds=(ended - began) * 1000)

    @property
    def process(self) -> int:
        """The process of the runtime, which the function runs in.

        Raises:
            ValueError: there is none.

        """
        emulator = self.emulator.pid
        threads = Path(f"/proc/{emulator}/task").iterdir()
        (runtime,) = " ".join((thread / "children").read_text() for thread in threads).split()
        return int(runtime)

    @property
    def processor_milliseconds(self) -> float:
        """The time of the processor that the runtime has taken so far, that of its start included."""
        clock = ctypes.c_int()  # Python has no name for the clock of another process
        if error := ctypes.CDLL(None).clock_getcpuclockid(self.process, ctypes.byref(clock)):
            raise OSError(error, os.strerror(error))
        return time.clock_gettime(clock.value) * 1000

    @property
    def peak_megabytes(self) -> float:
        """The most memory that the runtime has held at once."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="ascii")
        (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        return int(kibibytes) * 1024 / 1e6


@contextmanager
def emulated(
    function: FunctionSpec, *, artefact: Path, environment: Mapping[str, str], log: Path
) -> Generator[EmulatedFunction]:
    """Run a function until the block ends; the log gets what the function and the emulator print."""
    (program,) = ROOT.glob(".venv-sam/lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64")
    port = free_port()
    command = [
        *(program, "--log-level", "error"),
        *("--runtime-interface-emulator-address", f"{HOST}:{port}", "--runtime-api-address", f"{HOST}:{free_port()}"),
        *(RUNTIME_PYTHON, "-m", "awslambdaric", function.handler),
    ]
    with log.open("wb") as printed:
        emulator = subprocess.Popen(
            command,
            cwd=artefact,
            env={**what_lambda_sets(function, artefact), **environment},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_it_listens(emulator, port, log)
            yield EmulatedFunction(emulator=emulator, port=port, timeout=function.timeout)
        finally:
            emulator.terminate()  # it ends the runtime first
            emulator.wait(timeout=DOWN_WITHIN_SECONDS)


def what_lambda_sets(function: FunctionSpec, artefact: Path) -> dict[str, str]:
    """Give the environment of a function, all but its own settings."""
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": str(artefact),
        "PYTHONDONTWRITEBYTECODE": "1",  # in Lambda the disk that the function lies on is read-only
        "LAMBDA_TASK_ROOT": str(artefact),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": f"{function.timeout:.0f}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_LOG_FORMAT": "JSON",  # as the template's LoggingConfig says
    }


def _wait_until_it_listens(emulator: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + UP_WITHIN_SECONDS
    while time.monotonic() < deadline:
        with suppress(ConnectionRefusedError), socket.create_connection((HOST, port)):
            return
        with suppress(subprocess.TimeoutExpired):
            emulator.wait(timeout=0.01)
            break
    raise RuntimeError(f"the emulator did not come up:\n{log.read_text(errors='replace')[-2000:]}")
