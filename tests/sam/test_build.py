"""What `sam build` makes of each function, tried where nothing of this machine's Python is at hand. The slow part."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.build.artefact import CALLED_SERVICES, DEPLOYED_AT, NEVER_READ, build, find_interpreter, size_of
from tests.doors.events import event
from tests.sam.conftest import Sam
from tests.sam.stack import FUNCTIONS, ROOT, Stack, source

MEGABYTE = 1_000_000
UNZIPPED_LIMIT = 250 * MEGABYTE  # Lambda's
KEYS = {"credential": {"1": "c" * 64}, "data": {"1": "d" * 64}}

INPUT = {
    "McpServer": event("mcp_no_credential"),
    "TokenApi": event("rest_no_credential"),
    "Projector": event("stream_core", workspace_id="wks_1"),
    "Sweeper": event("schedule_sweep"),
    "Sealer": event("schedule_seal"),
    "Importer": event("s3_object_created", raw_key="raw/not-an-upload"),
    "Notifier": event("stream_notice", workspace_id="wks_1", token_id="tok1"),
}
OUTPUT: dict[str, dict[str, Any]] = {
    "McpServer": {"statusCode": 401},
    "TokenApi": {"statusCode": 401},
    "Projector": {"batchItemFailures": []},
    "Sweeper": {"due": 0, "happened": {}, "fenced": 0, "more": False},
    "Sealer": {
        "accounted": {"calls": 0, "unaccounted": 0},
        "sealed": {"workspaces": 0, "seals": 0, "rows": 0},
    },
    "Importer": {},
    "Notifier": {"batchItemFailures": []},
}
"""What must be in the answer to the input, among other things."""

START = """
import json, sys
artefact, module, services = sys.argv[1:]
sys.path.insert(0, artefact)
from importlib import import_module
from types import SimpleNamespace
handler = import_module(module).handler
run = SimpleNamespace(get_remaining_time_in_millis=lambda: 900_000, aws_request_id="request-1")
answer = handler(json.load(sys.stdin), run)
for adapter in ("dynamodb.engine", "objects.s3", "notices.aws", "signing.kms"):
    import_module(f"shared.storage.{adapter}")  # what wiring imports in AWS only
import boto3
for service in services.split(","):
    boto3.client(service, region_name="eu-central-1")
elsewhere = [name for name, found in sys.modules.items() if "site-packages" in (getattr(found, "__file__", None) or "")]
print(json.dumps({"answer": answer, "elsewhere": elsewhere}))
"""
"""Run by the Python that it was built for with `-I -S`: no site-packages, no PYTHONPATH, no current directory."""


@pytest.fixture(scope="module")
def lambda_python(built_for: str) -> str:
    found = find_interpreter(built_for)
    assert found
    return found


def local_environment(folder: Path) -> dict[str, str]:
    keys = folder / "keys.json"
    keys.write_text(json.dumps(KEYS), encoding="utf-8")
    return {
        "STORE": "sqlite",
        "SQLITE_PATH": str(folder / "store.db"),
        "OBJECTS_DIR": str(folder / "objects"),
        "IMPORT_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/never-asked",
        "ARCHIVE_DIR": str(folder / "archive"),
        "KEYS_FILE": str(keys),
        "SIGNING_KEY_ARN": "arn:aws:kms:eu-central-1:123456789012:key/never-asked",  # a file's would need a package
        "AWS_DEFAULT_REGION": "eu-central-1",
        "LOG_ORIGIN": "merchant-mcp/tests",
        "MAILBOX_DIR": str(folder / "mailbox"),
        "PUBLIC_URL": "https://mcp.example",
        "DOCS_URL": "https://docs.example",
        "OIDC_ISSUER": "https://login.example",
        "OIDC_AUDIENCE": "merchant-mcp",
        "GITHUB_KEYS_URL": "https://keys.example",
    }


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    return ((str(path.relative_to(folder)), path.read_bytes()) for path in folder.rglob("*") if path.is_file())


def test_sam_finds_the_template_valid(sam: Sam) -> None:
    assert "is a valid SAM Template" in sam("validate", "--lint")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_artefact_answers_in_a_bare_interpreter_of_the_runtime(
    artefacts: Mapping[str, Path], lambda_python: str, stack: Stack, tmp_path: Path, function: str
) -> None:
    module = stack[function]["Handler"].removesuffix(".handler")
    ran = subprocess.run(
        [lambda_python, "-I", "-S", "-c", START, str(artefacts[function]), module, ",".join(sorted(CALLED_SERVICES))],
        env=local_environment(tmp_path),
        input=json.dumps(INPUT[function]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout.splitlines()[-1])
    assert said["elsewhere"] == []
    assert OUTPUT[function].items() <= (said["answer"] or {}).items()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_artefact_carries_bytecode_that_is_read_as_it_is(
    artefacts: Mapping[str, Path], built_for: str, function: str
) -> None:
    tag = "cpython-" + built_for.replace(".", "")
    sources = list(artefacts[function].rglob("*.py"))
    compiled = [path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc" for path in sources]
    unchecked_hash = (0b01).to_bytes(4, "little")  # PEP 552

    assert [str(path) for path in compiled if not path.is_file()] == []
    assert {path.read_bytes()[4:8] for path in compiled} == {unchecked_hash}
    ours = artefacts[function] / "functions" / "__pycache__" / f"wiring.{tag}.pyc"
    assert f"{DEPLOYED_AT}/functions/wiring.py".encode() in ours.read_bytes()  # what a traceback names


def test_an_artefact_carries_what_it_uses_and_no_more(artefacts: Mapping[str, Path]) -> None:
    def carriers(name: str) -> set[str]:
        return {function for function, path in artefacts.items() if (path / name).exists()}

    assert carriers("duckdb") == {"Projector", "Importer"}
    assert carriers("fastapi") == carriers("authlib") == carriers("jinja2") == {"TokenApi"}
    assert carriers("shared/transports/web") == carriers("shared/transports/http") == {"TokenApi"}
    assert carriers("mcp") == {"McpServer"}
    assert carriers("cryptography") == {"McpServer", "TokenApi"}  # where KMS signs, it is not needed to sign
    assert carriers("functions/door.py") == carriers("mangum") == {"McpServer", "TokenApi"}
    assert carriers("aws_xray_sdk") == set()  # calls are not traced
    assert carriers("shared/transports/cli") == set()
    for dev_only in ("moto", "pytest", "hypothesis", "typer", "infra", "tests"):
        assert carriers(dev_only) == set()


def test_the_pages_are_deployed_with_all_that_they_are_made_of_and_nothing_else(artefacts: Mapping[str, Path]) -> None:
    web = Path("shared/transports/web")
    made_of = {name: content for name, content in files_of(ROOT / web) if name.startswith(("static/", "templates/"))}
    deployed = {name: content for name, content in files_of(artefacts["TokenApi"] / web) if not is_a_module(name)}

    assert deployed == made_of
    assert {Path(name).suffix for name in deployed} >= {".css", ".html", ".js"}


def is_a_module(name: str) -> bool:
    return name.endswith((".py", ".pyc"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_artefact_holds_one_function_and_no_leftovers(
    artefacts: Mapping[str, Path], stack: Stack, function: str
) -> None:
    folder = stack[function]["Handler"].split(".")[1]
    functions = artefacts[function] / "functions"

    assert {path.name for path in functions.iterdir() if path.is_dir()} - {"__pycache__"} == {folder}
    assert not (artefacts[function] / "bin").exists()
    assert [found for pattern in NEVER_READ for found in artefacts[function].glob(pattern)] == []
    assert {path.name for path in (artefacts[function] / "botocore" / "data").glob("*/")} == CALLED_SERVICES


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_artefact_is_far_from_the_limit(artefacts: Mapping[str, Path], function: str) -> None:
    assert size_of(artefacts[function]) < UNZIPPED_LIMIT / 2


def test_the_function_that_serves_calls_is_small(artefacts: Mapping[str, Path]) -> None:
    assert size_of(artefacts["McpServer"]) < 75 * MEGABYTE
    assert size_of(artefacts["Sweeper"]) < 30 * MEGABYTE
    assert size_of(artefacts["Notifier"]) < 30 * MEGABYTE


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    for times in ("once", "twice"):
        build("sweeper", tmp_path / times)

    assert dict(files_of(tmp_path / "once")) == dict(files_of(tmp_path / "twice"))


def test_the_built_template_points_at_what_was_built(artefacts: Mapping[str, Path]) -> None:
    built = artefacts["McpServer"].parent
    resources = source(built / "template.yaml")["Resources"]

    assert {function: built / resources[function]["Properties"]["CodeUri"] for function in FUNCTIONS} == artefacts
