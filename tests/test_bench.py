"""The figures of docs: each is written by a part of the benchmark, and each part has its place on a page."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from shared.domain.plans import PLANS
from tests.bench.hot_keys import PARTITION_WRITES, SCALES, after_splits, met_at
from tests.bench.load_client import BELOW_THE_LIMIT, WARM_UP
from tests.bench.pages import DOCS, blocks, filled, write_down
from tests.bench.parts import ALL, PARTS, USUAL, chosen
from tests.bench.table import keeping, say, say_table, show

PAGE = "By hand.\n<!-- bench: {} -->\nold\n<!-- end -->\nBy hand, too.\n"


def test_every_block_is_of_a_part_and_every_part_has_one_block() -> None:
    assert Counter(name for name, _ in blocks()) == Counter(PARTS.keys())


def test_every_block_of_a_page_has_its_end() -> None:
    begun = {page: page.read_text(encoding="utf-8").count("\n<!-- bench: ") for page in DOCS.rglob("*.md")}
    assert {page: number for page, number in begun.items() if number} == Counter(page for _, page in blocks())


def test_a_block_is_made_anew_and_what_is_around_it_stays() -> None:
    page = PAGE.format("one") + PAGE.format("two")
    anew = "By hand.\n<!-- bench: one -->\n\nnew\n\n<!-- end -->\nBy hand, too.\n" + PAGE.format("two")
    assert filled(page, {"one": "new"}) == anew


def test_what_a_part_says_is_written_with_its_circumstances_and_pictures(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE.format("one"))
    with keeping() as kept:
        say_table("Two things", ("", "ms", "what"), [("a|b", "1.5", "this"), ("c", "-", "that")])
        show("one.png", "a curve", lambda: b"PNG")
        say("So it is.")

    write_down("one", kept, "on a day", tmp_path)

    assert (tmp_path / "images" / "one.png").read_bytes() == b"PNG"
    assert (tmp_path / "page.md").read_text() == (
        "By hand.\n<!-- bench: one -->\n\n"
        "**Two things**\n\n"
        "|  | ms | what |\n| --- | --: | --- |\n| a\\|b | 1.5 | this |\n| c | - | that |\n\n"
        "![a curve](images/one.png)\n\nSo it is.\n\n*on a day*\n\n<!-- end -->\nBy hand, too.\n"
    )


def test_nothing_is_drawn_for_a_part_that_only_prints() -> None:
    def draw() -> bytes:
        raise AssertionError("nobody keeps it")

    show("one.png", "a curve", draw)


@pytest.mark.parametrize("places", [0, 2])
def test_a_part_without_one_place_for_its_figures_is_an_error(places: int, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE.format("one") * places)
    with keeping() as kept, pytest.raises(ValueError, match=f"once, not {places} times"):
        write_down("one", kept, "on a day", tmp_path)


def test_without_names_the_usual_parts_are_chosen_and_a_name_that_is_none_is_refused() -> None:
    assert chosen([]) == [*USUAL]
    assert chosen(["life"]) == ["life"]
    assert chosen([ALL]) == [*PARTS]
    with pytest.raises(ValueError, match="no part nothing; there are: warm"):
        chosen(["nothing"])


# --- the model of hot keys --------------------------------------------------------------------------------------------


def test_a_hot_partition_is_split_until_one_key_is_left() -> None:
    hot, warm = 3 * PARTITION_WRITES, 0.6 * PARTITION_WRITES
    load = after_splits({"hot": hot, **{f"warm {number}": warm for number in range(20)}})

    assert sum(load) == pytest.approx(hot + 20 * warm)
    assert max(load) == hot
    assert sorted(load)[-2] <= PARTITION_WRITES


def test_a_table_that_nobody_heats_keeps_the_partitions_that_it_began_with() -> None:
    assert len(after_splits({f"key {number}": 1.0 for number in range(100)})) == 4


def test_a_limit_that_grows_with_the_load_is_met_where_its_share_says() -> None:
    assert met_at([scale / 250 for scale in SCALES]) == pytest.approx(250)
    assert met_at([0.5 for _ in SCALES]) == float("inf")


def test_no_token_of_a_load_comes_to_its_limit() -> None:
    assert PLANS["plus"].per_minute > WARM_UP + BELOW_THE_LIMIT
