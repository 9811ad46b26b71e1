"""Refuses a file that names no account and, by all that is known, is of another account than those before it."""

from __future__ import annotations

from shared.domain.facts.families import Family
from shared.domain.facts.header import MAIN_ACCOUNT
from shared.domain.facts.imports import Counts
from shared.services.imports.file_text import FileRefused

LEAST_TAKEN = 3
"""One or two facts may well have been corrected away, and all of a short file with them."""


def check_takes_its_own(family: Family, counts: Counts) -> None:
    """Look whether a file takes facts away from an account that it has nothing in common with.

    Raises:
        FileRefused: it does.

    """
    if counts.gone >= LEAST_TAKEN and not counts.changed and not counts.unchanged:
        raise FileRefused(
            "account_unclear",
            f"The file names no account. It tells none of the facts of type `{family}` that are known of its days, "
            f"and would take {counts.gone:,} of them away, so it looks like another account.",
            hint=f"Name its account (`--account`, or `account` in the REST API). If it really replaces what is known, "
            f"say `{MAIN_ACCOUNT}`; if it is another part of the same account, such as other campaigns or another "
            "attribution window, that it is not complete (`--partial`).",
        )
