"""What every store of objects promises: a folder, and S3."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.storage.contracts.objects import ObjectInfo, ObjectMissing, ObjectStore

LARGE = 20_000_000
"""More than one part of an upload."""


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[[bytes], Path]:
    def make(content: bytes) -> Path:
        path = tmp_path / f"source-{len(list(tmp_path.iterdir()))}"
        path.write_bytes(content)
        return path

    return make


def content_of(objects: ObjectStore, key: str) -> bytes:
    with objects.open(key) as file:
        return file.read()


def test_an_object_comes_back_as_it_was_put(
    objects: ObjectStore, a_file: Callable[[bytes], Path], tmp_path: Path
) -> None:
    objects.put_file("facts/ws1/order/2026-10/imp1.parquet", a_file(b"\x00PAR1\xff"))

    assert content_of(objects, "facts/ws1/order/2026-10/imp1.parquet") == b"\x00PAR1\xff"
    objects.fetch("facts/ws1/order/2026-10/imp1.parquet", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"\x00PAR1\xff"


def test_an_object_is_read_line_by_line(objects: ObjectStore, a_file: Callable[[bytes], Path]) -> None:
    lines = [f"line {n} {'x' * (n % 700)}\n".encode() for n in range(5_000)]
    objects.put_file("raw/file.ndjson", a_file(b"".join(lines)))

    with objects.open("raw/file.ndjson") as file:
        assert list(file) == lines


def test_bytes_come_back_as_they_were_put(objects: ObjectStore) -> None:
    objects.put("trail/ws1/1", b"first, and longer")
    objects.put("trail/ws1/1", b"\x00second")

    assert content_of(objects, "trail/ws1/1") == b"\x00second"


def test_an_object_of_many_megabytes_comes_back_whole(
    objects: ObjectStore, a_file: Callable[[bytes], Path], tmp_path: Path
) -> None:
    content = os.urandom(1000) * (LARGE // 1000)
    objects.put_file("raw/large", a_file(content))

    objects.fetch("raw/large", tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == content
    assert list(objects.list("raw/")) == [ObjectInfo(key="raw/large", size=LARGE)]


def test_an_empty_object_is_an_object(objects: ObjectStore, a_file: Callable[[bytes], Path]) -> None:
    objects.put_file("raw/empty", a_file(b""))

    assert content_of(objects, "raw/empty") == b""
    assert list(objects.list("")) == [ObjectInfo(key="raw/empty", size=0)]


def test_the_same_key_again_replaces_the_object(objects: ObjectStore, a_file: Callable[[bytes], Path]) -> None:
    objects.put_file("raw/a", a_file(b"first, and longer"))
    objects.put_file("raw/a", a_file(b"second"))

    assert content_of(objects, "raw/a") == b"second"


def test_a_reader_sees_one_version_whole_while_others_write(
    objects: ObjectStore, a_file: Callable[[bytes], Path]
) -> None:
    versions = [bytes([65 + n]) * 300_000 for n in range(4)]
    files = [a_file(version) for version in versions]
    objects.put_file("raw/a", files[0])

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(objects.put_file, "raw/a", file) for file in files * 3]
        seen = [content_of(objects, "raw/a") for _ in range(20)]
        for each in writing:
            each.result(timeout=60)

    assert set(seen) <= set(versions)


def test_a_reader_ends_with_the_version_that_it_began_with(
    objects: ObjectStore, a_file: Callable[[bytes], Path]
) -> None:
    objects.put_file("raw/a", a_file(b"old" * 2_000_000))

    with objects.open("raw/a") as file:
        begun = file.read(10)
        objects.put_file("raw/a", a_file(b"new" * 1_000_000))
        assert begun + file.read() == b"old" * 2_000_000

    assert content_of(objects, "raw/a") == b"new" * 1_000_000


def test_what_is_not_there_is_missing(objects: ObjectStore, a_file: Callable[[bytes], Path], tmp_path: Path) -> None:
    objects.put_file("raw/a/b", a_file(b"x"))

    for key in ("raw/none", "none", "raw/a", "raw/a/b/c"):
        with pytest.raises(ObjectMissing), objects.open(key):
            pass
        with pytest.raises(ObjectMissing):
            objects.fetch(key, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_deleted_object_is_gone_and_may_be_deleted_again(
    objects: ObjectStore, a_file: Callable[[bytes], Path]
) -> None:
    objects.put_file("raw/a", a_file(b"x"))

    objects.delete("raw/a")
    objects.delete("raw/a")

    assert list(objects.list("")) == []
    with pytest.raises(ObjectMissing), objects.open("raw/a"):
        pass


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("", ["facts/ws1/a", "facts/ws1/b/c", "facts/ws1-2/a", "facts/ws10/a", "raw/x"]),
        ("facts/ws1/", ["facts/ws1/a", "facts/ws1/b/c"]),
        ("facts/ws1", ["facts/ws1/a", "facts/ws1/b/c", "facts/ws1-2/a", "facts/ws10/a"]),
        ("facts/ws1/a", ["facts/ws1/a"]),
        ("facts/none/", []),
        ("raw/x/y", []),
    ],
)
def test_a_list_gives_the_keys_under_a_prefix_in_order(
    objects: ObjectStore, a_file: Callable[[bytes], Path], prefix: str, found: list[str]
) -> None:
    for key in ("raw/x", "facts/ws10/a", "facts/ws1/b/c", "facts/ws1-2/a", "facts/ws1/a"):
        objects.put_file(key, a_file(b"12"))

    assert list(objects.list(prefix)) == [ObjectInfo(key=key, size=2) for key in sorted(found)]


def test_a_list_of_more_than_a_thousand_objects_is_whole(objects: ObjectStore, a_file: Callable[[bytes], Path]) -> None:
    file = a_file(b"")
    with ThreadPoolExecutor(8) as pool:
        for each in [pool.submit(objects.put_file, f"raw/{n:04}", file) for n in range(1_010)]:
            each.result(timeout=60)

    assert [info.key for info in objects.list("raw/")] == [f"raw/{n:04}" for n in range(1_010)]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "../outside",
        "raw/../../outside",
        "raw/..",
        "raw/./a",
        "raw//a",
        "raw/",
        ".hidden",
        ".unfinished/a",
        "raw/\x00a",
        "raw/line\nfeed",
        "raw\\..\\a",
        "x" * 1025,
    ],
)
def test_a_key_that_leads_elsewhere_is_refused_by_every_method(
    objects: ObjectStore, a_file: Callable[[bytes], Path], tmp_path: Path, key: str
) -> None:
    with pytest.raises(ValueError, match="cannot be the key"):
        objects.put_file(key, a_file(b"x"))
    with pytest.raises(ValueError, match="cannot be the key"), objects.open(key):
        pass
    with pytest.raises(ValueError, match="cannot be the key"):
        objects.fetch(key, tmp_path / "copy")
    with pytest.raises(ValueError, match="cannot be the key"):
        objects.delete(key)
    assert list(objects.list("")) == []
