"""A token is reported as leaked: what ends, and what is written."""

from __future__ import annotations

import pytest

from shared.domain.token.events import LeakReported, TokenKind, TokenRevoked
from shared.domain.token.state import Status
from shared.domain.workspace.events import Role
from shared.services.refusals import Reason
from tests.data.engines import Killed, die_before
from tests.data.tenants import rotation, token, workspace
from tests.services.leaking import SOON, happened, report, status_of
from tests.services.place import Place, let_in, refused, send
from tests.services.rotating import REVOKE, SUSPEND, TokenChange, change, trail


@pytest.fixture
def place(place: Place) -> Place:
    workspace(place.stores)
    return place


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


# --- twice, at once, many ---------------------------------------------------------------------------------------------


def test_a_token_that_is_reported_again_is_still_ours_and_nothing_more_happens(place: Place) -> None:
    made = token(place.stores)

    assert [report(place, made.text) for _ in range(3)] == [{made.text}] * 3

    assert happened(place, made) == ["token.created", "token.leak_reported", "token.revoked"]


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
