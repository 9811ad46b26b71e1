"""docs/leaks.md says what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from shared.domain.token.events import TokenKind
from shared.domain.token.state import Status
from shared.services.credentials.token_format import CHECK_LENGTH, new_id, new_token
from shared.services.report_leaks import AT_ONCE
from shared.transports.http.github import MOST_FINDINGS, Verdict
from shared.transports.http.github_keys import KEPT, PATIENCE
from shared.transports.http.leaks import LONGEST_BODIES
from tests.data.tenants import KEYS
from tests.data.tenants import token as token_of
from tests.transports.http.api import Api
from tests.transports.http.github import REPORT
from tests.transports.http.test_leaks import status_of

PAGE = (Path(__file__).parents[3] / "docs" / "leaks.md").read_text(encoding="utf-8")
IN_ONE_LINE = " ".join(PAGE.split())
EXPRESSION = re.search(r"`(mf\S+)`", PAGE)


@pytest.mark.parametrize("kind", TokenKind)
def test_the_expression_for_github_finds_our_tokens_whole(kind: TokenKind) -> None:
    assert EXPRESSION is not None
    for text in (new_token(kind, new_id(), KEYS).text for _ in range(50)):
        assert re.findall(EXPRESSION[1], f'{{"Authorization": "Bearer {text}"}}\n') == [text]
        assert re.search(EXPRESSION[1], text[:-1]) is None


def test_the_command_of_the_page_ends_a_token(api: Api) -> None:
    command = re.search(r"printf '(.+)' \"\$TOKEN\" \| curl -sS \"\$API(\S+)\" -H '(.+): (.+)' --data-binary @-", PAGE)
    assert command is not None
    body, path, name, value = command.groups()
    made = token_of(api.stores)

    answer = api.send("POST", f"/v1{path}", headers={name.lower(): value}, body=body % made.text)

    assert f"{answer.status} with `{answer.text}`" in IN_ONE_LINE
    assert status_of(api, made.token.token_id) is Status.REVOKED


def test_the_figures_are_those_of_the_code() -> None:
    assert LONGEST_BODIES[REPORT] == 1024 * 1024
    for said in (
        f"up to 1 MiB and {MOST_FINDINGS:,} findings",
        f"ends up to {AT_ONCE} live tokens",
        f"the last {CHECK_LENGTH} characters are a checksum",
        f"read again after {KEPT.total_seconds() / 60:.0f} minutes",
    ):
        assert said in IN_ONE_LINE
    assert (PATIENCE.total_seconds(), "at most a minute late" in IN_ONE_LINE) == (60, True)


def test_an_answer_to_github_looks_as_the_page_shows_it() -> None:
    shown = re.search(r"```json\n(.*)\n```", PAGE)
    assert shown is not None

    (verdict,) = json.loads(shown[1])

    assert Verdict(**verdict).model_dump() == verdict
