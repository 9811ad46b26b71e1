"""The file of rules of merchant-mcp workspace settings: guardrails, promotions and multiples, as people write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn, cast

import typer

from shared.domain.analytics.steering import MILLION
from shared.domain.analytics.valuation import ENDS, THOUSAND
from shared.domain.facts.settings import Settings
from shared.transports.cli.files import text_of
from shared.transports.cli.output import show_table

RULES_HELP = (
    "What the shop steers by beside its north star, as JSON: "
    '{"guardrails": {"mer": {"at_least": 3}}, "promotions": [{"from": "2026-11-27", "to": "2026-11-30"}], '
    '"multiples": {"2026-11-01": {"sde": {"low": 2.5, "mid": 3, "high": 3.5}}}}. A part that is there is replaced '
    "whole; one that is left out stays."
)
MOST = 10**12
"""What is beyond is no number to reckon with; what a rule may be is less."""
_PARTS = ("guardrails", "promotions", "multiples")


def rules_of(path: Path) -> dict[str, Any]:
    """Read a file of rules into settings; what may stand in them is for the service to say."""
    try:
        document: object = json.loads(text_of(path), parse_float=Decimal)
    except ValueError:
        _wrong("it is no JSON in UTF-8")
    parts = _named(document, "it is no object")
    if unknown := parts.keys() - set(_PARTS):
        _wrong(f"it has {len(unknown)} other parts than {', '.join(_PARTS)}")
    readers = {"guardrails": _guardrails, "promotions": _promotions, "multiples": _multiples}
    return {name: readers[name](part) for name, part in parts.items()}


def _guardrails(part: object) -> Mapping[str, Mapping[str, int]]:
    said = 'guardrails are such as {"mer": {"at_least": 3}}'
    return {
        metric: {side: _scaled(limit, MILLION, said) for side, limit in _named(limits, said).items()}
        for metric, limits in _named(part, said).items()
    }


def _promotions(part: object) -> Mapping[str, str]:
    said = 'promotions are a list such as [{"from": "2026-11-27", "to": "2026-11-30"}]'
    promotions: dict[str, str] = {}
    for each in _listed(part, said):
        days = _named(each, said)
        first, last = days.get("from"), days.get("to")
        if not (isinstance(first, str) and isinstance(last, str)) or len(days) > len(("from", "to")):
            _wrong(said)
        if first in promotions:
            _wrong("two promotions begin on one day")
        promotions[first] = last
    return promotions


def _multiples(part: object) -> Mapping[str, Mapping[str, Sequence[int]]]:
    said = 'multiples are such as {"2026-11-01": {"sde": {"low": 2.5, "mid": 3, "high": 3.5}}}'
    return {
        since: {method: _band(band, said) for method, band in _named(methods, said).items()}
        for since, methods in _named(part, said).items()
    }


def _band(value: object, said: str) -> Sequence[int]:
    ends = _named(value, said)
    if set(ends) != set(ENDS):
        _wrong(said)
    return [_scaled(ends[name], THOUSAND, said) for name in ENDS]


def _named(value: object, said: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else _wrong(said)


def _listed(value: object, said: str) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list) else _wrong(said)


def _scaled(value: object, unit: int, said: str) -> int:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        _wrong(said)
    if isinstance(value, Decimal) and not value.is_finite():
        _wrong(said)
    if not -MOST <= value <= MOST:
        _wrong(f"a number is beyond {MOST:,}")
    scaled = value * unit
    if scaled != int(scaled) or bool(scaled) != bool(value):  # a decimal that is small enough becomes nothing
        _wrong(f"a number has more than {len(str(unit)) - 1} decimal places")
    return int(scaled)


def _wrong(said: str) -> NoReturn:
    raise typer.BadParameter(f"the file of rules is not as it should be: {said}")


def show_rules(settings: Settings) -> None:
    """Print them, each sort as a table; nothing of a sort of which there are none."""
    if settings.guardrails:
        limits = (
            (metric, *(_shown(limits.get(side), MILLION) for side in ("at_least", "at_most")))
            for metric, limits in settings.guardrails.items()
        )
        show_table(("GUARDRAIL", "AT LEAST", "AT MOST"), limits, nothing="")
    if settings.promotions:
        show_table(("PROMOTION FROM", "TO"), sorted(settings.promotions.items()), nothing="")
    if settings.multiples:
        bands = (
            (since, method, *(_shown(times, THOUSAND) for times in band))
            for since, methods in sorted(settings.multiples.items())
            for method, band in methods.items()
        )
        show_table(("MULTIPLES SINCE", "METHOD", "LOW", "MID", "HIGH"), bands, nothing="")


def _shown(value: int | None, unit: int) -> str | None:
    return None if value is None else f"{Decimal(value) / unit:f}"
