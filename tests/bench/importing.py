"""What it costs to import a large file, run by run; of another size by `python -m tests.bench.importing MEGABYTES`."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from functions.wiring import now
from shared.domain.facts.imports import ImportStatus
from shared.services.imports.names import raw_key
from shared.services.imports.send_file import send_file
from tests.bench.import_run import importer
from tests.bench.table import say_table

MEGABYTES = 50
WORKSPACE = "wks_1"
FIRST_DAY = date(2023, 11, 1)
DAYS = 1_095
COLUMNS = ("", "run", "CPU s", "thousand rows/CPU s", "peak MB")


def say_imports(megabytes: int = MEGABYTES) -> None:
    """Print a line for each run over each kind of file."""
    title = f"Imports of {megabytes:,} MB each, every run a process of its own"
    say_table(title, COLUMNS, _rows(megabytes))


def _rows(megabytes: int) -> Iterator[tuple[str, ...]]:
    for name, write in KINDS.items():
        with TemporaryDirectory(prefix="bench-imports-") as place:
            folder = Path(place)
            file = folder / "file"
            write(file, megabytes << 20)
            tools = importer(folder)
            sent = send_file(
                file,
                workspace_id=WORKSPACE,
                requested_by="mem_1",
                now=now(),
                imports=tools.imports,
                objects=tools.objects,
            )
            file.unlink()
            run, lines, took = 0, 0, dict[str, Any](status=ImportStatus.RUNNING)
            while took["status"] == ImportStatus.RUNNING:
                command = [sys.executable, "-m", "tests.bench.import_run", place, raw_key(WORKSPACE, sent.import_id)]
                took = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
                run += 1
                speed = (took["lines"] - lines) / took["seconds"] / 1000
                lines = took["lines"]
                yield name, str(run), f"{took['seconds']:.1f}", f"{speed:.1f}", f"{took['megabytes']:.0f}"
            if took["status"] != ImportStatus.FINISHED:
                raise AssertionError(took["refusal"])


def _write_ndjson(file: Path, size: int) -> None:
    chance = Random(6)
    with file.open("w", encoding="utf-8") as lines:
        first = {"type": "export", "schema": 1, "exported_at": f"{now():%Y-%m-%dT%H:%M:%SZ}", "source": "shop"}
        lines.write(json.dumps(first) + "\n")
        number = 0
        while lines.tell() < size:
            number += 1
            order = {
                "type": "order",
                "id": str(number),
                "at": f"{_moment(chance).isoformat()}",
                "customer": {"email": f"customer-{chance.randrange(400_000)}@example.com"},
                "channel": "online_store",
                "shipping": "4.90",
                "tax": f"{chance.randrange(2_000) / 100:.2f}",
                "lines": [
                    {
                        "sku": f"SKU-{chance.randrange(8_000)}",
                        "quantity": chance.randrange(1, 4),
                        "price": _price(chance),
                    }
                    for _ in range(chance.randrange(1, 4))
                ],
            }
            lines.write(json.dumps(order) + "\n")


def _write_shopify(file: Path, size: int) -> None:
    chance = Random(6)
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, fieldnames=SHOPIFY, restval="")
        writer.writeheader()
        number = 0
        while text.tell() < size:
            number += 1
            lines = [(chance.randrange(1, 4), _price(chance)) for _ in range(chance.randrange(1, 4))]
            subtotal = sum(quantity * float(price) for quantity, price in lines)
            at = f"{_moment(chance):%Y-%m-%d %H:%M:%S} +0000"
            order = {
                "Email": f"customer-{chance.randrange(400_000)}@example.com",
                "Financial Status": "paid",
                "Paid at": at,
                "Fulfillment Status": "fulfilled",
                "Accepts Marketing": "yes",
                "Currency": "USD",
                "Subtotal": f"{subtotal:.2f}",
                "Shipping": "4.90",
                "Taxes": "0.00",
                "Total": f"{subtotal + 4.9:.2f}",
                "Discount Amount": "0.00",
                "Billing Name": "Somebody of some town",
                "Billing Street": "Some street 17, second floor",
                "Payment Method": "Shopify Payments",
                "Refunded Amount": "0.00",
                "Id": str(5_000_000_000 + number),
                "Source": "web",
            }
            for place, (quantity, price) in enumerate(lines):
                line = {
                    "Name": f"#{number}",
                    "Created at": at,
                    "Lineitem quantity": str(quantity),
                    "Lineitem name": "A thing of some colour - large",
                    "Lineitem price": price,
                    "Lineitem sku": f"SKU-{chance.randrange(8_000)}",
                    "Lineitem requires shipping": "true",
                    "Lineitem taxable": "true",
                    "Lineitem fulfillment status": "fulfilled",
                    "Lineitem discount": "0.00",
                    "Vendor": "Somebody",
                }
                writer.writerow({**(order if not place else {}), **line})


def _moment(chance: Random) -> datetime:
    day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    return datetime(day.year, day.month, day.day, chance.randrange(24), chance.randrange(60), tzinfo=UTC)


def _price(chance: Random) -> str:
    return f"{chance.randrange(500, 20_000) / 100:.2f}"


SHOPIFY = (
    *("Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing"),
    *("Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method"),
    *(
        "Created at",
        "Lineitem quantity",
        "Lineitem name",
        "Lineitem price",
        "Lineitem compare at price",
        "Lineitem sku",
    ),
    *(
        "Lineitem requires shipping",
        "Lineitem taxable",
        "Lineitem fulfillment status",
        "Billing Name",
        "Billing Street",
    ),
    *("Billing City", "Billing Zip", "Shipping Name", "Shipping Street", "Notes", "Note Attributes", "Cancelled at"),
    *(
        "Payment Method",
        "Payment Reference",
        "Refunded Amount",
        "Vendor",
        "Outstanding Balance",
        "Employee",
        "Location",
    ),
    *("Device ID", "Id", "Tags", "Risk Level", "Source", "Lineitem discount", "Tax 1 Name", "Tax 1 Value", "Phone"),
)

KINDS: dict[str, Callable[[Path, int], None]] = {"NDJSON, orders": _write_ndjson, "Shopify, orders": _write_shopify}

if __name__ == "__main__":
    say_imports(int(sys.argv[1]))
