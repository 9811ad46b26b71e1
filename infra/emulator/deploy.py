"""The built template, deployed into an emulated account by the SAM command line, as it is into AWS."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.emulator.account import Account
from infra.local.pool import PROJECT

ARTEFACTS = PROJECT / ".build" / "artefacts" / "template.yaml"
"""The Makefile's target of this name: built for the Python that MiniStack runs functions with."""
SAM = PROJECT / ".venv-sam" / "bin" / "sam"
STACK = "merchant-mcp"


class DeployFailed(Exception):
    """SAM or CloudFormation refused; the message is what they said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What was made: physical names by logical ones, and what the template puts out."""

    resources: Mapping[str, str]
    outputs: Mapping[str, str]


def deploy(account: Account, *, parameters: Mapping[str, str]) -> Deployed:
    """Deploy the stack and wait until it is there.

    Raises:
        DeployFailed: it is not there.

    """
    command: Sequence[str] = [
        *(str(SAM), "deploy", "--template-file", str(ARTEFACTS), "--stack-name", STACK),
        *("--config-file", str(PROJECT / "samconfig.toml"), "--no-confirm-changeset", "--no-progressbar"),
        *("--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())),
    ]
    machine = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    temporary = str(account.certificate.parent)  # SAM leaves folders behind; there they end with the account
    ran = subprocess.run(
        command,
        cwd=PROJECT,
        env={**machine, **account.environment, "TMPDIR": temporary, "SAM_CLI_TELEMETRY": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise DeployFailed(f"sam deploy ended with {ran.returncode}:\n{ran.stdout[-6000:]}\n{ran.stderr[-2000:]}")
    return describe(account)


def describe(account: Account) -> Deployed:
    """Read off CloudFormation what the stack is made of."""
    cloudformation = account.client("cloudformation")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    return Deployed(
        resources={
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
        },
        outputs={each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]},
    )
