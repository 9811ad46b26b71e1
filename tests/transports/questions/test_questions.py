"""What the tools answer of the sample shop is what a slow count of its file gives."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.transports.questions.oracle import Books
from tests.transports.questions.questions import QUESTIONS, Question
from tests.transports.questions.sample import sample_lines, sample_shop


@pytest.fixture(scope="module")
def books() -> Books:
    return Books(sample_lines())


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.asked)
def test_a_question_is_answered_with_the_number_that_counting_gives(question: Question, books: Books) -> None:
    shop = sample_shop()
    shop.clock.advance(seconds=2)  # under the limit, however many questions this process asks
    content = shop.call(question.tool, **question.arguments).content

    assert question.answers(content) == [_to_cents(value) for value in question.counted(books)]


def _to_cents(value: object) -> object:
    return round(float(value), 2) if isinstance(value, Fraction) else value
