"""What a cold start of the MCP door does not do."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from functions.quick_start import quick_start
from tests.data.tenants import KEYS
from tests.sam.stack import REGION

ROOT = Path(__file__).parents[2]
TOOLS = "shared.transports.mcp.tools."
OF_A_START = """
import functions.mcp_server.handler as door, json, sys
before = sorted(sys.modules)
door.handler._shut()
print(json.dumps({"before": before, "after": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The modules of a process that opened the door over DynamoDB, and those when a snapshot of it is taken."""
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(json.dumps({"credential": dict(KEYS.roots), "data": {}}), encoding="utf-8")
    environment = {
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "CORE_TABLE": "core",
        "AUDIT_TABLE": "audit",
        "FACTS_TABLE": "facts",
        "KEYS_FILE": str(keys),
        "PUBLIC_URL": "https://mcp.example.com",
        "DOCS_URL": "https://docs.example.com",
    }
    ran = subprocess.run(
        [sys.executable, "-c", OF_A_START], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return {name: set(modules) for name, modules in json.loads(ran.stdout).items()}


@pytest.mark.parametrize("package", ["boto3", "botocore.session", "duckdb", "fastapi"])
def test_what_a_call_does_not_need_is_not_imported(started: dict[str, set[str]], package: str) -> None:
    assert package not in started["before"]


def test_no_tool_is_imported_before_it_is_called_but_all_are_in_a_snapshot(started: dict[str, set[str]]) -> None:
    tools = {TOOLS + path.stem for path in (ROOT / "shared/transports/mcp/tools").glob("*.py") if _is_tool(path)}

    assert len(tools) == 24
    assert not tools & started["before"]
    assert tools <= started["after"]


def test_a_model_of_a_quick_start_is_built_when_it_is_used_and_another_at_once() -> None:
    with quick_start():
        assert not gc.isenabled()

        class Quick(BaseModel):
            number: int

    class Usual(BaseModel):
        number: int

    assert gc.isenabled()
    assert (Quick.__pydantic_complete__, Usual.__pydantic_complete__) == (False, True)
    assert Quick.model_validate({"number": "7"}).number == 7
    assert Quick.__pydantic_complete__


def _is_tool(path: Path) -> bool:
    return "\nTOOL = " in path.read_text("utf-8")
