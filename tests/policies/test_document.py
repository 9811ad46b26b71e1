"""docs/permissions.md says what the template says."""

from __future__ import annotations

from tests.policies.document import PAGE, page
from tests.sam.stack import Stack


def test_the_page_of_permissions_says_what_the_template_says(stack: Stack) -> None:
    written = PAGE.read_text(encoding="utf-8")

    assert written == page(written, stack), "run `make permissions`"
