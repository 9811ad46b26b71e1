from __future__ import annotations

from shared.services.credentials.secret_hash import hash_secret, secret_matches

SECRET = "s" * 43


def test_a_secret_matches_its_own_hash_and_no_other() -> None:
    digest = hash_secret(SECRET)

    assert secret_matches(SECRET, digest)
    assert not secret_matches("t" * 43, digest)


def test_the_hash_is_argon2id_with_the_stated_cost_and_a_salt_of_its_own() -> None:
    first, second = hash_secret(SECRET), hash_secret(SECRET)

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert SECRET not in first
