"""What a cold start can leave out: looking for garbage while modules are imported, and building models nobody uses."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

from pydantic import BaseModel


@contextmanager
def quick_start() -> Generator[None]:
    """Import what is imported in here with less work; docs/adr/0022 has the figures.

    Modules live as long as the process, so what they make is never garbage: none is looked for meanwhile, and the
    collector leaves it alone from then on. And a model of pydantic that is defined in here is built when it is first
    used: the SDK defines 456 of them, and a call uses a dozen.
    """
    gc.disable()
    BaseModel.model_config["defer_build"] = True
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]
        gc.freeze()
        gc.enable()
