"""Run suites and print the minutes of each: `python -m tests [--in-pairs SUITE ...] [--alone SUITE ...]`.

A suite is a target `test-NAME` of the Makefile, which installs what the suite needs from PyPI and npm. Those that keep
one core busy run two at a time, and what they print is printed when they end. A failing suite does not keep the next
one from running. What a suite leaves running is ended, and counts as a failure.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryFile
from typing import IO

NEEDS = {
    "house": (lambda: shutil.which("git"), "apt-get install git"),
    "browser": (lambda: shutil.which("chromium"), "apt-get install chromium fonts-dejavu-core"),
}
"""What neither PyPI nor npm gives, by the suite that needs it: how it is found, and how to get it."""

LONGEST_SECONDS = 20 * 60
GRACE_SECONDS = 5
PAIR = 2

running: set[int] = set()
"""The process groups of the suites that are under way: who interrupts the run ends them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a suite ended, in words; None where it passed."""

    suite: str
    seconds: float
    complaint: str | None


def run_suite(suite: str, *, aside: bool = False) -> Ending:
    """Run one suite in a process group of its own and say how it ended; `aside`: print what it printed in the end."""
    began = time.monotonic()
    with TemporaryFile("w+", errors="replace") as kept:
        complaint = _run_suite(suite, kept if aside else None)
        kept.seek(0)
        text = kept.read()
    sys.stdout.write(text)  # at once: the one beside it may end in the same moment
    sys.stdout.flush()
    return Ending(suite=suite, seconds=time.monotonic() - began, complaint=complaint)


def _run_suite(suite: str, kept: IO[str] | None) -> str | None:
    """Give the complaint, or None where there is none."""
    print(f"\n=== {suite} " + "=" * (100 - len(suite)), file=kept, flush=True)
    find, how_to_get_it = NEEDS.get(suite, (lambda: True, ""))
    if find():
        return _run_target(f"test-{suite}", kept)
    complaint = f"left out, for want of a system package: {how_to_get_it}"
    print(complaint, file=kept, flush=True)
    return complaint


def _run_target(target: str, kept: IO[str] | None) -> str | None:
    make = subprocess.Popen(
        [os.environ.get("MAKE", "make"), "--no-print-directory", target],
        stdin=subprocess.DEVNULL,
        stdout=kept,
        stderr=kept and subprocess.STDOUT,
        start_new_session=True,
    )
    running.add(make.pid)
    try:
        status = make.wait(timeout=LONGEST_SECONDS)
        left_running = _still_running_after(make.pid, GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        return f"took more than {LONGEST_SECONDS // 60} minutes"
    finally:
        _end_group(make.pid)
        running.discard(make.pid)
    if status:
        return "failed"
    return "left processes running" if left_running else None


def _still_running_after(group: int, seconds: float) -> bool:
    """Tell whether a process of the group outlives the suite; those that are just ending get some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    return True


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def print_table(endings: Sequence[Ending], seconds: float) -> None:
    """Print what each suite took and how it ended, and what all of them took."""
    print("\nsuite         minutes  outcome")
    for ending in endings:
        print(f"{ending.suite:<12} {ending.seconds / 60:8.2f}  {ending.complaint or 'passed'}")
    print(f"{'all':<12} {seconds / 60:8.2f}", flush=True)


def main(in_pairs: Sequence[str], alone: Sequence[str]) -> int:
    """Run the suites and give the exit status: 0 when every one of them ran and passed."""
    began = time.monotonic()
    pair = ThreadPoolExecutor(PAIR)
    try:
        endings = [*pair.map(partial(run_suite, aside=True), in_pairs), *map(run_suite, alone)]
    except KeyboardInterrupt:
        pair.shutdown(wait=False, cancel_futures=True)
        for group in [*running]:
            _end_group(group)
        raise
    print_table(endings, time.monotonic() - began)
    return 1 if any(ending.complaint for ending in endings) else 0


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m tests")
    parser.add_argument("--in-pairs", nargs="*", default=[], metavar="SUITE", help="two at a time, in this order")
    parser.add_argument("--alone", nargs="*", default=[], metavar="SUITE", help="one after the other, after those")
    arguments = parser.parse_args()
    sys.exit(main(arguments.in_pairs, arguments.alone))
