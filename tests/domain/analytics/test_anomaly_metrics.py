"""What is taken out of what is watched."""

from __future__ import annotations

from datetime import date, timedelta

from shared.domain.analytics.anomaly_metrics import promotion_days
from shared.domain.analytics.periods import DateRange

NOVEMBER = DateRange(first=date(2026, 11, 1), last=date(2026, 11, 30))


def test_of_promotions_only_days_of_the_data_are_counted_out_however_long_they_are() -> None:
    always = promotion_days({"0001-01-01": "9999-12-31"}, NOVEMBER)

    assert set(always) == {date(2026, 11, 1) + timedelta(n) for n in range(30)}
    assert set(promotion_days({"2026-10-20": "2026-11-02", "2026-11-30": "2026-12-31"}, NOVEMBER)) == {
        date(2026, 11, 1),
        date(2026, 11, 2),
        date(2026, 11, 30),
    }
    assert not promotion_days({"2026-09-01": "2026-10-31", "2026-12-01": "2026-12-24"}, NOVEMBER)
