"""A customer's reference is one for each person, under the key of the workspace, and says nothing else."""

from __future__ import annotations

import hashlib
import re

from shared.domain.facts.customers import customer_ref

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_one_person_has_one_reference_however_the_address_is_written() -> None:
    assert customer_ref(KEY, "Jane@Example.com ") == customer_ref(KEY, "jane@example.com")
    assert customer_ref(KEY, "1001") != customer_ref(KEY, "1002")


def test_another_workspace_has_another_reference_for_the_same_person() -> None:
    assert customer_ref(KEY, "jane@example.com") != customer_ref(OTHER_KEY, "jane@example.com")


def test_a_reference_has_the_form_of_the_catalogue() -> None:
    # cus_ and the first 16 characters of base32(HMAC-SHA256(key, address)): worked out by other means.
    block = bytes(byte ^ 0x36 for byte in KEY.ljust(64, b"\0"))
    outer = bytes(byte ^ 0x5C for byte in KEY.ljust(64, b"\0"))
    digest = hashlib.sha256(outer + hashlib.sha256(block + b"jane@example.com").digest()).digest()
    bits = f"{int.from_bytes(digest):0256b}"[:80]
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    expected = "cus_" + "".join(alphabet[int(bits[place : place + 5], 2)] for place in range(0, 80, 5))

    assert customer_ref(KEY, "jane@example.com") == expected
    assert re.fullmatch(r"cus_[a-z2-7]{16}", expected)


def test_an_id_that_looks_like_nothing_else_is_kept_apart_from_addresses() -> None:
    assert customer_ref(KEY, "Jane") != customer_ref(KEY, "jane"), "the ids of platforms have a case"
