"""What `sam local` makes of the template: which function it would start for a path."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.sam.conftest import Sam
from tests.sam.page import Page
from tests.sam.stack import ROOT, Stack, called

FOLLOW = """
import json
from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
stacks, _ = SamLocalStackProvider.get_stacks("template.yaml", parameter_overrides={"DocsUrl": "https://docs.example"})
print(json.dumps({route.path: route.function_name for route in ApiProvider(stacks).api.routes}))
"""


@pytest.fixture(scope="module")
def followed() -> dict[str, str | None]:
    ran = subprocess.run(
        [str(ROOT / ".venv-sam" / "bin" / "python"), "-c", FOLLOW],
        cwd=ROOT,
        env={"AWS_DEFAULT_REGION": "eu-central-1", "SAM_CLI_TELEMETRY": "0", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout.splitlines()[-1])


def test_sam_local_finds_the_function_behind_every_route(stack: Stack, followed: dict[str, str | None]) -> None:
    routes = stack.of_type("AWS::ApiGatewayV2::Route").values()
    integrations = stack.of_type("AWS::ApiGatewayV2::Integration")
    led = {
        route["RouteKey"].split()[-1]: called(integrations[route["Target"].split("/")[1]]["IntegrationUri"])
        for route in routes
    }

    assert followed == led


def test_the_recipe_sets_variables_that_the_template_has(stack: Stack) -> None:
    page = Page("sam-local.md")
    (written,) = (script for script in page.scripts if "cat > env.json" in script)
    given = json.loads(written.split("END\n")[1])["Parameters"]
    variables = stack["McpServer"]["Environment"]["Variables"]

    assert given.keys() <= variables.keys()
    assert variables.keys() - given.keys() == {"STORE"}


@pytest.mark.parametrize("command", ["start-api", "invoke"])
def test_sam_local_takes_the_options_of_the_recipe(sam: Sam, command: str) -> None:
    lines = "\n".join(Page("sam-local.md").scripts).replace("\\\n", " ").splitlines()
    options = {
        option
        for line in lines
        if f"sam local {command} " in line
        for option in re.findall(r"(?<=\s)--[a-z-]+", line.split(f"sam local {command} ")[1])
    }
    told = sam("local", command, "--help")

    assert "--env-vars" in options
    assert [option for option in options if option not in told] == []
