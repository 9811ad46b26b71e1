"""Events to what is stored and back."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.activity import ToolCalled
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenCreated, TokenKind
from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.events import TokenPolicySet
from shared.storage.codec import EVENTS, Codec, Data, Stored, UnknownEvent, written
from shared.storage.rows.envelope import enveloped, event_id
from tests.data.examples import NOON, ORIGIN, token_created, token_revoked, tool_called

moments = st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2200, 1, 1))  # noqa: DTZ001  # Hypothesis adds the zone
storable_text = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    event=st.one_of(
        st.builds(
            TokenCreated,
            token_id=storable_text,
            kind=st.sampled_from(TokenKind),
            workspace_id=storable_text,
            owner_id=storable_text,
            name=storable_text,
            prefix=storable_text,
            scopes=st.frozensets(st.sampled_from(Scope)),
            expires_at=st.none() | moments,
            at=moments,
        ),
        st.builds(tool_called, at=moments, tool=st.none() | storable_text, milliseconds=st.integers(0, 2**40)),
    )
)
def test_an_event_comes_back_as_it_was_through_any_store(event: TokenCreated | ToolCalled) -> None:
    stored = EVENTS.encode(event)
    through_json = json.loads(json.dumps(stored.data))

    assert EVENTS.decode(stored) == event
    assert EVENTS.decode(Stored(type=stored.type, version=1, at=stored.at, data=through_json)) == event


def test_an_event_is_stored_under_its_dotted_type_and_names_no_class() -> None:
    stored = EVENTS.encode(token_revoked())

    assert (stored.type, stored.version) == ("token.revoked", 1)
    assert stored.data == {"revoked_by": "mem_olga", "reason": "laptop lost"}


def test_scopes_are_written_in_one_order() -> None:
    assert EVENTS.encode(token_created(scopes=frozenset(Scope))).data["scopes"] == sorted(Scope)


def test_moments_are_written_in_utc_and_sort_as_time_does() -> None:
    berlin = timezone(timedelta(hours=1))
    early, late = datetime(2026, 11, 21, 13, 0, 0, 1, berlin), datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC)

    assert EVENTS.encode(token_revoked(at=early)).at == "2026-11-21T12:00:00.000001Z"
    assert EVENTS.encode(token_revoked(at=early)).at < EVENTS.encode(token_revoked(at=late)).at


def test_a_moment_without_a_zone_is_not_stored() -> None:
    with pytest.raises(ValueError, match="time zone"):
        EVENTS.encode(token_revoked(at=NOON.replace(tzinfo=None)))


def test_half_a_surrogate_pair_from_outside_is_replaced() -> None:
    assert EVENTS.encode(tool_called(client_name="a\ud83db")).data["client_name"] == "a?b"


def test_no_event_holds_a_token_that_was_sent_where_none_belongs() -> None:
    secret = "mfp_" + "7Kq2" * 17
    event = tool_called(client_name=f"é {secret}", client_version=secret[:-9])
    origin = replace(ORIGIN, user_agent=f"agent/{secret} (x)", actor=secret, request_id=secret)
    row = enveloped(event, stream="token:tok1", seq=None, workspace_id="ws1", origin=origin)
    policy = TokenPolicySet(policy=TokenPolicy(name_pattern=secret), set_by="mem_olga", at=NOON)

    assert secret[:24] not in json.dumps([row, EVENTS.encode(policy).data])
    assert (row["user_agent"], row["actor"], row["request_id"]) == ("agent/(a token) (x)", "(a token)", "(a token)")
    assert written({secret: (secret, "mfp_7Kq27Kq2")}) == {"(a token)": ["(a token)", "mfp_7Kq27Kq2"]}


def test_an_event_of_a_newer_program_is_not_guessed_at() -> None:
    with pytest.raises(UnknownEvent):
        EVENTS.decode(Stored(type="token.sung", version=1, at="2026-11-21T12:00:00.000000Z", data={}))
    with pytest.raises(UnknownEvent):
        EVENTS.decode(Stored(type="token.revoked", version=2, at="2026-11-21T12:00:00.000000Z", data={}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """An event whose shape has changed twice: a colour became a list of colours, and then got a coat count."""

    colours: tuple[str, ...]
    coats: int
    by: str = "nobody"
    at: datetime
    type: Literal["fence.painted"] = "fence.painted"


def with_colours(data: Data) -> Data:
    return {"colours": [data["colour"]]}


def with_coats(data: Data) -> Data:
    return {**data, "coats": 1}


PAINT = Codec([Painted], upcasters={"fence.painted": (with_colours, with_coats)})
AT = "2026-11-21T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("version", "data"),
    [(1, {"colour": "red"}), (2, {"colours": ["red"]}), (3, {"colours": ["red"], "coats": 1})],
)
def test_every_old_shape_is_brought_up_step_by_step(version: int, data: Data) -> None:
    stored = Stored(type="fence.painted", version=version, at=AT, data=data)

    assert PAINT.decode(stored) == Painted(colours=("red",), coats=1, at=NOON)
    assert PAINT.upcast(stored) == {"colours": ["red"], "coats": 1}


def test_a_changed_event_is_written_under_its_newest_version() -> None:
    stored = PAINT.encode(Painted(colours=("red", "blue"), coats=2, at=NOON))

    assert stored == Stored(
        type="fence.painted", version=3, at=AT, data={"colours": ["red", "blue"], "coats": 2, "by": "nobody"}
    )


@given(at=moments)
def test_an_event_id_is_a_uuid_of_version_7_that_carries_its_time(at: datetime) -> None:
    number = int(event_id(at, "a").replace("-", ""), 16)

    assert number >> 80 == (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert number >> 76 & 0xF == 7
    assert number >> 62 & 0b11 == 0b10


def test_the_same_event_gets_the_same_id_and_another_gets_another() -> None:
    def id_of(stream: str, seq: int) -> object:
        return enveloped(token_revoked(), stream=stream, seq=seq, workspace_id="ws1", origin=ORIGIN)["id"]

    assert id_of("token:a", 1) == id_of("token:a", 1)
    assert len({id_of("token:a", 1), id_of("token:a", 2), id_of("token:b", 1)}) == 3
