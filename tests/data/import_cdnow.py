"""`make import-cdnow`: import the CDNOW history into the second workspace of the running local stack."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from infra.cli import app
from infra.local.sample import SECOND
from tests.data import cdnow


def main() -> None:
    """Write the file and hand it to the command line, as anybody would."""
    with TemporaryDirectory(prefix="cdnow-") as folder:
        file = cdnow.write(Path(folder) / "cdnow.ndjson")
        app(["import", str(file), "--workspace", SECOND.workspace_id])


if __name__ == "__main__":
    main()
