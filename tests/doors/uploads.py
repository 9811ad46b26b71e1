"""A file of orders on its way into the stack: from the upload to the event that tells the importer of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from functions.wiring import now
from shared.services.imports.names import raw_key
from shared.storage.contracts.objects import ObjectStore


def a_day_of_last_month() -> date:
    return now().date().replace(day=1) - timedelta(days=10)


def upload(prices: Mapping[str, str], *, objects: ObjectStore, folder: Path, workspace_id: str = "wks_1") -> str:
    """Put a file with an order at each price, by its number, and give the key that the bucket names in its event."""
    day = a_day_of_last_month().isoformat()
    header = {"type": "export", "schema": 1, "exported_at": f"{now():%Y-%m-%dT%H:%M:%SZ}", "source": "shop"}
    orders = [
        {
            "type": "order",
            "id": number,
            "date": day,
            "customer": f"c-{number}",
            "lines": [{"quantity": 1, "price": price}],
        }
        for number, price in prices.items()
    ]
    file = folder / "orders.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in [{**header, "currency": "USD"}, *orders]))
    key = raw_key(workspace_id, "orders")
    objects.put_file(key, file)
    return key
