"""Days of ads as lines of an import, and what a tool's answer says of them."""

from __future__ import annotations

from typing import Any

USUAL = "7d_click_1d_view"


def ad_day(id_: str = "c1", day: str = "2026-10-05", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON holds
    """Give a plain day of a Meta campaign: 20.00 for 1,000 impressions and 10 clicks, with no claim."""
    plain = {"platform": "meta", "source": "meta_ads", "account": "act_1", "spend": "20.00"}
    return {
        "type": "ad_day",
        "campaign_id": id_,
        "date": day,
        "impressions": 1_000,
        "clicks": 10,
        **plain,
        **more,
    }


def google_day(id_: str = "g1", day: str = "2026-10-05", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return ad_day(id_, day, **{"platform": "google", "source": "google_ads", "account": "553-1", **more})


def claim(window: str | None, conversions: str, revenue: str) -> dict[str, Any]:
    return {"window": window, "conversions": conversions, "revenue": revenue}


def rows(content: dict[str, Any], *columns: str) -> list[tuple[Any, ...]]:
    names = content["data"]["columns"]
    return [tuple(row[names.index(column)] for column in columns) for row in content["data"]["rows"]]


def warnings(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {warning["code"]: warning for warning in content["meta"]["warnings"]}
