"""MiniStack as a process: it pins botocore, so it lives in a venv of its own (`make .venv-ministack/stamp`)."""

import os
import signal
import socket
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from infra.emulator.account import CREDENTIALS, Account
from infra.emulator.certificate import make_certificate
from infra.local.pool import PROJECT
from infra.local.stack import HOST

PYTHON = PROJECT / ".venv-ministack" / "bin" / "python"
LOG = "ministack.log"
READY_WITHIN = 60.0  # seconds


class MiniStackFailed(Exception):
    """MiniStack ended before it was ready."""


@contextmanager
def ministack(folder: Path) -> Generator[Account]:
    """Run MiniStack on loopback ports of its own with its files in a folder; end it with all that it has started.

    Raises:
        MiniStackFailed: it is not installed, or says in its log why it ended.

    """
    port, plain_port = free_port(), free_port()
    account = Account(
        address=f"https://{HOST}:{port}", plain_address=f"http://{HOST}:{plain_port}", certificate=folder / "tls.crt"
    )
    key, log = folder / "tls.key", folder / LOG
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    make_certificate(HOST, certificate=account.certificate, key=key)
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        "AUTH": "true",
        "LAMBDA_WARM_TTL_SECONDS": "86400",  # a function that is called seldom is not started anew each time
        "USE_SSL": "1",  # functions are told the address by its scheme
        "MINISTACK_SSL_CERT": str(account.certificate),
        "MINISTACK_SSL_KEY": str(key),
        "AWS_CA_BUNDLE": str(account.certificate),  # for the functions, which inherit it
        **{name.upper(): value for name, value in CREDENTIALS.items()},
    }
    # Not its own command, which listens on port 443 besides wherever it may.
    command = [
        *(str(PYTHON), "-m", "hypercorn", "ministack.app:app", "--workers", "0", "--keep-alive", "75"),
        *("--bind", f"{HOST}:{port}", "--certfile", str(account.certificate), "--keyfile", str(key)),
        *("--insecure-bind", f"{HOST}:{plain_port}", "--graceful-timeout", "0"),
    ]
    with _running(command, environment, folder=folder, log=log) as process:
        _wait_until_ready(process, f"{account.plain_address}/_ministack/ready", log)
        yield account


@contextmanager
def _running(
    command: Sequence[str], environment: dict[str, str], *, folder: Path, log: Path
) -> Generator[subprocess.Popen[bytes]]:
    """Run a program in a process group of its own; functions run in processes of that group."""
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        except FileNotFoundError:
            raise MiniStackFailed("MiniStack is not installed: make .venv-ministack/stamp") from None
    try:
        yield process
    finally:
        # Not asked to end: it keeps nothing, and would first wait for every connection to be closed by the other side.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """Find a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(int(READY_WITHIN * 10)):
        with suppress(URLError, ConnectionError, TimeoutError), urlopen(address, timeout=1) as answer:  # noqa: S310 - our own
            if answer.status == 200:  # noqa: PLR2004 - OK
                return
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
            break
    raise MiniStackFailed(f"MiniStack did not come up:\n{log.read_text(errors='replace')[-2000:]}")
