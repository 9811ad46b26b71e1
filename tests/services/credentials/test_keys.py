from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.services.credentials.keys import CredentialKeys, DataKeys, KeysUnusable, Purpose

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
    made += [keys.signing(purpose, version) for purpose in Purpose for version in ("1", "2")]

    assert len(set(made)) == len(made)


@given(message=st.text(), other=st.text(), purpose=st.sampled_from(Purpose))
def test_what_was_signed_is_known_again_for_its_purpose_and_text_alone(
    message: str, other: str, purpose: Purpose
) -> None:
    keys = CredentialKeys.of({"1": ROOT})
    signature = keys.sign(purpose, message)

    assert keys.is_signed(purpose, message, signature)
    assert keys.is_signed(purpose, other, signature) == (message == other)
    assert not any(keys.is_signed(another, message, signature) for another in Purpose if another is not purpose)


@given(signature=st.text(max_size=60))
def test_no_other_text_is_a_signature(signature: str) -> None:
    keys = CredentialKeys.of({"1": ROOT})
    made = keys.sign(Purpose.CSRF, "a session")

    for text in (signature, "1" + signature, made[:-1], made + "=", "2" + made[1:], made[1:]):
        assert not keys.is_signed(Purpose.CSRF, "a session", text)


def test_a_signature_outlives_a_newer_key_and_goes_with_its_own() -> None:
    old, both = CredentialKeys.of({"1": ROOT}), CredentialKeys.of({"1": ROOT, "2": "l" * 64})
    signature = old.sign(Purpose.REGISTRATION, "a client")

    assert both.is_signed(Purpose.REGISTRATION, "a client", signature)
    assert both.sign(Purpose.REGISTRATION, "a client") != signature
    assert not CredentialKeys.of({"2": "l" * 64}).is_signed(Purpose.REGISTRATION, "a client", signature)


def test_half_a_character_from_outside_can_be_signed_and_is_no_other() -> None:
    keys = CredentialKeys.of({"1": ROOT})

    assert keys.is_signed(Purpose.CSRF, "\ud800", keys.sign(Purpose.CSRF, "\ud800"))
    assert not keys.is_signed(Purpose.CSRF, "?", keys.sign(Purpose.CSRF, "\ud800"))


def test_a_workspace_keeps_its_customer_key_when_a_newer_root_is_added() -> None:
    before = DataKeys.of({"1": ROOT})
    after = DataKeys.of({"1": ROOT, "2": "l" * 64})

    assert before.customers("wks_a") == after.customers("wks_a")
    assert before.customers("wks_a") != before.customers("wks_b")


def test_keys_are_not_shown_by_printing_them() -> None:
    assert ROOT not in repr(CredentialKeys.of({"1": ROOT}))
    assert ROOT not in repr(DataKeys.of({"1": ROOT}))


def test_a_version_that_is_not_held_has_no_pepper_and_signs_nothing() -> None:
    assert CredentialKeys.of({"1": ROOT}).pepper("2") is None
    assert CredentialKeys.of({"1": ROOT}).signing(Purpose.GRANT_SUCCESSOR, "2") is None


def test_a_new_document_makes_another_of_every_customer() -> None:
    before, after = DataKeys.of({"1": "x" * 40}), DataKeys.of({"2": "y" * 40})

    assert before.customers("wks_1") != after.customers("wks_1")
