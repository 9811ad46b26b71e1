"""What the exports of the ad platforms have in common: a row is a day of a campaign, of an ad group or of an ad."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.domain.facts.families import Family
from shared.domain.facts.lines import Line
from shared.domain.facts.text import clean_text
from shared.domain.facts.values import WrongValue
from shared.domain.text import clean_line, shortened
from shared.services.imports.formats.cells import NOTHING, amount, check_sign, count, first_of, platform_id, read_cell
from shared.services.imports.formats.format import Once, Reading, Row, Sheet, Told, folded_header
from shared.services.imports.formats.spans import claim_spans, widen_span


def _text(text: str) -> str | None:
    return None if text in NOTHING else text


def _window(text: str) -> str | None:
    """Keep the setting word for word, as far as an id may hold it."""
    return None if text in NOTHING else clean_text(text) or None


_FIGURES = ("spend", "impressions", "clicks", "conversions", "revenue")

AD_DAYS_ONCE: Mapping[Family, Once] = {
    Family.AD_DAY: Once(
        hint=(
            "Probably the export has a column that cuts days into parts, or two campaigns, ad groups or ads of one "
            "name without their ids. Export it by day alone, without breakdowns and with the columns of ids (Campaign "
            "ID and so on). A row that was pasted in twice has to go."
        ),
        equal_are_one=False,
        figures=_FIGURES,
    )
}
"""Also where the rows are alike: no platform writes a row twice, so two small campaigns may have had the same day."""

_LEVELS = ("campaign", "ad_group", "ad")
_AMOUNTS = frozenset({"spend", "revenue"})
_ID_BYTES = 8
_READABLE = 100
"""Characters of a name in the id that is made of it, so that the rest has room."""
_READERS: Mapping[str, Callable[[str], object]] = {
    "account": platform_id,
    "campaign_id": platform_id,
    "ad_group_id": platform_id,
    "ad_id": platform_id,
    "window": _window,
    "spend": amount,
    "impressions": count,
    "clicks": count,
    "conversions": amount,
    "revenue": amount,
}
"""The rest is text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdExport:
    """How a platform's export is read."""

    platform: str
    columns: Mapping[str, tuple[str, ...]]
    """Field of an ad day -> the labels of its column, folded; the first that the sheet has is read."""
    day: Callable[[Row], str]
    """Tell the day of a row, or refuse it."""
    is_summary: Callable[[Row], bool]
    """Tell whether a row only adds up others."""
    breakdowns: frozenset[str]
    """Columns that cut a day into parts, which would take each other's place."""
    empty_is_nothing: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Figures whose cell is left empty where ads were shown and none of it happened -> those that would show it did."""
    everywhere: Line = field(default_factory=dict[str, object])
    """What every line says."""

    @property
    def texts(self) -> frozenset[str]:
        """Name the columns whose text is kept."""
        return frozenset(label for name in (*_LEVELS, "window") for label in self.columns.get(name, ()))

    def reads(self, *days: str) -> frozenset[str]:
        """Name the columns that are looked at, with those that tell the day."""
        return frozenset(itertools.chain(days, self.breakdowns, *self.columns.values()))


def read_ads(export: AdExport, sheet: Sheet, reading: Reading) -> Iterator[Told]:
    """Turn rows into ad days."""
    there = frozenset(map(folded_header, sheet.headers))
    columns = {name: header for name, labels in export.columns.items() if (header := first_of(labels, there))}
    cut_by = first_of(sorted(export.breakdowns), there)
    for row in sheet.rows:
        if export.is_summary(row):
            continue
        if cut_by is not None:
            yield row.line, WrongValue("broken_down", "cuts days into parts: export without it", field=cut_by)
            continue
        try:
            figures = {name: read_cell(row, columns[name], _READERS[name]) for name in _FIGURES if name in columns}
            if figures.get("spend") is None and not any(map(_is_some, figures.values())):
                continue  # nothing was delivered: reports list what is paused, too, and not always with a day
            line = _ad_day(export, columns, row, reading)
        except WrongValue as wrong:
            yield row.line, wrong
        else:
            yield row.line, line


def claim_ad_days(reading: Reading) -> Sequence[Line]:
    """Claim that days which the export leaves out between its first and its last had no advertising."""
    return claim_spans(reading, Family.AD_DAY)


def _ad_day(export: AdExport, columns: Mapping[str, str], row: Row, reading: Reading) -> Line:
    line: dict[str, object] = {"type": "ad_day", "platform": export.platform, "date": export.day(row)}
    line |= {name: read_cell(row, header, _READERS.get(name, _text)) for name, header in columns.items()}
    currency = export.everywhere.get("currency") or line.get("currency") or reading.currency
    for name in _AMOUNTS & columns.keys():
        check_sign(row, columns[name], str(currency))
    if line.get("impressions"):
        for name, shown_by in export.empty_is_nothing.items():
            if name in columns and line[name] is None and not any(_is_some(line.get(other)) for other in shown_by):
                line[name] = _READERS[name]("0")
    for level in _LEVELS:
        line[f"{level}_id"] = line.get(f"{level}_id") or _id_of(str(line.get(level) or ""), reading)
    if reading.declared.account is not None:
        line.pop("account", None)
    account = line.get("account")
    widen_span(reading, str(line["date"]), account=account if isinstance(account, str) else None)
    return {name: value for name, value in {**line, **export.everywhere}.items() if value is not None}


def _is_some(figure: object) -> bool:
    return figure is not None and bool(str(figure).strip("0."))


def _id_of(name: str, reading: Reading) -> str | None:
    """Let a name do for an id where the export has none; what is kept of two names may be the same, their ids not."""
    whole, kept = clean_line(name), clean_text(name)
    if whole == kept:
        return kept or None
    digest = hashlib.blake2b(whole.encode(), key=reading.customer_key, digest_size=_ID_BYTES).hexdigest()
    return f"{shortened(kept, longest=_READABLE)} #{digest}"
