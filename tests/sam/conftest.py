"""The stack of the default parameters, transformed once."""

from __future__ import annotations

import pytest

from tests.sam.stack import REGION, Stack, deployed


@pytest.fixture(scope="session")
def stack() -> Stack:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", REGION)  # the transform asks for the partition of a region
        return deployed()
