"""The stack of the default parameters, transformed once; and the SAM command line, which lives in its own venv."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from infra.build.artefact import RUNTIME, find_interpreter
from tests.sam.stack import REGION, ROOT, Stack, deployed

Sam = Callable[..., str]
"""Runs `sam` with these words in the root of the project and gives what it printed."""


@pytest.fixture(scope="session")
def stack() -> Stack:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", REGION)  # the transform asks for the partition of a region
        return deployed()


@pytest.fixture(scope="session")
def built_for() -> str:
    """The Python that artefacts are built for: the runtime's, or where that is not at hand this one, to try them."""
    return RUNTIME if find_interpreter(RUNTIME) else f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="session")
def sam(built_for: str) -> Sam:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {
        **kept,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
        "BUILD_PYTHON": built_for,
    }

    def run(*words: str) -> str:
        ran = subprocess.run(
            [str(ROOT / ".venv-sam" / "bin" / "sam"), *words],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    return run
