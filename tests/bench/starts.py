"""Cold starts of the built functions, with bytecode and without, beside a function that does nothing.

The first event that a fresh runtime gets is one that it does its whole work for; a second one follows. All candidates
take turns, so that what slows the machine down slows all of them.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from infra.build.artefact import size_of
from infra.local.functions import FUNCTIONS
from infra.local.pool import FunctionSpec
from tests.bench.emulator import RUNTIME_PYTHON, artefact_of, emulated
from tests.bench.surroundings import Surroundings, did_its_work, emulated_aws, files
from tests.bench.table import say_table
from tests.bench.warm_sides import version_of

STARTS = 5
PROFILES = 3
SMALL = 0.04
NOTHING = FunctionSpec(name="nothing", handler="nothing.handler", processes=1, timeout=3)
IMPORTED = re.compile(r"^import time:\s+(?P<microseconds>\d+) \|\s+\d+ \|\s+(?P<package>\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A function to start, and what it is started with."""

    label: str
    function: FunctionSpec
    artefact: Path
    bare: Path
    """The same without bytecode."""
    environment: Mapping[str, str] = field(repr=False)
    event: Callable[[], Mapping[str, Any]] = field(repr=False)
    did_its_work: Callable[[Any], bool] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What one start, and the event after it, took: milliseconds by the clock and of the processor; megabytes."""

    cold: float
    cold_processor: float
    again: float
    again_processor: float
    peak: float


def say_starts() -> None:
    """Print sizes, starts, and what they are spent on."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("aws", "files"):
            (folder / part).mkdir()
        with emulated_aws(folder / "aws") as aws, files(folder / "files") as local:
            candidates = [
                _nothing(folder),
                *(_candidate(function, aws, folder, label=function.name) for function in FUNCTIONS),
                _candidate(FUNCTIONS[0], local, folder, label=f"{FUNCTIONS[0].name} on files"),
            ]
            _say_sizes(candidates[1:-1], folder)
            _say_times(candidates, folder)
            _say_imports(candidates, folder)


def _nothing(folder: Path) -> Candidate:
    artefact = folder / "nothing"
    artefact.mkdir()
    (artefact / "nothing.py").write_text("def handler(event, context):\n    return event\n", encoding="utf-8")
    return Candidate(
        label="a function that does nothing",
        function=NOTHING,
        artefact=artefact,
        bare=artefact,
        environment={},
        event=dict[str, Any],
        did_its_work=lambda answer: answer == {},
    )


def _candidate(function: FunctionSpec, surroundings: Surroundings, folder: Path, *, label: str) -> Candidate:
    artefact = artefact_of(function)
    bare = folder / "bare" / artefact.name
    if not bare.exists():
        shutil.copytree(artefact, bare, ignore=shutil.ignore_patterns("__pycache__"))
    return Candidate(
        label=label,
        function=function,
        artefact=artefact,
        bare=bare,
        environment=surroundings.environment[function.name],
        event=lambda: surroundings.event_for(function.name),
        did_its_work=lambda answer: did_its_work(function.name, answer),
    )


def _say_sizes(candidates: Sequence[Candidate], folder: Path) -> None:
    def rows() -> Iterator[tuple[str, ...]]:
        for candidate in candidates:
            unzipped, bare = size_of(candidate.artefact), size_of(candidate.bare)
            zipped = Path(shutil.make_archive(str(folder / "artefact"), "zip", candidate.artefact)).stat().st_size
            yield candidate.label, *(f"{size / 1e6:.1f}" for size in (unzipped, unzipped - bare, zipped))

    say_table("Built functions, MB", ("", "unzipped", "of it bytecode", "zipped"), rows())


def _say_times(candidates: Sequence[Candidate], folder: Path) -> None:
    built: defaultdict[str, list[Start]] = defaultdict(list)
    bare: defaultdict[str, list[Start]] = defaultdict(list)
    for turn in range(1 + STARTS):
        for candidate in candidates:
            for artefact, starts in ((candidate.artefact, built), (candidate.bare, bare)):
                start = _start(candidate, artefact, folder / "log")
                if turn:  # the first brings the files into the machine's memory
                    starts[candidate.label].append(start)

    def rows() -> Iterator[tuple[str, ...]]:
        for label in built:
            with_bytecode, without = _medians(built[label]), _medians(bare[label])
            yield (
                label,
                *_compared(with_bytecode.cold, without.cold),
                *_compared(with_bytecode.cold_processor, without.cold_processor),
                f"{with_bytecode.again:.1f}",
                f"{with_bytecode.again_processor:.1f}",
                f"{with_bytecode.peak:.0f}",
            )

    say_table(
        "From the first event to its answer, ms by the clock and of the processor, with bytecode and without it; the\n"
        "second event; the peak of memory, MB "
        f"({version_of(RUNTIME_PYTHON)}, AWS is MiniStack, medians of {STARTS} starts)",
        ("", "clock", "no .pyc", "ratio", "CPU", "no .pyc", "ratio", "second", "its CPU", "MB"),
        rows(),
    )


def _compared(with_bytecode: float, without: float) -> tuple[str, str, str]:
    return f"{with_bytecode:.0f}", f"{without:.0f}", f"{without / with_bytecode:.2f}"


def _medians(starts: Sequence[Start]) -> Start:
    return Start(**{part.name: median(getattr(start, part.name) for start in starts) for part in fields(Start)})


def _start(candidate: Candidate, artefact: Path, log: Path) -> Start:
    first = candidate.event()
    with emulated(candidate.function, artefact=artefact, environment=candidate.environment, log=log) as function:
        cold = function.invoke(first)
        _look_at(cold.answer, candidate, log)
        cold_processor = function.processor_milliseconds
        again = function.invoke(candidate.event())
        _look_at(again.answer, candidate, log)
        return Start(
            cold=cold.milliseconds,
            cold_processor=cold_processor,
            again=again.milliseconds,
            again_processor=function.processor_milliseconds - cold_processor,
            peak=function.peak_megabytes,
        )


def _look_at(answer: Any, candidate: Candidate, log: Path) -> None:  # noqa: ANN401 - as a function answers
    if not candidate.did_its_work(answer):
        raise RuntimeError(f"{candidate.label} answered {answer}\n{log.read_text(errors='replace')[-2000:]}")


def _say_imports(candidates: Sequence[Candidate], folder: Path) -> None:
    def rows() -> Iterator[tuple[str, str]]:
        for candidate in candidates:
            spent = sum((_imports(candidate, folder / "log") for _ in range(PROFILES)), Counter[str]())
            shares = ((package, spent[package] / spent.total()) for package in spent)
            longest = sorted(shares, key=lambda share: share[1], reverse=True)
            yield candidate.label, ", ".join(f"{name} {part:.0%}" for name, part in longest if part > SMALL)

    say_table(
        f"What a start imports, by the clock: packages that take more than {SMALL:.0%} ({PROFILES} starts)",
        ("", ""),
        rows(),
    )


def _imports(candidate: Candidate, log: Path) -> Counter[str]:
    """Give the microseconds that each package takes to be imported: `python -X importtime`."""
    event, environment = candidate.event(), {**candidate.environment, "PYTHONPROFILEIMPORTTIME": "1"}
    with emulated(candidate.function, artefact=candidate.artefact, environment=environment, log=log) as function:
        function.invoke(event)
    spent: Counter[str] = Counter()
    for line in IMPORTED.finditer(log.read_text(errors="replace")):
        package = line["package"]
        spent["Python's own" if package in sys.stdlib_module_names else package] += int(line["microseconds"])
    return spent
