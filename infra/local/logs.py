"""Where the lines of the local stack go: a file for each function, one for the stack itself, perhaps the console."""

import contextlib
import logging
import re
import sys
from collections.abc import Generator, Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from urllib.parse import unquote

from shared.transports.cli.output import plain

LONGEST_FILE, KEPT_FILES = 5 * 1024 * 1024, 3
DEEPEST_ENCODING = 8
STACK_LOGGERS = ("infra.local", "uvicorn.error")

# Tokens and their like: what is left of one tells which it was and opens nothing.
_SECRET = re.compile(r"(mf[psar]_[0-9A-Za-z]{8})[0-9A-Za-z%]+")


def function_log(name: str) -> logging.Logger:
    """Give the log of a function."""
    return logging.getLogger(f"function.{name}")


def loggable(text: str) -> str:
    """Write what a client chose so that it stays on its line, moves no cursor and gives no token away."""
    for _ in range(DEEPEST_ENCODING):
        if (once_more := unquote(text)) == text:
            break
        text = once_more
    else:
        text = text.partition("%")[0] + "%…"  # whoever sends this hides something
    return _SECRET.sub(r"\1***", plain(text))


@contextlib.contextmanager
def logs_in(folder: Path, functions: Iterable[str], *, echo: logging.Handler) -> Generator[None]:
    """Write every log into the folder while the context lasts, and what `echo` lets through to it."""
    with contextlib.ExitStack() as files:
        for name in functions:
            # What a function printed, as it printed it: most of it is JSON already.
            files.enter_context(_written(function_log(name), _file(folder, name, "%(message)s"), echo))
        stack = _file(folder, "stack", "%(asctime)s %(levelname)s %(name)s: %(message)s")
        for name in STACK_LOGGERS:
            files.enter_context(_written(logging.getLogger(name), stack, echo))
        yield


class _LogFile(RotatingFileHandler):
    """A file of lines, which is full where the disk is: then lines are lost, and the console is not told of each."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def _file(folder: Path, name: str, form: str) -> logging.Handler:
    handler = _LogFile(folder / f"{name}.log", maxBytes=LONGEST_FILE, backupCount=KEPT_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter(form))
    return handler


@contextlib.contextmanager
def _written(log: logging.Logger, file: logging.Handler, echo: logging.Handler) -> Generator[None]:
    log.setLevel(logging.INFO)
    log.propagate = False
    for handler in (file, echo):
        log.addHandler(handler)
    try:
        yield
    finally:
        for handler in (file, echo):
            log.removeHandler(handler)
        with contextlib.suppress(OSError):  # lines that a full disk has not taken
            file.close()
