"""The logs of the local stack lie in files, and what befalls the files befalls nothing else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from infra.local.logs import function_log, logs_in


def test_a_full_disk_costs_lines_and_does_not_fill_the_console(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sweeper.log").symlink_to("/dev/full")

    with logs_in(tmp_path, ["sweeper", "sealer"], echo=logging.NullHandler()):
        function_log("sweeper").info("lost")
        function_log("sealer").info("kept")

    assert capsys.readouterr().err == ""
    assert (tmp_path / "sealer.log").read_text() == "kept\n"
