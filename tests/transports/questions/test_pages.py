"""The pages that are written from the tools are as the tools are."""

from __future__ import annotations

from tests.transports.questions.document import (
    FORMULAS_PAGE,
    REFERENCE_PAGE,
    TOOLS_PAGE,
    formulas_page,
    reference_page,
    tools_page,
)


def test_the_page_of_tools_names_each_with_its_scope_and_a_question() -> None:
    written = TOOLS_PAGE.read_text(encoding="utf-8")

    assert tools_page(written) == written, "make tools-page"


def test_the_reference_says_what_the_tools_say_and_answer() -> None:
    written = REFERENCE_PAGE.read_text(encoding="utf-8")

    assert reference_page(written) == written, "make tools-page"


def test_the_page_of_formulas_is_that_of_the_definitions() -> None:
    assert FORMULAS_PAGE.read_text(encoding="utf-8") == formulas_page(), "make tools-page"
