"""Columns of whole numbers, packed: what is read is what was written, in fewer bytes than digits take."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.facts.parts import compact_json
from shared.storage.rows.columns import FEW, packed_columns, unpacked_columns
from shared.storage.rows.packing import packed

CENT = 10_000
"""Micros."""
FAR = 2**70
numbers = st.integers() | st.integers(-5, 5) | st.integers(-FAR, FAR) | st.sampled_from((2**63, 2**64 - 1, 2**64))
columns_of = st.integers(0, 3 * FEW).flatmap(
    lambda count: st.dictionaries(st.text(max_size=3), st.lists(numbers, min_size=count, max_size=count), max_size=4)
)


def names(count: int) -> list[str]:
    """Give names, with all that could be taken for the end of a line."""
    return [f"{number}\n{{я\u2028" for number in range(count)]


def columns_read(keys: list[str], columns: dict[str, list[int]]) -> dict[str, list[int]]:
    found, read = unpacked_columns(packed_columns(keys, columns))
    assert list(found) == keys
    return {name: list(column) for name, column in read.items()}


@given(columns_of)
@example({"few": [2**64] * FEW})
@example({"beyond": [0, 2**64, *[1] * FEW], "just": [-1, 2**64 - 2, *[0] * FEW], "same": [-7] * (FEW + 2)})
@example({"cents": [CENT * number - 1 for number in range(2 * FEW)]})
def test_whatever_numbers_there_are_come_back_as_they_were(columns: dict[str, list[int]]) -> None:
    keys = names(len(next(iter(columns.values()), ())))

    assert columns_read(keys, columns) == columns


def test_of_few_things_a_document_is_json() -> None:
    keys = names(FEW)

    assert packed_columns(keys, {"units": [1] * FEW}) == compact_json({"keys": keys, "columns": {"units": [1] * FEW}})


def test_planes_take_less_than_digits_do() -> None:
    keys = [f"{number}" for number in range(3_000)]
    spread = [(number * 7_919 + 17) % 100_003 for number in range(3_000)]
    columns = {"pieces": spread, "money": [CENT * number for number in spread]}
    digits = packed(compact_json({"keys": keys, "columns": columns}))

    assert len(packed_columns(keys, columns)) < 0.8 * len(digits)
