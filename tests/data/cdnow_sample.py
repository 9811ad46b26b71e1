"""The 2,357 customers of CDNOW whose figures are published: a tenth of all, watched for 39 weeks.

They are read from the installed package `lifetimes`, which is never imported, and not copied into this repository.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

from shared.domain.analytics.order_values import Spending
from shared.domain.analytics.repeat_orders import Habit

SUMMARY = "lifetimes/datasets/cdnow_customers_summary_with_transactions.csv"


def habits() -> Mapping[Habit, int]:
    """Count the customers of each habit, in weeks."""
    return Counter(Habit(int(row["x"]), float(row["t_x"]), float(row["T"])) for row in _rows())


def spendings() -> Mapping[Spending, int]:
    """Count the customers who came back and paid something, in dollars."""
    return Counter(
        Spending(int(row["x"]), float(row["zbar"])) for row in _rows() if int(row["x"]) and float(row["zbar"]) > 0
    )


def _rows() -> list[dict[str, str]]:
    path = Path(str(distribution("lifetimes").locate_file(SUMMARY)))
    return list(csv.DictReader(path.read_text(encoding="ascii").splitlines()))
