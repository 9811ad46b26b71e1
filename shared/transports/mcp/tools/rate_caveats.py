"""What a reader must know where money could not be converted: what it is, in which currencies, and what to import."""

from __future__ import annotations

from shared.domain.analytics.rates_missing import Spans, sentence, what_to_import
from shared.services.figures.frame import Caveat, Frame


def rates_caveat(frame: Frame, what: str, missing: Spans, share: float | None = None) -> Caveat:
    """Say what lacks a rate in a sentence without its end; `share` is the part of it that has one."""
    message = f"{sentence(what, missing)} {what_to_import(missing, frame.settings.currency)}"
    return Caveat(code="fx_rate_missing", message=message, share=share)
