"""One container of a function: `python -m infra.local.worker_process MODULE.HANDLER`.

It imports the handler once and then runs one event at a time, as Lambda does. It ends itself when the
stack's end of the pipe closes, so no worker outlives its stack, not even a stack that was killed.
"""

import importlib
import os
import sys
import threading
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, BinaryIO

from infra.local import frames
from infra.local.lambda_context import LambdaContext

Handler = Callable[[dict[str, Any], Any], Any]


def main(handler_path: str) -> None:
    """Take events until the stack is gone."""
    inbound, outbound = _take_the_pipe()
    inbox: SimpleQueue[frames.Frame] = SimpleQueue()
    threading.Thread(target=_listen, args=(inbound, inbox), daemon=True).start()
    handler = _load(handler_path)
    _send(outbound, frames.encode({"kind": "ready"}))
    while True:
        _send(outbound, _run(handler, inbox.get()))


def _take_the_pipe() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipe to ourselves: what a handler prints must land in the log, not between two frames."""
    inbound, outbound = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return inbound, outbound


def _listen(inbound: BinaryIO, inbox: SimpleQueue[frames.Frame]) -> None:
    """Runs in a thread of its own, so that the end of the stack is seen in the middle of an event too."""
    while (frame := frames.read(inbound)) is not None:
        inbox.put(frame)
    os._exit(0)


def _load(handler_path: str) -> Handler:
    module_name, _, function_name = handler_path.rpartition(".")
    return getattr(importlib.import_module(module_name), function_name)


def _run(handler: Handler, invocation: frames.Frame) -> bytes:
    try:
        result = handler(invocation["event"], LambdaContext(**invocation["context"]))
        return frames.encode({"kind": "result", "result": result})
    except Exception as failure:  # noqa: BLE001 - the runtime's edge: Lambda, too, reports any failure and lives on
        traceback.print_exc()
        return frames.encode({"kind": "failure", "type": type(failure).__name__})


def _send(outbound: BinaryIO, frame: bytes) -> None:
    outbound.write(frame)
    outbound.flush()


if __name__ == "__main__":
    main(sys.argv[1])
