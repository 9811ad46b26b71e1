"""The promises of the house that no linter holds: what a file may say, how long it may be, what the locks may name."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FUNCTION_LOCKS = sorted(ROOT.glob("functions/*/requirements.txt"))
LOCKS = [*sorted(ROOT.glob("requirements/*.lock")), *FUNCTION_LOCKS]

SOURCE = {".js", ".mjs", ".py", ".sh", ".toml", ".ts", ".yaml", ".yml"}
HOUSE = {"shared", "functions", "infra", "tests"}
LONGEST_FILE = 400
LONGEST_DOOR = 25
SAYS_NOTHING = {"base", "common", "helper", "helpers", "misc", "util", "utils"}
ELSEWHERE = re.compile(
    r"(?<![\w.~-])/(?:work|root|home|Users|tmp/scratch)/"  # somebody's machine
    r"|(?:pypi|pythonhosted|npmjs|npmmirror|yarnpkg)\.(?:org|com)",  # somebody's registry
)


def tracked() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S607 - git is where PATH says
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return (path for path in paths if path.is_file())


def here(path: Path, line: int | None = None) -> str:
    return f"{path.relative_to(ROOT)}" + (f":{line}" if line else "")


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def source_files() -> list[Path]:
    return [path for path in tracked() if path.suffix in SOURCE or path.name == "Makefile"]


def test_no_source_file_is_longer_than_400_lines() -> None:
    # The template is the one exception: the whole stack stands on one page.
    lengths = {here(path): len(lines_of(path)) for path in source_files() if path.name != "template.yaml"}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_door_is_longer_than_25_lines() -> None:
    doors = {here(path): len(lines_of(path)) for path in sorted(ROOT.glob("functions/*/handler.py"))}
    assert {name: lines for name, lines in doors.items() if lines > LONGEST_DOOR} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [here(path) for path in tracked() if path.stem in SAYS_NOTHING] == []


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    found = [
        here(path, number)
        for path in tracked()
        if path.suffix not in {".png", ".ico", ".woff2"}
        for number, line in enumerate(lines_of(path), start=1)
        if ELSEWHERE.search(line)
    ]
    assert found == []


def test_each_exception_to_a_rule_has_its_reason_beside_it() -> None:
    # A reason follows the codes: `noqa: S608 - the table's name is ours`.
    bare = re.compile(r"#\s*(?:noqa(?::\s*[A-Z0-9, ]+)?|(?:pyright|type):\s*ignore(?:\[[\w, -]+\])?|pragma:[\w ]+)\s*$")
    found = [
        here(path, number)
        for path in source_files()
        for number, line in enumerate(lines_of(path), start=1)
        if bare.search(line)
    ]
    assert found == []


def test_each_rule_that_the_project_file_switches_off_has_its_reason_beside_it() -> None:
    code = re.compile(r'^\s+"[A-Z]+[0-9]*",\s*$|= \["[A-Z]+[0-9]+"(?:, "[A-Z]+[0-9]+")*\]\s*$|^report\w+ = \S+\s*$')
    path = ROOT / "pyproject.toml"
    section = ""
    found: list[str] = []
    for number, line in enumerate(lines_of(path), start=1):
        section = line if line.startswith("[") else section
        if section.startswith(("[tool.ruff", "[tool.basedpyright")) and code.search(line):
            found.append(here(path, number))
    assert found == []


def imports_of(path: Path) -> set[str]:
    """Name the modules that a file imports when it runs, less those of the standard library."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name for name in found if name.split(".")[0] not in sys.stdlib_module_names}


@pytest.mark.parametrize("path", sorted((ROOT / "shared/domain").rglob("*.py")), ids=here)
def test_the_domain_knows_the_standard_library_and_itself(path: Path) -> None:
    assert {name for name in imports_of(path) if not name.startswith("shared.domain")} == set()


def packages_imported_by(folder: str) -> dict[str, str]:
    """Give each package that the files of a folder import, and one of those files."""
    given_by = {"awslabs": ["awslabs-mcp-lambda-handler"], **packages_distributions()}  # that is in .venv-bench alone
    return {
        canonicalize_name(next(iter(given_by.get(module, [module])))): here(path)
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "node_modules" not in path.parts
        for module in {name.split(".")[0] for name in imports_of(path)} - HOUSE
    }


@pytest.mark.parametrize(
    ("folder", "groups"), [("shared", ()), ("functions", ()), ("infra", ()), ("tests", ("dev", "bench"))]
)
def test_what_a_file_imports_is_asked_for_in_the_project_file(folder: str, groups: tuple[str, ...]) -> None:
    asked = {canonicalize_name(one.name) for one in requirements(*groups)}
    assert {name: path for name, path in packages_imported_by(folder).items() if name not in asked} == {}


def test_what_runs_is_no_more_than_what_is_imported() -> None:
    imported = {name for folder in ("shared", "functions", "infra") for name in packages_imported_by(folder)}
    read_by_zoneinfo, imported_by_starlette = {"tzdata"}, {"python-multipart"}
    others = {canonicalize_name(one.name) for one in requirements()} - imported
    assert others == read_by_zoneinfo | imported_by_starlette


def test_every_test_belongs_to_a_suite_that_make_test_runs() -> None:
    suites = re.findall(r"^(?:IN_PAIRS|ALONE) := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    run = {name for line in suites for name in line.split()}
    in_folders = (path.relative_to(ROOT / "tests") for path in (ROOT / "tests").glob("*/**/test_*.py"))
    assert [str(path) for path in in_folders if path.parts[0] not in run] == []


# --- locks ---------------------------------------------------------------------------------------------------------


def pins(lock: Path) -> dict[str, str]:
    """Name and version of each package in a lock; of two versions for two Pythons, the later."""
    return dict(re.findall(r"^([\w.-]+)(?:\[[^]]+\])?==(\S+)", lock.read_text(), re.MULTILINE))


def requirements(*groups: str) -> list[Requirement]:
    """Give what the product relies on, and what the groups add."""
    declared: list[str] = [*PROJECT["project"]["dependencies"]]
    declared += [line for group in groups for line in PROJECT["dependency-groups"][group]]
    return [Requirement(line) for line in declared]


@pytest.mark.parametrize("lock", LOCKS, ids=here)
def test_every_package_in_a_lock_has_its_hashes(lock: Path) -> None:
    entries = re.split(r"^(?=\w)", lock.read_text().replace("\\\n", ""), flags=re.MULTILINE)[1:]
    assert entries
    assert [
        entry for entry in entries if not re.match(r"[\w.-]+(\[[^]]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)
    ] == []


def test_the_tools_are_locked_beside_the_very_versions_that_run() -> None:
    run, dev = pins(ROOT / "requirements/run.lock"), pins(ROOT / "requirements/dev.lock")
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize(("lock", "groups"), [("run", ("build",)), ("dev", ("build", "dev"))])
def test_a_lock_satisfies_what_the_project_file_asks_for(lock: str, groups: tuple[str, ...]) -> None:
    assert unmet(requirements(*groups), lock) == [], "run `make lock`"


@pytest.mark.parametrize("group", ["bench", "data", "ministack", "sam"])
def test_a_lock_of_its_own_satisfies_what_its_group_asks_for(group: str) -> None:
    asked: list[str] = PROJECT["dependency-groups"][group]
    assert unmet(map(Requirement, asked), group) == [], "run `make lock`"


def unmet(asked: Iterable[Requirement], lock: str) -> list[str]:
    locked = pins(ROOT / f"requirements/{lock}.lock")
    return [str(one) for one in asked if locked.get(canonicalize_name(one.name), "") not in one.specifier]


@pytest.mark.parametrize("lock", FUNCTION_LOCKS, ids=here)
def test_a_function_is_deployed_with_the_versions_that_are_tested(lock: Path) -> None:
    run, deployed = pins(ROOT / "requirements/run.lock"), pins(lock)
    assert deployed == {name: run.get(name) for name in deployed}


# --- documents -----------------------------------------------------------------------------------------------------


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/adr/README.md").read_text()
    decisions = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    assert decisions
    assert [here(path) for path in decisions if f"]({path.name})" not in index] == []


def test_no_two_decisions_have_one_number() -> None:
    numbers = [path.name.split("-")[0] for path in sorted((ROOT / "docs/adr").glob("[0-9]*.md"))]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("document", [path for path in tracked() if path.suffix == ".md"], ids=here)
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    targets = re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_changelog_tells_of_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## {re.escape(PROJECT['project']['version'])}\b", changelog, re.MULTILINE)
