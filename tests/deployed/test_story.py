"""`make deploy-local` lives the whole story on the deployed stack, prints its steps, and leaves nothing running."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

import pytest

from infra.emulator.stack import ADAPTATIONS
from infra.emulator.story import WHAT_HAPPENED
from tests.deployed.process import Emulator
from tests.deployed.stack import DeployedStack

STEPS = (
    "MiniStack starts, with IAM enforced and over TLS",
    "sam deploy",
    "What is adapted",
    "A workspace and its people, by the command line",
    "The owner signs in and makes two tokens, over REST",
    "A client lists the tools and calls one; there is no data yet",
    "A file goes into the bucket, the importer takes it, the projector folds it",
    "The same client asks again, and has figures",
    "A token of 31 days ago is over; the sweeper, called as its schedule does, records it",
    "The owner revokes the lost token, and its next request is refused",
    "The trail has all of it",
    "in all",
)


def test_every_step_is_told_with_its_seconds(stack: DeployedStack) -> None:
    told = re.findall(r"^ *\d+\.\d s  (.+)$", stack.transcript, re.MULTILINE)

    assert tuple(told) == STEPS


def test_what_is_not_as_in_aws_and_what_is_on_the_trail_is_told(stack: DeployedStack) -> None:
    assert [said for said in (*ADAPTATIONS, *WHAT_HAPPENED) if said not in stack.transcript] == []


def test_the_lines_for_the_command_line_work_as_they_are_printed(stack: DeployedStack) -> None:
    lines = stack.transcript.partition("For the command line\n")[2].partition("\n\n")[0]

    ran = subprocess.run(["/bin/sh", "-ec", lines], env={}, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout != "") == (0, True), ran.stderr


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_an_emulator_that_is_stopped_on_the_way_leaves_nothing_running(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    with Emulator.started(place=tmp_path) as emulator:
        emulator.read_until("MiniStack starts")
        assert emulator.left_running() != []

        assert emulator.end(number) == status
        assert emulator.left_running() == []
        assert list(tmp_path.iterdir()) == []
