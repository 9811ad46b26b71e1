"""The whole CDNOW history through the real import and fold: totals and cohorts as they are published.

69,659 purchases of 23,570 customers, 1997-01-01 to 1998-06-30, 167,881 CDs, $2,500,315.63, 80 purchases for nothing;
cohorts of January to March 1997 and what they came back for, as stated in docs/data.md.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from subprocess import PIPE

import pytest

from shared.domain.facts.imports import Counts, ImportStatus
from shared.domain.facts.rollups import Cohort, Figure
from tests.data import cdnow
from tests.data.merchants import Merchant, shown


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return cdnow.write(tmp_path_factory.mktemp("cdnow") / "cdnow.ndjson").read_bytes()


@pytest.fixture(scope="module")
def shop(content: bytes) -> Merchant:
    merchant = Merchant()
    record = merchant.import_bytes(content)
    assert record.status is ImportStatus.FINISHED
    assert record.report is not None
    assert record.report.counts == {"order": Counts(new=69_659)}
    merchant.fold()
    return merchant


def total(shop: Merchant, figure: Figure) -> int:
    return sum(month.total(figure) for month in shop.months())


def per_customer(cohort: Cohort, offset: int) -> float:
    """Give the dollars per customer up to and including an offset, to the cent."""
    return round(sum(cohort.net_revenue[: offset + 1]) / cohort.size / 1_000_000, 2)


def test_the_totals_are_those_of_the_file_to_the_cent(shop: Merchant) -> None:
    assert total(shop, Figure.GROSS_SALES) == 2_500_315_630_000
    assert total(shop, Figure.ORDERS) == total(shop, Figure.ORDERS_WITH_CUSTOMER) == 69_659
    assert total(shop, Figure.UNITS) == 167_881
    assert len(shop.months()) == 18
    assert (shop.overview().data_from, shop.overview().data_through) == (date(1997, 1, 1), date(1998, 6, 30))


def test_every_customer_is_in_the_cohort_of_the_first_purchase(shop: Merchant) -> None:
    assert {cohort.month: cohort.size for cohort in shop.cohorts()} == {
        "1997-01": 7_846,
        "1997-02": 8_476,
        "1997-03": 7_248,
    }
    assert sum(cohort.size for cohort in shop.cohorts()) == 23_570


def test_the_cohorts_come_back_as_they_did(shop: Merchant) -> None:
    january, february, march = shop.cohorts()

    assert [cohort.active[1] for cohort in (january, february, march)] == [1_157, 1_312, 1_032]
    assert [per_customer(january, offset) for offset in (0, 1, 3, 12)] == [38.12, 45.90, 57.54, 95.75]
    revenue = sum(sum(cohort.net_revenue) for cohort in (january, february, march))
    assert revenue == total(shop, Figure.GROSS_SALES), "every purchase is some cohort's"


def test_a_second_time_is_the_first_time(shop: Merchant, content: bytes) -> None:
    before = shown(shop)
    first = shop.send(content)
    assert first.status is ImportStatus.FINISHED, "known by its bytes, and not read again"

    header, *rows = content.splitlines(keepends=True)
    again = shop.import_bytes(header + b"".join(reversed(rows)))
    shop.fold()
    assert again.report is not None
    assert first.report is not None
    assert again.report.counts == {"order": Counts(unchanged=69_659)}
    assert replace(again.report, counts=first.report.counts) == first.report
    assert shown(shop) == before


def test_eighty_purchases_were_for_nothing(content: bytes) -> None:
    assert sum(float(dollars) == 0 for *_, dollars in cdnow.purchases()) == 80
    assert content.count(b"\n") == 1 + 69_659


def test_the_program_ends_quietly_when_nobody_reads_on() -> None:
    with subprocess.Popen([sys.executable, "-m", "tests.data.cdnow"], stdout=PIPE, stderr=PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert program.stderr.read() == b""

    assert program.returncode == 1
