"""What the folder of objects promises beyond the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.storage.contracts.objects import ObjectInfo, ObjectStore
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.objects.folder import FolderObjects


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"12")
    return path


def test_what_a_killed_writer_left_behind_is_no_object(tmp_path: Path, source: Path) -> None:
    objects: ObjectStore = FolderObjects(tmp_path / "objects")
    objects.put_file("raw/a", source)
    (tmp_path / "objects" / ".unfinished" / "half").write_bytes(b"1")

    assert list(objects.list("")) == [ObjectInfo(key="raw/a", size=2)]


def test_a_writer_leaves_nothing_behind(tmp_path: Path, source: Path) -> None:
    FolderObjects(tmp_path / "objects").put_file("raw/a", source)

    assert list((tmp_path / "objects" / ".unfinished").iterdir()) == []


def test_a_source_that_is_not_there_is_a_mistake_and_not_called_unavailable(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FolderObjects(tmp_path / "objects").put_file("raw/a", tmp_path / "none")


def test_a_folder_that_cannot_be_used_is_unavailable(tmp_path: Path, source: Path) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")

    with pytest.raises(StoreUnavailable):
        FolderObjects(tmp_path / "objects").put_file("raw/a", source)
