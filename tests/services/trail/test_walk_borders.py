"""Where one source of rows ends and the next begins, no row is lost and none is given twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.trail import index
from shared.storage.contracts.audit import AuditFilter
from shared.storage.rows.envelope import KEPT_IN_TABLE
from tests.data.examples import NOON, tool_called
from tests.services.trail.history import Happened, History, bare, by_request
from tests.services.trail.sealing import A_MINUTE

AN_HOUR = timedelta(hours=1)
A_SECOND = timedelta(seconds=1)
TOKENS = ("tok1", "tok2", "tok3")


@pytest.mark.parametrize(
    ("apart", "most"),
    [
        pytest.param(A_MINUTE, 1, id="an hour has more values than its index"),
        pytest.param(AN_HOUR, 2, id="a day has more values than its index"),
    ],
)
def test_a_value_for_which_the_index_has_no_room_is_found(
    apart: timedelta, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "MOST_VALUES", most)
    history = History()
    for number, token in enumerate(TOKENS):
        history.write(Happened(event=tool_called(token_id=token, at=NOON + number * apart)))
        history.seal()
        history.wait(apart)
    history.write(Happened(event=tool_called(token_id="tok9", at=NOON + 4 * AN_HOUR)))
    history.wait(4 * AN_HOUR)
    history.seal()

    for token, written in zip(TOKENS, history.rows, strict=False):
        assert bare(history.pages(AuditFilter(token_id=token))) == [written]


@pytest.mark.parametrize("earlier", [0, 1, 9, 10])
def test_a_row_that_is_older_than_the_newest_in_the_index_is_found_before_it_is_folded(earlier: int) -> None:
    history = History()
    history.write(Happened(event=tool_called(at=NOON)))
    history.seal()
    history.write(Happened(event=tool_called(at=NOON - earlier * A_MINUTE)))

    assert by_request(bare(history.pages(AuditFilter(token_id="tok1")))) == by_request(history.rows)


@pytest.mark.parametrize("matching", [AuditFilter(), AuditFilter(token_id="tok1")])
@pytest.mark.parametrize("ahead", [timedelta(), A_MINUTE])
@pytest.mark.parametrize("second", [0, 1, 30, 59])
def test_rows_that_are_just_leaving_the_table_are_given_once(
    matching: AuditFilter, ahead: timedelta, second: int
) -> None:
    """The table's clock may be ahead of ours, or time goes by between two reads."""
    history = History()
    history.write(*(Happened(event=tool_called(at=NOON - ten * 10 * A_SECOND)) for ten in range(36)))
    history.seal()
    asked_at = NOON - 3 * A_MINUTE + KEPT_IN_TABLE + second * A_SECOND
    history.wait(asked_at + ahead - history.now)
    history.now = asked_at

    assert by_request(bare(history.pages(matching, limit=7))) == by_request(history.rows)
