"""Refuses a file that names no account and, by all that is known, is of another account than those before it."""

from __future__ import annotations

from shared.domain.facts.families import Family
from shared.domain.facts.header import MAIN_ACCOUNT
from shared.domain.facts.imports import Counts
from shared.services.imports.file_text import FileRefused

LEAST_TAKEN = 3
"""One or two facts may well have been corrected away, and all of a short file with them."""
TAKEN_FOR_EACH_KEPT = 4
"""Two accounts may have a fact in common, such as the monthly fee of their bank; two exports of one have most."""


def check_takes_its_own(family: Family, counts: Counts) -> None:
    """Look whether a file and an account have hardly anything in common, and one would take the other's place.

    A file without news has nothing to put there: what it no longer tells was taken out at its source, or is ignored.

    Raises:
        FileRefused: it would.

    """
    kept = counts.changed + counts.unchanged
    if counts.new and counts.gone >= LEAST_TAKEN and counts.gone > TAKEN_FOR_EACH_KEPT * kept:
        said = (
            f"It tells only {kept:,} of the facts of type `{family}` that are known of its days, and would take "
            f"{counts.gone:,} of them away, so it looks like another account."
        )
    elif counts.older >= max(LEAST_TAKEN, TAKEN_FOR_EACH_KEPT * kept) and not (counts.new or counts.changed):
        # Nothing is lost by refusing it: it would change nothing.
        said = (
            f"Of its facts of type `{family}`, {kept:,} are known, and {counts.older:,} would not be seen, because a "
            "later export told all of their days: it is outdone, or of another account."
        )
    else:
        return
    raise FileRefused(
        "account_unclear",
        f"The file names no account. {said}",
        hint=f"Name its account (`--account`, or `account` in the REST API). If it really replaces what is known, "
        f"say `{MAIN_ACCOUNT}`; if it is another part of the same account, such as other campaigns or another "
        "attribution window, that it is not complete (`--partial`).",
    )
