"""The template of the default parameters, transformed once; the SAM command line, and what it has built."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from infra.build.artefact import RUNTIME, find_interpreter
from tests.sam.stack import FUNCTIONS, REGION, ROOT, Stack, deployed

BUILT = ROOT / ".build" / "artefacts"
"""The Makefile's target of this name."""
Sam = Callable[..., str]
"""Runs `sam` with these words in the root of the project and gives what it printed."""


@pytest.fixture(scope="session")
def stack() -> Stack:
    return deployed()


@pytest.fixture(scope="session")
def built_for() -> str:
    """The Python that artefacts are built for: the runtime's, or where that is not at hand this one, to try them."""
    return RUNTIME if find_interpreter(RUNTIME) else f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="session")
def artefacts() -> Mapping[str, Path]:
    """The functions as `sam build` leaves them; make has built them anew where a source had changed."""
    assert (BUILT / "template.yaml").is_file(), "`make test-sam` builds what these tests look at"
    return {function: BUILT / function for function in FUNCTIONS}


@pytest.fixture(scope="session")
def sam() -> Sam:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {
        **kept,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
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
