"""DuckDB reaches the files of its run and nothing else, and fetches nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from shared.services.folds.duck import open_duck


def test_a_statement_reaches_only_the_folder_of_the_run(tmp_path: Path) -> None:
    work, elsewhere = tmp_path / "it's the run's", tmp_path / "elsewhere.ndjson"
    work.mkdir()
    for file in (work / "facts.ndjson", elsewhere):
        file.write_text('{"a": 1}\n')

    with open_duck(work) as duck:
        assert duck.rows("SELECT a FROM read_json($file)", file=str(work / "facts.ndjson")) == [(1,)]
        for statement in (
            f"SELECT * FROM read_json('{elsewhere}')",  # noqa: S608 - a path of this test
            f"COPY (SELECT 1) TO '{elsewhere}'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
            "LOAD httpfs",
        ):
            with pytest.raises(duckdb.Error):
                duck.run(statement)


def test_what_does_not_fit_into_memory_goes_to_the_folder_of_the_run(tmp_path: Path) -> None:
    with open_duck(tmp_path) as duck:
        ((folder, limit),) = duck.rows("SELECT current_setting('temp_directory'), current_setting('memory_limit')")

    assert Path(folder).parent == tmp_path
    assert limit == "488.2 MiB"
