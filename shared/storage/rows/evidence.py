"""The evidence of use: one small row beside each token's own, so that the row of the call path stays small.

    core   TOK#{id}   USE   `days` and `scopes`; `version` is the lock

It is written when the stream shows a call, at most once a day for each scope that is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date, timedelta

from shared.domain.token.attendance import GAPS_COUNTED_DAYS
from shared.storage.contracts.evidence import Evidence
from shared.storage.engine import ConditionFailed, Engine, Equals, Item, Key, Missing, Table, Update
from shared.storage.rows.values import texts, whole_number


class StoredEvidence:
    """Keeps the contract of `EvidenceStore` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, token_id: str) -> Evidence:
        return _read(self._engine.get(Table.CORE, _key(token_id)))

    def of_many(self, token_ids: Collection[str]) -> Mapping[str, Evidence]:
        keys = {_key(token_id): token_id for token_id in token_ids}
        found = self._engine.get_many(Table.CORE, [*keys], consistently=False)
        return {keys[key]: _read(item) for key, item in found.items()}

    def note(self, token_id: str, day: date, *, scope: str | None) -> None:
        while True:
            item = self._engine.get(Table.CORE, _key(token_id))
            known = _read(item)
            noted = _with(known, day, scope)
            if noted == known:
                return
            version = whole_number(item, "version") if item is not None else 0
            update = Update(
                table=Table.CORE,
                key=_key(token_id),
                set={
                    "days": [each.isoformat() for each in noted.days],
                    "scopes": {name: last.isoformat() for name, last in noted.scopes.items()},
                    "version": version + 1,
                },
                when=Equals("version", version) if version else Missing("pk"),
            )
            with suppress(ConditionFailed):  # another call was noted meanwhile: read again, and add to that
                self._engine.write(update)
                return


def _key(token_id: str) -> Key:
    return Key(f"TOK#{token_id}", "USE")


def _with(known: Evidence, day: date, scope: str | None) -> Evidence:
    days = {*known.days, day}
    oldest = max(days) - timedelta(days=GAPS_COUNTED_DAYS)
    scopes = dict(known.scopes)
    if scope is not None:
        scopes[scope] = max(day, scopes.get(scope, day))
    return Evidence(days=tuple(sorted(each for each in days if each >= oldest)), scopes=scopes)


def _read(item: Item | None) -> Evidence:
    if item is None:
        return Evidence()
    scopes = item["scopes"]
    if not isinstance(scopes, dict):
        raise TypeError("scopes is not a map")
    return Evidence(
        days=tuple(date.fromisoformat(day) for day in texts(item, "days")),
        scopes={name: date.fromisoformat(str(day)) for name, day in scopes.items()},
    )
