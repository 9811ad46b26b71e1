from __future__ import annotations

import pytest

from shared.services.credentials.keys import CredentialKeys, DataKeys, KeysUnusable

ROOT = "k" * 64


@pytest.mark.parametrize(
    "document",
    [{}, {"1": "too short"}, {"10": ROOT}, {"": ROOT}, {"é": ROOT}, {"-": ROOT}],
    ids=["empty", "short", "two letters", "no version", "not ascii", "not a letter"],
)
def test_a_key_document_that_cannot_be_right_is_refused(document: dict[str, str]) -> None:
    with pytest.raises(KeysUnusable):
        CredentialKeys.of(document)
    with pytest.raises(KeysUnusable):
        DataKeys.of(document)


def test_every_purpose_and_version_has_a_key_of_its_own() -> None:
    keys = CredentialKeys.of({"1": ROOT, "2": "l" * 64})

    made = [keys.pepper("1"), keys.pepper("2"), keys.seal("1"), keys.seal("2"), keys.cursor, keys.arguments]

    assert len(set(made)) == len(made)


def test_a_workspace_keeps_its_customer_key_when_a_newer_root_is_added() -> None:
    before = DataKeys.of({"1": ROOT})
    after = DataKeys.of({"1": ROOT, "2": "l" * 64})

    assert before.customers("wks_a") == after.customers("wks_a")
    assert before.customers("wks_a") != before.customers("wks_b")


def test_keys_are_not_shown_by_printing_them() -> None:
    assert ROOT not in repr(CredentialKeys.of({"1": ROOT}))
    assert ROOT not in repr(DataKeys.of({"1": ROOT}))


def test_a_version_that_is_not_held_has_no_pepper() -> None:
    assert CredentialKeys.of({"1": ROOT}).pepper("2") is None
