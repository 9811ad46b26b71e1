"""The story that `make bench PARTS=life` tells: a life with everything in it, each thing once and in its order."""

from __future__ import annotations

from shared.services.credentials.token_format import SHOWN_LENGTH
from tests.services.life_story import live_a_life, told
from tests.services.lived import Lived

STORY = [
    (0, "first", "token.created", 1),
    (0.25, "first", "mcp.call", 1),
    (1, "first", "token.rotated", 1),
    (1, "second", "token.created", 1),
    (1.1, "first", "mcp.call", 1),  # both are good while the overlap lasts
    (1.6, "second", "mcp.call", 1),
    (1.75, "second", "token.rotation_adopted", 1),  # by the next sweep
    (2, "first", "token.overlap_ended", 1),
    (2.3, "first", "mcp.call_denied", 1),
    (10, "second", "mcp.call", 8),
    (40, "second", "token.abandonment_flagged", 1),
    (45.1, "second", "mcp.call", 1),
    (45.25, "second", "token.abandonment_cleared", 1),
    (61, "second", "token.expiry_reminded", 1),  # 30 days before its end
    (77, "second", "token.expiry_reminded", 1),  # 14
    (84, "second", "token.expiry_reminded", 1),  # 7
    (88, "second", "token.expiry_reminded", 1),  # 3
    (89.1, "second", "token.leak_reported", 1),  # twice, and recorded once
    (89.1, "second", "token.revoked", 1),
    (89.2, "second", "mcp.call_denied", 1),
]


def test_the_trail_tells_a_life_in_its_order_without_a_secret() -> None:
    lived = Lived()
    texts = live_a_life(lived)

    lines = told(lived, texts)

    assert [(round(line.days, 2), line.whom, line.what, line.times) for line in lines] == STORY
    everything_told = repr(lines)
    assert not any(text[SHOWN_LENGTH:] in everything_told for text in texts.values())
