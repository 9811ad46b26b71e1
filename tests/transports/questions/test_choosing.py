"""Who knows the list of tools and nothing else is led to the right one, and may send what the stored call sends."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.transports.questions.chooser import Chooser
from tests.transports.questions.questions import QUESTIONS, Question
from tests.transports.questions.sample import sample_shop


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.asked)
def test_the_words_of_the_tools_lead_to_the_one_that_answers(question: Question) -> None:
    tools = {tool["name"]: tool for tool in sample_shop().rpc("tools/list").result["tools"]}

    chosen, *_ = Chooser(tuple(tools.values())).ranked(question.asked)

    assert chosen == question.tool
    validator: Any = Draft202012Validator(tools[chosen]["inputSchema"])  # its types leave the document open
    assert validator.is_valid(dict(question.arguments))


def test_every_tool_is_asked_for() -> None:
    tools = sample_shop().rpc("tools/list").result["tools"]

    assert {question.tool for question in QUESTIONS} == {tool["name"] for tool in tools}
