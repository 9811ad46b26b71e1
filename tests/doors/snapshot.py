"""A function under SnapStart in miniature: `python -m tests.doors.snapshot FUNCTION HOOKS`, driven by `restoring.py`.

It is initialised with the settings of the first line of input and serves the event of the second, as a container that
is in use (null: it serves none). Then the snapshot is taken. fork() copies the memory of a process as a snapshot copies
that of a container, so each further event is served by a copy that is restored for it. HOOKS says which hooks are run.
Every line of output tells what is to be known of who served the event.
"""

from __future__ import annotations

import gc
import json
import os
import random
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from enum import Enum
from functools import partial
from importlib import import_module
from time import process_time
from typing import Any, TextIO

import snapshot_restore_py  # pyright: ignore[reportMissingTypeStubs] - it has none

from functions.settings import SettingMissing
from functions.wiring import wiring
from shared.services.credentials.verified import Verified

OURS = ("functions", "shared")

Handler = Callable[[Any, Any], dict[str, Any]]
Facts = dict[str, Any]


def main(function: str, hooks: str) -> None:
    """Serve the first event, take the snapshot, and serve each other event by a copy of it."""
    lines, sys.stdout = sys.stdout, sys.stderr  # which is where the function logs to
    imported = _import_alone(function)
    os.environ.update(json.loads(sys.stdin.readline()))  # noqa: TID251 - a process of Lambda begins with them
    began = process_time()
    handler: Handler = import_module(f"functions.{function}.handler").handler
    opened = process_time() - began
    served = _serve(handler, sys.stdin.readline())
    if hooks in {"before", "both"}:
        _run(reversed(snapshot_restore_py.get_before_snapshot()))
    _say(lines, {**served, "imported": imported, "opened": opened, "snapshot": _facts()})
    state = random.getstate()
    for event in sys.stdin:
        _say(lines, _in_a_copy(partial(_restore, handler, event, state=state, run_hooks=hooks == "both")))


def _import_alone(function: str) -> Facts:
    """Import all that a function imports, without the settings that a door needs to open, and see what is there."""
    with suppress(SettingMissing):
        import_module(f"functions.{function}.handler")
    wiring.cache_clear()
    if function == "mcp_server":
        import_module("shared.transports.mcp.tools.catalogue").CATALOGUE.load_all()  # as a snapshot has them
    return _facts()


def _restore(handler: Handler, event: str, *, state: tuple[Any, ...], run_hooks: bool) -> Facts:
    random.setstate(state)  # Python draws another after a fork; nobody tells it of a snapshot
    began = process_time()
    if run_hooks:
        _run(snapshot_restore_py.get_after_restore())
    return {"hooks": process_time() - began, "restored": _facts(), **_serve(handler, event)}


def _serve(handler: Handler, event: str) -> Facts:
    request = json.loads(event)
    began = process_time()
    return {
        "status": handler(request, None)["statusCode"] if request else None,
        "answer": process_time() - began,
        "left": _facts(),
    }


def _run(hooks: Iterable[Any]) -> None:
    for hook, arguments, keywords in hooks:
        hook(*arguments, **keywords)


def _in_a_copy(work: Callable[[], Facts]) -> Facts:
    """Do it in a copy of this process, and wait for it."""
    reader, writer = os.pipe()
    if (copy := os.fork()) == 0:
        try:
            answer = work()
        except Exception as failed:  # noqa: BLE001 - it is told on the other side of the pipe
            answer = {"failed": type(failed).__name__}
        with os.fdopen(writer, "w") as telling:
            json.dump(answer, telling)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        answer = json.load(told)
    os.waitpid(copy, 0)
    return answer


def _facts() -> Facts:
    gc.unfreeze()  # what was set aside is looked at, too
    connections = sum(map(_is_connection, gc.get_objects()))  # those too that nobody uses and nobody has collected
    gc.collect()
    everything: list[Any] = gc.get_objects()
    kinds = Counter(kind for kind in map(type, everything) if _is_ours(kind.__module__))
    return {
        "random": random.random(),
        "generators": sum(type(thing) is random.Random for thing in everything),
        "connections": connections,
        "modules": len(sys.modules),
        "tags": [thing.tag.hex() for thing in everything if isinstance(thing, Verified)],
        "instances": {_name(kind): number for kind, number in kinds.items()},
        "changeable": [_name(kind) for kind in kinds if _can_change(kind)],
        "containers": {name: len(found) for name, found in _containers()},
        "caches": [f"{cache.__module__}.{cache.__name__}" for cache in everything if _is_filled_cache(cache)],
    }


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in OURS


def _can_change(kind: type) -> bool:
    """Tell whether its instances can: enumerations and tuples cannot, nor frozen dataclasses, which have a hash."""
    is_frozen = hasattr(kind, "__dataclass_fields__") and getattr(kind, "__hash__", None) is not None
    return not is_frozen and not issubclass(kind, Enum | tuple)


def _is_connection(thing: object) -> bool:
    return isinstance(thing, socket.socket) and thing.fileno() >= 0 and thing.family == socket.AF_INET


def _is_filled_cache(thing: Any) -> bool:  # noqa: ANN401 - any object of the process
    is_cache = type(thing).__name__ == "_lru_cache_wrapper" and _is_ours(thing.__module__)
    return is_cache and thing.cache_info().currsize > 0


def _containers() -> Iterator[tuple[str, Any]]:
    """Go through what a module of ours could remember things in."""
    for module, found in sys.modules.items():
        if _is_ours(module):
            for name, value in vars(found).items():
                if isinstance(value, dict | list | set) and not name.startswith("__"):
                    yield f"{module}.{name}", value


def _say(lines: TextIO, facts: Facts) -> None:
    lines.write(json.dumps(facts) + "\n")
    lines.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
