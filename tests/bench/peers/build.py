"""Lay out what is measured beside a function of ours as a function of ours is laid out: `build.py TARGET PACKAGE ...`.

It runs in `.venv-bench`, takes the packages and what they need from there, removes what no function reads, and adds
the bytecode, both by the very code that builds our functions.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.build.artefact import compile_bytecode, remove_unread

ROOT = Path(__file__).parents[3]
SOURCES = ("tests/__init__.py", "tests/bench/__init__.py", "tests/bench/peers/*.py")


def build(target: Path, packages: Iterable[str]) -> None:
    """Fill an empty directory."""
    for package in needed_by(packages):
        _copy(package, target)
    for pattern in SOURCES:
        for source in ROOT.glob(pattern):
            copy = target / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    remove_unread(target)
    compile_bytecode(target, ".".join(map(str, sys.version_info[:2])))


def needed_by(packages: Iterable[str]) -> list[Distribution]:
    """Find packages and all that they need here."""
    found: dict[str, Distribution] = {}
    asked, open_ = set[tuple[str, str]](), [Requirement(package) for package in packages]
    while open_:
        wanted = open_.pop()
        name = canonicalize_name(wanted.name)
        found.setdefault(name, distribution(name))
        for extra in ("", *wanted.extras):
            if (name, extra) not in asked:
                asked.add((name, extra))
                open_ += _asked_by(found[name], extra)
    return [*found.values()]


def _asked_by(package: Distribution, extra: str) -> list[Requirement]:
    requirements = map(Requirement, package.requires or ())
    return [each for each in requirements if each.marker is None or each.marker.evaluate({"extra": extra})]


def _copy(package: Distribution, target: Path) -> None:
    for file in package.files or ():
        if ".." not in file.parts and "__pycache__" not in file.parts:  # commands lie outside
            copy = target / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(package.locate_file(file)), copy)


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.argv[2:])
