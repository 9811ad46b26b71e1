from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.walls.tampering import BASE64, WAYS, Way, tampered


@given(text=st.text(BASE64, min_size=2, max_size=40), data=st.data())
def test_what_was_tampered_with_is_not_what_it_was(text: str, data: st.DataObject) -> None:
    assert data.draw(tampered(text)) != text


@pytest.mark.parametrize("way", WAYS)
def test_each_way_changes_an_id(way: Way) -> None:
    assert way("wks_zebra-1-2A", 5, 7) != "wks_zebra-1-2A"
