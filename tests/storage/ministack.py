"""MiniStack as a process of its own: it pins botocore, so it lives in its own venv (`make .venv-ministack/stamp`)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

PROGRAM = Path(__file__).parents[2] / ".venv-ministack" / "bin" / "ministack"
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
READY_WITHIN_SECONDS = 60


@contextmanager
def ministack(folder: Path) -> Generator[str]:
    """Run MiniStack on a loopback port of its own, and give its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
    }
    with (folder / "ministack.log").open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM], cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait_until_ready(process, f"{address}/_ministack/ready", folder / "ministack.log")
            yield address
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=READY_WITHIN_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(READY_WITHIN_SECONDS * 10):
        with suppress(URLError, ConnectionError, TimeoutError), urlopen(address, timeout=1) as answer:  # noqa: S310  # our own
            if answer.status == 200:
                return
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
            break
    raise RuntimeError(f"MiniStack did not come up:\n{log.read_text(errors='replace')[-2000:]}")
