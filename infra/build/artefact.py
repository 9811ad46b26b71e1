"""Build what one function is deployed as: its packages, itself, the part of `shared` that it can reach, and bytecode.

`python artefact.py build mcp_server DIRECTORY`, called by the Makefile beside it, which `sam build` calls. It runs
before anything is installed, so it has the standard library and pip only.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

RUNTIME = "3.13"
"""The Python of the Lambda runtime; template.yaml says the same."""

PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
"""Wheels that run there. pip takes each name literally: an older tag is not understood under a newer one."""

DEPLOYED_AT = "/var/task"

UNREACHED = {
    "mcp_server": ("transports/cli", "transports/http", "transports/web"),
    "token_api": ("transports/cli", "transports/mcp"),
    "projector": ("transports/cli", "transports/http", "transports/mcp", "transports/web"),
    "sealer": ("transports/cli", "transports/http", "transports/mcp", "transports/web"),
    "sweeper": ("transports/cli", "transports/http", "transports/mcp", "transports/web"),
    "importer": ("transports/cli", "transports/http", "transports/mcp", "transports/web"),
    "notifier": ("transports/cli", "transports/http", "transports/mcp", "transports/web"),
}
"""Function -> folders of `shared` that it cannot use, and whose packages it does not carry."""

COPIED = frozenset({".css", ".html", ".js", ".py", ".svg"})
"""Modules, and what pages are made of. Nothing else that happens to lie beside them is deployed."""

BEHIND_THE_API = frozenset({"mcp_server", "token_api"})
"""Functions that requests reach, by the door of functions/door.py."""

CALLED_SERVICES = frozenset({"dynamodb", "kms", "s3", "secretsmanager", "sesv2", "sns", "sqs"})
"""What we call of AWS. botocore describes four hundred services in 26 MB, nine tenths of its size."""

NEVER_READ = (
    "boto3/data",  # descriptions of resources; we make clients, which botocore describes
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/*.min.*",  # a page for browsers
    "*/benchmarks",
    "*/tests",
    "**/*.pyi",  # types, which only a checker reads
)
"""What packages bring and no function reads: 4 MB."""
SERVERS = ("uvicorn*", "click*")
"""A server and its command line: the SDK imports them where they are there, and a function has no use for them."""


def build(function: str, target: Path, *, python: str = RUNTIME) -> None:
    """Fill an empty directory with what the function is deployed as; for another Python, to try it where there is none.

    Raises:
        subprocess.CalledProcessError: pip or the compiler refused, and has said why.

    """
    install_packages(function, target, python)
    remove_unread(target, *SERVERS)
    copy_sources(function, target)
    compile_bytecode(target, python)


def install_packages(function: str, target: Path, python: str) -> None:
    """Install exactly what the function's lock names, for Lambda's platform, whatever machine this is."""
    _run(
        [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"),
            *(
                "--require-hashes",
                "--no-deps",
                "--requirement",
                str(ROOT / "functions" / function / "requirements.txt"),
            ),
            *("--only-binary", ":all:", "--implementation", "cp", "--python-version", python),
            *(word for platform in PLATFORMS for word in ("--platform", platform)),
            *("--no-compile", "--target", str(target)),
        ]
    )
    shutil.rmtree(target / "bin", ignore_errors=True)  # commands of packages; nobody types in a Lambda function


def remove_unread(target: Path, *more: str) -> None:
    """Remove what no function reads, botocore's descriptions of services that we do not call among it, and `more`."""
    for pattern in (*NEVER_READ, *more):
        for found in list(target.glob(pattern)):
            if found.is_dir():
                shutil.rmtree(found)
            else:
                found.unlink()
    for description in (target / "botocore" / "data").glob("*/"):
        if description.name not in CALLED_SERVICES:
            shutil.rmtree(description)


def copy_sources(function: str, target: Path) -> None:
    """Copy the door, the wiring and the floors below them, under the paths that they are imported by."""
    copy_package(ROOT / "functions", target / "functions", leaving_out=_other_functions(function))
    copy_package(ROOT / "shared", target / "shared", leaving_out=_folders(ROOT / "shared", UNREACHED[function]))


def copy_package(source: Path, target: Path, *, leaving_out: frozenset[Path]) -> None:
    """Copy what a package is made of, by the names of its files, and nothing that happens to lie beside them."""

    def ignored(folder: str, names: list[str]) -> set[str]:
        return {
            name
            for name in names
            if Path(folder, name) in leaving_out
            or name == "__pycache__"
            or (Path(folder, name).is_file() and Path(name).suffix not in COPIED)
        }

    shutil.copytree(source, target, ignore=ignored)


def compile_bytecode(target: Path, python: str) -> None:
    """Compile every module for the Python that runs it; without one at hand say so and leave the sources alone.

    The runtime could not keep bytecode that it makes (its disk is read-only), so it would compile anew at every cold
    start. Its files are never changed after the build, so nothing is ever checked against its source.
    """
    interpreter = find_interpreter(python)
    if interpreter is None:
        sys.stderr.write(
            f"No Python {python} here, so {target.name} carries no bytecode (another version's would not be read): "
            "its cold starts take about twice as long.\n"
        )
        return
    _run(
        [
            *(interpreter, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(target), "-p", DEPLOYED_AT, str(target)),  # so that a traceback names the deployed file
        ]
    )


def find_interpreter(python: str = RUNTIME) -> str | None:
    """Find a Python of a version: this one, one on PATH, or one that pyenv or uv keeps."""
    if sys.version_info[:2] == tuple(map(int, python.split("."))):
        return sys.executable
    kept = (
        found
        for store in (".pyenv/versions/", ".local/share/uv/python/cpython-")
        for found in sorted(Path.home().glob(f"{store}{python}.*/bin/python{python}"))
    )
    for candidate in (shutil.which(f"python{python}"), *map(str, kept)):
        # A version manager leaves a command for each of its versions and starts only those that are switched on.
        if candidate and _starts(candidate):
            return candidate
    return None


def size_of(target: Path) -> int:
    """Count the bytes that Lambda counts against its limit of 250 MB."""
    return sum(path.stat().st_size for path in target.rglob("*") if path.is_file())


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - every word of it is written in this file


def _starts(interpreter: str) -> bool:
    trial = subprocess.run([interpreter, "-c", ""], capture_output=True, check=False)  # noqa: S603 - a Python, found by name
    return trial.returncode == 0


def _other_functions(function: str) -> frozenset[Path]:
    others = tuple(name for name in UNREACHED if name != function)
    return _folders(ROOT / "functions", others if function in BEHIND_THE_API else (*others, "door.py"))


def _folders(package: Path, names: tuple[str, ...]) -> frozenset[Path]:
    return frozenset(package / name for name in names)


def main() -> None:
    """Read the command line and build, or say which Python here runs what is built."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    building = commands.add_parser("build", help="build one function")
    building.add_argument("function", choices=UNREACHED)
    building.add_argument("target", type=Path, help="a directory, empty or yet to be made")
    building.add_argument("--python", default=RUNTIME, help="the version it shall run on (%(default)s)")
    commands.add_parser(
        "interpreter", help="print the Python to try artefacts on: the runtime's version, or else this one"
    )
    arguments = parser.parse_args()
    if arguments.command == "interpreter":
        sys.stdout.write(f"{find_interpreter() or sys.executable}\n")
        return
    build(arguments.function, arguments.target, python=arguments.python)
    sys.stdout.write(f"{arguments.function}: {size_of(arguments.target) / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
