"""What a check of a secret costs with argon2id: with the parameters that we chose, and with other usual ones."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import process_time

from argon2 import PasswordHasher, extract_parameters

from shared.services.credentials.secret_hash import hash_secret
from tests.bench.table import say_table

CHECKS = 15
OTHERS = ((12_288, 3, 1), (47_104, 1, 1), (65_536, 3, 4))
"""KiB of memory, passes over it, and lanes."""


def say_secret_hashes() -> None:
    """Print what one check takes."""
    say_table("A check of a secret with argon2id, by the processor's time", ("", "ms", "MB"), _rows())


def _rows() -> Iterator[tuple[str, str, str]]:
    chosen = extract_parameters(hash_secret("a secret"))
    ours = (chosen.memory_cost, chosen.time_cost, chosen.parallelism)
    for memory, passes, lanes in (ours, *OTHERS):
        hasher = PasswordHasher(memory_cost=memory, time_cost=passes, parallelism=lanes)
        digest = hasher.hash("a secret")
        spent = median(_milliseconds(hasher, digest) for _ in range(CHECKS))
        name = f"m={memory},t={passes},p={lanes}" + (" (ours)" if (memory, passes, lanes) == ours else "")
        yield name, f"{spent:.1f}", f"{memory * 1024 / 1e6:.0f}"


def _milliseconds(hasher: PasswordHasher, digest: str) -> float:
    began = process_time()
    hasher.verify(digest, "a secret")
    return (process_time() - began) * 1000
