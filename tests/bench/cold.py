"""A start of the MCP function, from nothing to its first answered call, beside what others start with.

Ours checks a token and writes twice to DynamoDB; the naive app writes once and checks nothing; the rest only echo.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from infra.local.functions import FUNCTIONS
from infra.local.pool import FunctionSpec
from tests.bench.emulator import ROOT, RUNTIME_PYTHON, artefact_of, emulated, what_lambda_sets
from tests.bench.events import ECHO, MODERN, call_event, is_answered
from tests.bench.surroundings import Surroundings, emulated_aws
from tests.bench.table import say, say_table
from tests.bench.warm_sides import PYTHON, VALGRIND, can_count, version_of

STARTS = 7
NAIVE = "FastAPI, MCPServer, boto3"
GOAL = 0.45
"""Of the naive app's processor time."""
AT_ONCE = 2
COUNTED = re.compile(r"Collected : (\d+)")
PEERS: Mapping[str, tuple[str, tuple[str, ...], Mapping[str, str]]] = {
    NAIVE: ("naive_app_and_table", ("fastapi", "mangum", "mcp", "boto3"), {"name": "echo_and_write"}),
    "fastmcp": ("fastmcp_app", ("fastmcp", "mangum"), {}),
    "plain SDK": ("plain_sdk", ("mangum", "mcp"), {}),
}
"""What is said of it -> its module, its packages, and how its call differs from an echo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """Something to start, and the call that it answers first."""

    label: str
    function: FunctionSpec
    artefact: Path
    environment: Mapping[str, str] = field(repr=False)
    event: Callable[[], Mapping[str, Any]] = field(repr=False)


def say_cold() -> None:
    """Print processor time by the emulator, and the instructions of the same in a bare process."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "aws").mkdir()
        with emulated_aws(folder / "aws") as aws:
            starters = [_ours(aws), *(_peer(label, aws, folder) for label in PEERS)]
            times = _times(starters, folder)
            counts = _counts(starters, folder) if can_count() else {}

    def rows() -> Iterator[tuple[str, ...]]:
        for label, milliseconds in times.items():
            counted = (f"{counts[label]:.2f}", f"{counts[label] / counts[NAIVE]:.2f}") if counts else ("-", "-")
            yield label, f"{milliseconds:.0f}", f"{milliseconds / times[NAIVE]:.2f}", *counted

    say_table(
        "From nothing to the first answered tools/call: ms of the processor, billions of instructions, and each as a\n"
        f"part of the naive app's ({version_of(RUNTIME_PYTHON)}, medians of {STARTS} starts)",
        ("", "ms", "of naive", "G instr.", "of naive"),
        rows(),
    )
    if not counts:
        say("Instructions were not counted: apt-get install valgrind.")
    ours = starters[0].label
    say(f"Goal: a start of ours takes at most {GOAL} times the naive app's. It takes {times[ours] / times[NAIVE]:.2f}.")


def _ours(aws: Surroundings) -> Starter:
    function = FUNCTIONS[0]
    return Starter(
        label="ours",
        function=function,
        artefact=artefact_of(function),
        environment=aws.environment[function.name],
        event=lambda: aws.event_for(function.name),
    )


def _peer(label: str, aws: Surroundings, folder: Path) -> Starter:
    module, packages, call = PEERS[label]
    artefact = folder / module
    subprocess.run(
        [PYTHON, "-m", "tests.bench.peers.build", artefact, *packages],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "HOME": str(Path.home())},
        check=True,
    )
    function = FunctionSpec(name=module, handler=f"tests.bench.peers.{module}.handler", processes=1, timeout=30)
    return Starter(
        label=label,
        function=function,
        artefact=artefact,
        environment=aws.environment[FUNCTIONS[0].name],
        event=lambda: call_event(MODERN, None, 1, {**ECHO, **call}),
    )


def _times(starters: Sequence[Starter], folder: Path) -> dict[str, float]:
    rounds = [[_start(starter, folder / "log") for starter in starters] for _ in range(1 + STARTS)]
    return {  # the first brings the files into the machine's memory
        starter.label: median(figures) for starter, *figures in zip(starters, *rounds[1:], strict=True)
    }


def _start(starter: Starter, log: Path) -> float:
    event = starter.event()
    with emulated(starter.function, artefact=starter.artefact, environment=starter.environment, log=log) as function:
        answer = function.invoke(event).answer
        if "body" not in answer or not is_answered(answer):
            raise RuntimeError(f"{starter.label} answered {answer}\n{log.read_text(errors='replace')[-2000:]}")
        return function.processor_milliseconds


def _counts(starters: Sequence[Starter], folder: Path) -> dict[str, float]:
    """Count in billions. Neighbours disturb no count, so some are counted at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        counted = pool.map(partial(_instructions, folder=folder), starters)
        return {starter.label: count / 1e9 for starter, count in zip(starters, counted, strict=True)}


def _instructions(starter: Starter, *, folder: Path) -> int:
    event = folder / f"{starter.function.name}.json"
    event.write_text(json.dumps(starter.event()), encoding="utf-8")
    module, _, _ = starter.function.handler.rpartition(".")
    log = folder / f"{starter.function.name}.callgrind"
    start = str(ROOT / "tests/bench/cold_process.py")
    ran = subprocess.run(
        [
            *(str(shutil.which(VALGRIND)), "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={log}"),
            *(RUNTIME_PYTHON, "-P", start, module, str(event)),  # -P: nothing beside the file is imported
        ],
        cwd=starter.artefact,
        env={**what_lambda_sets(starter.function, starter.artefact), "PYTHONHASHSEED": "0", **starter.environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    # fifty times slower, on a busy machine it may have given its store up: then the count would be of something else
    if not is_answered(json.loads(ran.stdout.splitlines()[-1])):
        raise RuntimeError(f"{starter.label} answered {ran.stdout.decode()}")
    found = COUNTED.search(log.read_text())
    if found is None:
        raise RuntimeError(f"callgrind has counted nothing for {starter.label}")
    return int(found[1])
