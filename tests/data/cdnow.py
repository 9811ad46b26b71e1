"""The CDNOW purchase history, as a file that the product imports.

69,659 purchases of 23,570 customers of an online shop for CDs, from 1997-01-01 to 1998-06-30, as studied by Fader and
Hardie. It is read from the installed package `lifetimes`, which is never imported (it would ask for numpy, scipy and
pandas), and the data is not copied into this repository.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

FIRST_DAY, LAST_DAY = "1997-01-01", "1998-06-30"
MASTER, SAMPLE = "CDNOW_master.txt", "CDNOW_sample.txt"
"""All customers, and the tenth of them whose figures are published."""


def purchases(of: str = MASTER) -> Iterator[tuple[str, str, int, str]]:
    """Give customer, day, number of CDs and dollars of each purchase, as the file writes them."""
    lifetimes = distribution("lifetimes")
    path = Path(str(lifetimes.locate_file(f"lifetimes/datasets/{of}")))
    rows = path.read_text(encoding="ascii").splitlines()
    for row in rows[1:] if of == MASTER else rows:  # that of the sample has no titles
        *_, customer, day, discs, dollars = row.split()
        yield customer, f"{day[:4]}-{day[4:6]}-{day[6:]}", int(discs), dollars


def lines(of: str = MASTER) -> Iterator[str]:
    """Give the lines of the import, the first line first.

    The history tells what a purchase came to and how many CDs it had, not the price of each: its first CD bears the
    whole price, so that both pieces and dollars are right.
    """
    yield json.dumps(
        {
            "type": "export",
            "schema": 1,
            "exported_at": "1998-07-01T12:00:00Z",
            "source": "cdnow",
            "currency": "USD",
            "complete": [{"type": "order", "from": FIRST_DAY, "to": LAST_DAY}],
        }
    )
    for number, (customer, day, discs, dollars) in enumerate(purchases(of), start=1):
        pieces = [{"quantity": 1, "price": dollars}]
        if discs > 1:
            pieces.append({"quantity": discs - 1, "price": "0.00"})
        yield json.dumps({"type": "order", "id": number, "date": day, "customer": customer, "lines": pieces})


def write(target: Path) -> Path:
    """Write the import to a file."""
    with target.open("w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines())
    return target


if __name__ == "__main__":
    try:
        sys.stdout.writelines(line + "\n" for line in lines())
        sys.stdout.flush()
    except BrokenPipeError:  # who reads has ended, and says why
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter tries once more at its end
        sys.exit(1)
