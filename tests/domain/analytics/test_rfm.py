from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared.domain.analytics.rfm import SCORES, Rfm, kind_of

HIGH, MIDDLE, LOW = (4, 5), (3,), (1, 2)
ANY = range(1, SCORES + 1)


@pytest.mark.parametrize(
    ("recencies", "frequencies", "monetaries", "once", "kind"),
    [
        (HIGH, HIGH, HIGH, False, Rfm.CHAMPIONS),
        (HIGH, HIGH, (*LOW, *MIDDLE), False, Rfm.LOYAL),
        (MIDDLE, HIGH, ANY, False, Rfm.LOYAL),
        (LOW, HIGH, ANY, False, Rfm.AT_RISK),
        (HIGH, (*LOW, *MIDDLE), ANY, True, Rfm.NEW),
        (HIGH, (*LOW, *MIDDLE), ANY, False, Rfm.PROMISING),
        (MIDDLE, (*LOW, *MIDDLE), ANY, True, Rfm.PROMISING),
        (MIDDLE, (*LOW, *MIDDLE), ANY, False, Rfm.PROMISING),
        (LOW, (*LOW, *MIDDLE), ANY, True, Rfm.LAPSED),
        (LOW, (*LOW, *MIDDLE), ANY, False, Rfm.LAPSED),
    ],
)
def test_the_kind_goes_by_the_rule_as_it_is_written(
    *, recencies: Sequence[int], frequencies: Sequence[int], monetaries: Sequence[int], once: bool, kind: Rfm
) -> None:
    found = {
        kind_of(recency=recency, frequency=frequency, monetary=monetary, ordered_once=once)
        for recency in recencies
        for frequency in frequencies
        for monetary in monetaries
    }

    assert found == {kind}
