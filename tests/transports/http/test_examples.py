"""The examples of docs/api.md, in their order, answered as the page says; and its table of the members."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.domain.workspace.events import Role
from shared.domain.workspace.permissions import MANAGES
from tests.transports.http.api import JSON, Api

PAGE = (Path(__file__).parents[3] / "docs/api.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(
    r"^(?:(?P<name>[A-Z]+)=\$\()?"
    r"api (?P<method>[A-Z]+) (?P<path>\S+?)"
    r"(?: '(?P<body>.*)')?(?: -H \"(?P<header>[^:]+): (?P<value>[^\"]+)\")?"
    r"(?: \| tee /dev/stderr)?(?: \| jq -r '?(?P<found>\.[\w.\[\]]+)'?)?\)?  # (?P<status>\d{3})$",
    re.MULTILINE,
)

OF_A_FILE = {"BYTES": "12", "DIGEST": "0a" * 32}
"""What `wc` and `sha256sum` tell. The upload itself is tried on the local stack, in tests/local."""


@dataclass
class Shell:
    """As much of a shell as the examples need."""

    api: Api
    values: dict[str, str] = field(default_factory=lambda: dict(OF_A_FILE))

    def run(self, example: re.Match[str]) -> int:
        said = example.groupdict()
        path, body = self._filled(said["path"]), self._filled(said["body"] or "")
        headers = {said["header"].lower(): said["value"]} if said["header"] else {}
        answer = self.api.send(
            said["method"], f"/v1{path}", by="olivia", headers={**headers, **(JSON if body else {})}, body=body
        )
        if said["name"]:
            found = answer.json
            for step in re.findall(r"\w+", said["found"] or ""):
                found = found[int(step) if step.isdigit() else step]
            self.values[said["name"]] = found
        return answer.status

    def _filled(self, text: str) -> str:
        return re.sub(r"'?\$([A-Z]+)'?", lambda name: self.values[name[1]], text)


def test_every_example_is_answered_as_the_page_says(api: Api) -> None:
    shell = Shell(api)
    examples = [*EXAMPLE.finditer(PAGE)]

    answered = [(example[0], str(shell.run(example))) for example in examples]

    assert answered == [(example[0], example["status"]) for example in examples]
    assert len(examples) == len(re.findall(r"^(?:\w+=\$\()?api [A-Z]", PAGE, re.MULTILINE)) > 12


@pytest.mark.parametrize("who", Role)
def test_the_table_of_the_members_says_who_may_do_what_to_whom(who: Role) -> None:
    (row,) = re.findall(rf"^\| an {who} \| (.+) \|$", PAGE, re.MULTILINE)

    *others, themselves = row.split(" | ")
    assert others == ["yes" if whom in MANAGES[who] else "no" for whom in (Role.OWNER, Role.ADMIN, Role.ANALYST)]
    assert ("any role" in themselves, "leave" in themselves) == (who in MANAGES[who], True)
