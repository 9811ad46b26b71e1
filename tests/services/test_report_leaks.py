"""A token is reported as leaked: what ends, what it costs, and what is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.domain.token.events import LeakReported, TokenKind, TokenRevoked
from shared.domain.token.state import Status
from shared.domain.workspace.events import Role
from shared.services.create_token import NewToken
from shared.services.credentials.token_format import ALPHABET, LENGTH, TokenText, new_token
from shared.services.refusals import Reason
from shared.services.report_leaks import ReportUnfinished, report_leaks
from tests.data.engines import Killed, die_before
from tests.data.tenants import KEYS, NOON, origin, rotation, token, workspace
from tests.services.place import Place, let_in, refused, send
from tests.services.rotating import REVOKE, SUSPEND, TokenChange, change, row_of, trail

SOON = NOON + timedelta(minutes=5)
STRAY = new_token(TokenKind.PERSONAL, "0" * 16, KEYS)
"""A token of ours that no table knows."""


class Hashing:
    """Counts how often argon2 is run to look at a secret."""

    def __init__(self, library: pytest.MonkeyPatch) -> None:
        self.times = 0
        verify = PasswordHasher.verify

        def counted(hasher: PasswordHasher, digest: str | bytes, secret: str | bytes) -> bool:
            self.times += 1
            return verify(hasher, digest, secret)

        library.setattr(PasswordHasher, "verify", counted)


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Hashing:
    return Hashing(monkeypatch)


@pytest.fixture
def place(place: Place) -> Place:
    workspace(place.stores)
    return place


def report(place: Place, *texts: str, at: datetime = SOON, source: str = "anonymous") -> frozenset[str]:
    return report_leaks(
        texts,
        source=source,
        origin=origin("system:leak_report", "request-7"),
        now=at,
        keys=KEYS,
        tokens=place.stores.tokens,
    )


def status_of(place: Place, made: NewToken) -> Status:
    return row_of(place.stores, made).token.status


def happened(place: Place, made: NewToken) -> list[str]:
    return [event.type for event in place.stores.tokens.history(made.token.token_id)]


# --- what ends --------------------------------------------------------------------------------------------------------


def test_the_next_request_of_a_reported_token_is_refused(place: Place) -> None:
    made = token(place.stores)
    gate = place.container()
    let_in(send(gate, made.text))

    assert report(place, made.text) == {made.text}

    assert refused(send(gate, made.text, at=SOON)) is Reason.TOKEN_REVOKED


def test_the_history_says_who_reported_it_and_the_trail_that_it_was_no_member(place: Place) -> None:
    made = token(place.stores)

    report(place, made.text, source="github")

    assert place.stores.tokens.history(made.token.token_id)[1:] == (
        LeakReported(source="github", at=SOON),
        TokenRevoked(revoked_by="system:leak_report", reason="the token was reported as leaked", at=SOON),
    )
    reported, ended = (place.trail(type_)[0] for type_ in ("token.leak_reported", "token.revoked"))
    assert reported.origin == ended.origin
    assert (reported.origin.actor, reported.origin.request_id) == ("system:leak_report", "request-7")
    assert reported.data == {"source": "github"}


@pytest.mark.parametrize("around", ["{}\n", " {}", "\t{}\r\n", "\u00a0{}"])
def test_space_around_a_token_is_none_of_it(place: Place, around: str) -> None:
    made = token(place.stores)

    report(place, around.format(made.text))

    assert status_of(place, made) is Status.REVOKED


def test_a_suspended_token_ends_and_can_not_be_resumed_any_more(place: Place) -> None:
    made = token(place.stores)
    change(place.stores, made, SUSPEND)

    assert report(place, made.text) == {made.text}

    assert status_of(place, made) is Status.REVOKED


def test_an_organization_token_ends(place: Place) -> None:
    workspace(place.stores, "wks_2", plan="alpha", people={"oscar": Role.OWNER})
    made = token(place.stores, workspace_id="wks_2", owner="oscar", kind=TokenKind.ORGANIZATION, days=None)

    assert report(place, made.text) == {made.text}

    assert status_of(place, made) is Status.REVOKED


def test_a_rotated_token_ends_before_its_overlap_does_and_its_successor_lives_on(place: Place) -> None:
    old = token(place.stores)
    new = rotation(place.stores, old.token.token_id)

    report(place, old.text)

    gate = place.container()
    assert refused(send(gate, old.text, at=SOON)) is Reason.TOKEN_REVOKED
    let_in(send(gate, new.text, at=SOON))


def test_a_successor_ends_and_the_token_before_it_can_be_rotated_again(place: Place) -> None:
    old = token(place.stores)
    new = rotation(place.stores, old.token.token_id)

    report(place, new.text)

    gate = place.container()
    assert refused(send(gate, new.text, at=SOON)) is Reason.TOKEN_REVOKED
    let_in(send(gate, old.text, at=SOON))
    let_in(send(gate, rotation(place.stores, old.token.token_id, at=SOON).text, at=SOON))


def test_nothing_else_ends(place: Place) -> None:
    leaked, other = token(place.stores), token(place.stores)

    report(place, leaked.text)

    assert status_of(place, other) is Status.ACTIVE
    assert happened(place, other) == ["token.created"]


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


def test_a_live_token_is_hashed_once(place: Place, hashing: Hashing) -> None:
    made = token(place.stores)

    report(place, made.text)

    assert hashing.times == 1


def with_another_secret(made: NewToken) -> TokenText:
    """What somebody can make who has stolen the key of the check digits."""
    return new_token(TokenKind.PERSONAL, made.token.token_id, KEYS)


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


# --- twice, at once, many ---------------------------------------------------------------------------------------------


def test_a_token_that_is_reported_again_is_still_ours_and_nothing_more_happens(place: Place, hashing: Hashing) -> None:
    made = token(place.stores)

    assert [report(place, made.text) for _ in range(3)] == [{made.text}] * 3

    assert happened(place, made) == ["token.created", "token.leak_reported", "token.revoked"]
    assert hashing.times == 1


def test_two_reports_at_once_end_it_once(place: Place) -> None:
    made = token(place.stores)

    def also_report(number: int) -> None:
        if number == 0:
            report(place, made.text, source="github")

    place.engine.meddle = also_report

    assert report(place, made.text) == {made.text}
    assert happened(place, made) == ["token.created", "token.leak_reported", "token.revoked"]
    assert len(trail(place.stores, "token.revoked")) == 1


@pytest.mark.parametrize(
    ("meanwhile", "then"),
    [
        (REVOKE, ["token.revoked"]),
        (SUSPEND, ["token.suspended", "token.leak_reported", "token.revoked"]),
    ],
    ids=["revoked", "suspended"],
)
def test_what_happens_to_a_token_meanwhile_does_not_save_it(
    place: Place, meanwhile: TokenChange, then: list[str]
) -> None:
    made = token(place.stores)
    place.engine.meddle = lambda number: change(place.stores, made, meanwhile) if number == 0 else None

    assert report(place, made.text) == {made.text}

    assert happened(place, made) == ["token.created", *then]
    assert status_of(place, made) is Status.REVOKED


def test_a_rotation_meanwhile_does_not_save_it_either(place: Place) -> None:
    made = token(place.stores)

    def rotate(number: int) -> None:
        if number == 0:
            rotation(place.stores, made.token.token_id)

    place.engine.meddle = rotate

    report(place, made.text)

    assert happened(place, made) == ["token.created", "token.rotated", "token.leak_reported", "token.revoked"]


def test_a_process_that_dies_leaves_the_token_alive_and_the_same_report_ends_it(place: Place) -> None:
    made = token(place.stores)
    place.engine.meddle = die_before(0)
    with pytest.raises(Killed):
        report(place, made.text)
    place.engine.meddle = None
    assert happened(place, made) == ["token.created"]

    report(place, made.text)

    assert happened(place, made) == ["token.created", "token.leak_reported", "token.revoked"]


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
