"""What a report of a leak costs: argon2 runs for live tokens alone, so often and no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.domain.token.state import Status
from shared.services.create_token import NewToken
from shared.services.credentials.token_format import ALPHABET, LENGTH
from shared.services.refusals import Reason
from shared.services.report_leaks import ReportUnfinished
from tests.data.tenants import NOON, rotation, token, workspace
from tests.services.leaking import SOON, STRAY, Hashing, happened, report, status_of, with_another_secret
from tests.services.place import Place, let_in, refused, send
from tests.services.rotating import REVOKE, change


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Hashing:
    return Hashing(monkeypatch)


@pytest.fixture
def place(place: Place) -> Place:
    workspace(place.stores)
    return place


# --- what is none, and what it costs ----------------------------------------------------------------------------------


@given(text=st.text() | st.text(ALPHABET, min_size=LENGTH - 4, max_size=LENGTH - 4).map(lambda end: f"mfp_{end}"))
def test_what_is_no_token_of_ours_costs_neither_a_read_nor_a_hash(text: str) -> None:
    place = Place()
    before = place.engine.operations.copy()

    with pytest.MonkeyPatch.context() as library:
        hashing = Hashing(library)
        assert report(place, text) == frozenset()

    assert (place.spent(before), hashing.times) == ({}, 0)


@given(data=st.data())
def test_a_token_that_is_not_whole_or_not_itself_ends_nothing(data: st.DataObject) -> None:
    text = STRAY.text
    where = data.draw(st.integers(0, LENGTH - 1))
    letter = data.draw(st.sampled_from(ALPHABET))
    torn = data.draw(
        st.sampled_from(
            [
                text[:where],
                text[where + 1 :],
                text[:where] + letter + text[where + 1 :],
                text[:where] + letter + text[where:],
                f"token={text}",
                text + text,
                text.swapcase(),
            ]
        )
    )
    assume(torn != text)
    place = Place()
    before = place.engine.operations.copy()

    assert report(place, torn) == frozenset()
    assert place.spent(before) == {}


def test_a_token_of_ours_that_is_not_in_the_table_costs_a_read(place: Place, hashing: Hashing) -> None:
    before = place.engine.operations.copy()

    assert report(place, STRAY.text) == frozenset()

    assert (place.spent(before), hashing.times) == ({"get": 1}, 0)


def _revoked(place: Place, made: NewToken) -> datetime:
    change(place.stores, made, REVOKE)
    return SOON


def _expired(_: Place, made: NewToken) -> datetime:
    assert made.token.expires_at is not None
    return made.token.expires_at


def _rotated_away(place: Place, made: NewToken) -> datetime:
    rotation(place.stores, made.token.token_id, overlap=60)
    return NOON + timedelta(seconds=60)


@pytest.mark.parametrize("end", [_revoked, _expired, _rotated_away])
def test_a_dead_token_is_known_as_ours_by_a_read_and_without_a_hash(
    place: Place, hashing: Hashing, end: Callable[[Place, NewToken], datetime]
) -> None:
    made = token(place.stores)
    at = end(place, made)
    told, before = happened(place, made), place.engine.operations.copy()

    assert report(place, made.text, at=at) == {made.text}

    assert (place.spent(before), hashing.times) == ({"get": 1}, 0)
    assert happened(place, made) == told


def test_a_live_token_is_hashed_once_however_often_it_is_reported(place: Place, hashing: Hashing) -> None:
    made = token(place.stores)

    for _ in range(3):
        report(place, made.text)

    assert hashing.times == 1


def test_another_secret_ends_nothing_even_if_its_check_digits_are_ours(place: Place, hashing: Hashing) -> None:
    made = token(place.stores)

    assert report(place, with_another_secret(made).text) == frozenset()

    assert hashing.times == 1
    assert happened(place, made) == ["token.created"]
    let_in(send(place.container(), made.text, at=SOON))


def test_the_digest_of_a_row_that_somebody_else_wrote_is_not_hashed(place: Place, hashing: Hashing) -> None:
    made = token(place.stores)
    place.forge(made, digest="$argon2id$v=19$m=4294967295,t=4294967295,p=1$AAAA$AAAA")

    assert report(place, made.text) == frozenset()

    assert hashing.times == 0
    assert refused(send(place.container(), made.text, at=SOON)) is Reason.TOKEN_UNKNOWN


def test_of_many_texts_each_is_looked_at_once_and_only_live_tokens_are_hashed(place: Place, hashing: Hashing) -> None:
    live, dead = [token(place.stores) for _ in range(2)], token(place.stores)
    change(place.stores, dead, REVOKE)
    texts = [live[0].text, "nothing", dead.text, live[1].text, live[0].text, live[0].text, STRAY.text, dead.text]
    before = place.engine.operations.copy()

    assert report(place, *texts) == {live[0].text, live[1].text, dead.text}

    assert hashing.times == 2
    assert place.spent(before) == {"get": 4 + 2, "transact": 2}  # change_token reads the row of each that it ends


def few_at_once(library: pytest.MonkeyPatch) -> None:
    library.setattr("shared.services.report_leaks.AT_ONCE", 2)


def test_a_report_of_more_live_tokens_than_fit_ends_some_and_the_same_report_goes_on(
    place: Place, hashing: Hashing, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    made = [token(place.stores) for _ in range(5)]
    texts = [each.text for each in made]

    def dead() -> int:
        return [status_of(place, each) for each in made].count(Status.REVOKED)

    ended: list[int] = []
    for _ in range(2):
        with pytest.raises(ReportUnfinished):
            report(place, *texts)
        ended.append(dead())

    assert report(place, *texts) == frozenset(texts)
    assert ([*ended, dead()], hashing.times) == ([2, 4, 5], 5)


def test_stolen_check_digits_buy_no_more_hashes_than_live_tokens_do(
    place: Place, hashing: Hashing, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    made = token(place.stores)

    with pytest.raises(ReportUnfinished):
        report(place, *(with_another_secret(made).text for _ in range(10)))

    assert hashing.times == 2
