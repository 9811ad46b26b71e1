"""The form of an event that is sealed: the same for the same event, and without the person."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.trail.archival import archived, line_of, names_person, network_of

ENVELOPE: Mapping[str, object] = {
    "id": "0199-1",
    "type": "token.revoked",
    "v": 1,
    "at": "2026-11-21T14:30:00.000000Z",
    "stream": "token:tok_1",
    "seq": 2,
    "actor": "mem_ada",
    "workspace": "wks_1",
    "request_id": "req-1",
    "ip": "203.0.113.77",
    "user_agent": "curl/8",
}
DATA: Mapping[str, object] = {"revoked_by": "mem_ada", "reason": "it was Bob's"}
stored = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), inner),
    max_leaves=9,
)


def hidden(who: str) -> str:
    return f"psn_{len(who)}"


def test_a_line_holds_no_address_and_no_member_but_all_else() -> None:
    line = archived(ENVELOPE, DATA, pseudonym=hidden, salt="5a17")

    assert json.loads(line) == {
        **ENVELOPE,
        "kind": "event",
        "salt": "5a17",
        "actor": "psn_7",
        "ip": "203.0.113.0/24",
        "data": {"revoked_by": "psn_7", "reason": "it was Bob's"},
    }


@pytest.mark.parametrize("actor", ["system:sweeper", "token:tok_1"])
def test_what_is_no_person_keeps_its_name(actor: str) -> None:
    line = archived({**ENVELOPE, "actor": actor}, {"revoked_by": actor}, pseudonym=hidden, salt="5a17")

    assert (json.loads(line)["actor"], json.loads(line)["data"]) == (actor, {"revoked_by": actor})


def test_an_operator_is_a_person() -> None:
    assert (
        json.loads(archived({**ENVELOPE, "actor": "operator:ada"}, {}, pseudonym=hidden, salt="5a17"))["actor"]
        == "psn_12"
    )


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), stored, max_size=6))
def test_a_line_is_one_line_of_sorted_json_that_says_what_it_was_given(document: dict[str, object]) -> None:
    line = line_of(document)

    assert "\n" not in line
    assert json.loads(line) == document
    assert line_of(dict(reversed(document.items()))) == line


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("no address", None),
    ],
)
def test_an_address_is_cut_to_its_network(address: str, network: str | None) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(("field", "person"), [("owner_id", True), ("rotated_by", True), ("token_id", False)])
def test_fields_that_name_people_are_known_by_their_names(field: str, *, person: bool) -> None:
    assert names_person(field) is person
