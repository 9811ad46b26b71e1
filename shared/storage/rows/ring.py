"""The sliding window as attributes of a row, counted in one conditional update.

    slot          the latest slot that let a request through
    w0 … w31      `ending[j]` of the window lies in place j mod 32; only the places of `slot … slot + 10` are there
    last_request_id, last_used_at, calls (the number of the last call)

A request in slot n adds one to the places of n … n+10, and takes away those of the slots that have passed since the row
was last seen. If the row stands more than a ring away, the places are set anew and all others taken away. Which of the
two is right depends on the row, which is not read first: its slot is remembered from the last look at it, and a wrong
guess fails its condition and brings the row along. The answers are those of `shared.domain.limits.let_through`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.domain.limits import REACH, RESET_AFTER, RING, Full, Window, effective_slot, is_fresh, let_through, slot_of
from shared.domain.moments import moment
from shared.storage.conditions import holds
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.contracts.tokens import Arrival
from shared.storage.engine import (
    Above,
    AllOf,
    AnyOf,
    Below,
    Condition,
    ConditionFailed,
    Differs,
    Engine,
    Item,
    Key,
    Missing,
    Table,
    Update,
    Value,
)
from shared.storage.rows.values import whole_number

GUESSES = 4
"""The first may be wrong about the slot and the second about a slot that has begun since; more would be strange."""
REMEMBERED = 10_000
NOTHING: Mapping[str, Value] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What came of counting: the row as it is now, and whether the request is in it."""

    counted: bool
    item: Item
    """Without attributes if there is no such row."""
    window: Window

    def number(self, arrival: Arrival) -> int:
        """Give the number of the call (0: this request takes none)."""
        return whole_number(self.item, "calls") if arrival.is_call else 0


def window_of(item: Item) -> Window:
    """Read the window off a row."""
    slot = item.get("slot")
    if not isinstance(slot, int):
        return Window()
    places = {j: item.get(f"w{j % RING}") for j in range(slot, slot + REACH + 1)}
    return Window(last_slot=slot, ending={j: count for j, count in places.items() if isinstance(count, int)})


class Ring:
    """Counts requests on rows of `core`, and remembers for each the slot that it was last seen at."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._slots: OrderedDict[Key, int] = OrderedDict()

    def saw(self, key: Key, item: Item) -> None:
        """Note a row that was read for another reason."""
        slot = item.get("slot")
        if isinstance(slot, int):
            self._slots[key] = slot
            self._slots.move_to_end(key)
            if len(self._slots) > REMEMBERED:
                self._slots.popitem(last=False)

    def count(
        self,
        key: Key,
        arrival: Arrival,
        *,
        limit: int,
        when: tuple[Condition, ...] = (),
        noting: Mapping[str, Value] = NOTHING,
    ) -> Count:
        """Count a request on a row if there is room and these conditions hold; one write unless a guess was wrong.

        What `noting` says is set in the same write.
        """
        asked = slot_of(arrival.now)
        seen = Window(last_slot=self._slots.get(key))
        for _ in range(GUESSES):
            try:
                update = _counting(key, arrival, seen, limit=limit, when=when)
                item = self._engine.write(replace(update, set={**update.set, **noting})) or {}
            except ConditionFailed as failed:
                item = failed.item or {}
                seen = window_of(item)
                self.saw(key, item)
                if item.get("last_request_id") == arrival.request_id:
                    return Count(counted=True, item=item, window=seen)
                if not holds(AllOf(when), item) or isinstance(let_through(seen, asked, limit), Full):
                    return Count(counted=False, item=item, window=seen)
            else:
                self.saw(key, item)
                return Count(counted=True, item=item, window=window_of(item))
        raise StoreUnavailable(f"the row {key.pk} kept changing")


def _counting(key: Key, arrival: Arrival, seen: Window, *, limit: int, when: tuple[Condition, ...]) -> Update:
    """Build the write that is right if the row stands where it was last seen, or moved on since, but not past us."""
    slot = effective_slot(seen, slot_of(arrival.now))
    places = _places(slot, slot + REACH + 1)
    counters: dict[str, Value] = {}
    add = {"calls": 1} if arrival.is_call else {}
    if seen.last_slot is None or is_fresh(seen, slot):
        counters = dict.fromkeys(places, 1)
        stale = [place for place in _places(0, RING) if place not in places]
        stands = AnyOf((Missing("slot"), Below("slot", slot - RESET_AFTER + 1), Above("slot", slot + REACH)))
    else:
        add |= dict.fromkeys(places, 1)
        stale = _places(seen.last_slot, slot)
        between = AllOf((Above("slot", seen.last_slot - 1), Below("slot", slot + 1)))
        stands = AllOf((between, AnyOf((Missing(places[0]), Below(places[0], limit)))))
    return Update(
        table=Table.CORE,
        key=key,
        set={
            "slot": slot,
            "last_request_id": arrival.request_id,
            "last_used_at": moment(arrival.now),
            **counters,
        },
        add=add,
        remove=stale,
        when=AllOf((*when, Differs("last_request_id", arrival.request_id), stands)),
    )


def _places(first: int, end: int) -> list[str]:
    """Name the places of the slots `first … end - 1`."""
    return [f"w{j % RING}" for j in range(first, end)]
