"""Run suites one after the other and print the minutes of each: `python -m tests SUITE ...`.

A suite is a target `test-NAME` of the Makefile, which installs what the suite needs from PyPI and npm. A failing suite
does not keep the next one from running. What a suite leaves running is ended, and counts as a failure.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

NEEDS = {
    "house": (lambda: shutil.which("git"), "apt-get install git"),
    "browser": (lambda: shutil.which("chromium"), "apt-get install chromium fonts-dejavu-core"),
}
"""What neither PyPI nor npm gives, by the suite that needs it: how it is found, and how to get it."""

LONGEST_SECONDS = 20 * 60
GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a suite ended, in words; None where it passed."""

    suite: str
    seconds: float
    complaint: str | None


def run_suite(suite: str) -> Ending:
    """Run one suite in a process group of its own and say how it ended."""
    began = time.monotonic()
    print(f"\n=== {suite} " + "=" * (100 - len(suite)), flush=True)
    find, how_to_get_it = NEEDS.get(suite, (lambda: True, ""))
    if find():
        complaint = _run_target(f"test-{suite}")
    else:
        complaint = f"left out, for want of a system package: {how_to_get_it}"
        print(complaint, flush=True)
    return Ending(suite=suite, seconds=time.monotonic() - began, complaint=complaint)


def _run_target(target: str) -> str | None:
    """Give the complaint, or None where there is none."""
    make = subprocess.Popen(
        [os.environ.get("MAKE", "make"), "--no-print-directory", target],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        status = make.wait(timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        _end_group(make.pid)
        make.wait()
        return f"took more than {LONGEST_SECONDS // 60} minutes"
    except KeyboardInterrupt:
        _end_group(make.pid)
        raise
    left_running = _still_running_after(make.pid, GRACE_SECONDS)
    if left_running:
        _end_group(make.pid)
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


def print_table(endings: list[Ending]) -> None:
    """Print what each suite took and how it ended."""
    print("\nsuite         minutes  outcome")
    for ending in endings:
        print(f"{ending.suite:<12} {ending.seconds / 60:8.2f}  {ending.complaint or 'passed'}")
    print(f"{'all':<12} {sum(ending.seconds for ending in endings) / 60:8.2f}", flush=True)


def main(suites: list[str]) -> int:
    """Run the suites and give the exit status: 0 when every one of them ran and passed."""
    endings = [run_suite(suite) for suite in suites]
    print_table(endings)
    return 1 if any(ending.complaint for ending in endings) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
