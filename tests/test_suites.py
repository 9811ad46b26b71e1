"""What holds for every suite: how the runner judges it, and that it stays on this machine."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = """
test-good:
	@echo fine
test-bad:
	@exit 3
test-careless:
	@sleep 600 & echo $$! > left-running
test-waits: # for the other of the pair: alone it would wait for ever
	@echo one; while ! test -e there; do :; done; echo two
test-comes:
	@touch there
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    return tmp_path


def run_suites(folder: Path, *words: str, path: str = os.defpath) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "tests", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def outcomes(ran: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Read the closing table."""
    table = ran.stdout.partition("suite         minutes  outcome\n")[2]
    return dict(re.findall(r"^(\w+) +\d+\.\d\d  (.+)$", table, re.MULTILINE))


def test_when_every_suite_passes_the_run_passes(folder: Path) -> None:
    ran = run_suites(folder, "--alone", "good", "good")
    assert (ran.returncode, outcomes(ran)) == (0, {"good": "passed"})


@pytest.mark.parametrize("way", ["--alone", "--in-pairs"])
def test_a_failing_suite_fails_the_run_and_the_next_one_still_runs(folder: Path, way: str) -> None:
    ran = run_suites(folder, way, "bad", "good")
    assert (ran.returncode, outcomes(ran)) == (1, {"bad": "failed", "good": "passed"})


def test_suites_of_a_pair_run_beside_each_other_and_what_each_prints_stays_together(folder: Path) -> None:
    ran = run_suites(folder, "--in-pairs", "waits", "comes")
    assert (ran.returncode, outcomes(ran)) == (0, {"waits": "passed", "comes": "passed"})
    assert "one\ntwo\n" in ran.stdout


def test_a_suite_that_leaves_a_process_running_fails_and_the_process_is_ended(folder: Path) -> None:
    ran = run_suites(folder, "--alone", "careless")
    assert (ran.returncode, outcomes(ran)) == (1, {"careless": "left processes running"})
    left = int((folder / "left-running").read_text())
    assert not Path(f"/proc/{left}/cmdline").exists() or Path(f"/proc/{left}/cmdline").read_bytes() == b""


def test_a_suite_that_wants_a_system_package_is_named_with_how_to_get_it(folder: Path) -> None:
    ran = run_suites(folder, "--alone", "house", path=str(folder))
    assert ran.returncode == 1
    assert outcomes(ran) == {"house": "left out, for want of a system package: apt-get install git"}


@pytest.mark.parametrize("place", [("192.0.2.1", 443), ("example.com", 443)])
def test_no_test_reaches_another_machine(place: tuple[str, int]) -> None:
    with pytest.raises(PermissionError, match="tests reach this machine only"):
        socket.create_connection(place, timeout=1)
