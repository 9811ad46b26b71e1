"""Each export is told by its headers, as they are in the field, and by nothing else."""

from __future__ import annotations

import pytest

from shared.services.imports.formats.catalogue import FORMATS

IN_THE_FIELD = {
    "shopify_orders": (
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,"
        "Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,"
        "Refunded Amount,Vendor,Id,Tags,Source,Lineitem discount"
    ),
    "shopify_payments_transactions": (
        "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,Amount,"
        "Fee,Net,Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency,VAT"
    ),
    "shopify_payouts": (
        "Payout Date,Status,Charges,Refunds,Adjustments,Reserved Funds,Fees,Retried Amount,Total,Currency"
    ),
    "shopify_products": (
        "Handle,Title,Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,"
        "Variant Price,Variant Compare At Price,Cost per item,Status"
    ),
    "shopify_products_by_url_handle": "Title,URL handle,Description,Vendor,Type,Tags,Status,SKU,Price,Cost per item",
    "costs": "sku,unit_cost,currency,effective_from",
    "meta_ads": (
        "Reporting starts,Reporting ends,Campaign name,Campaign delivery,Attribution setting,Results,Result indicator,"
        "Reach,Frequency,Cost per results,Amount spent (EUR),Impressions,Link clicks,Purchases"
    ),
    "google_ads": "\ufeffDay,Campaign,Campaign ID,Currency code,Cost,Impr.,Clicks,Conversions,Conv. value",
    "tiktok_ads": (
        "By Day,Campaign name,Ad group name,Ad name,Cost,Impressions,Clicks (destination),Complete payment,"
        "Total complete payment value"
    ),
    "snapchat_ads": "Start Time,End Time,Paid Impressions,Swipe Ups,Spend",
    "quickbooks_journal": ",Date,Transaction Type,Num,Name,Memo/Description,Account,Debit,Credit",
    "quickbooks_ledger": ",Date,Transaction Type,Num,Name,Memo/Description,Split,Amount,Balance",
    "bank_chase": "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #,",
}
"""Format -> headers of one of its exports."""


def fitting(headers: str) -> list[str]:
    return [known.name for known in FORMATS if known.fits(headers.split(","))]


def test_every_format_is_tried() -> None:
    assert {known.name for known in FORMATS} == set(IN_THE_FIELD)


@pytest.mark.parametrize("name", IN_THE_FIELD)
def test_an_export_is_told_from_all_others(name: str) -> None:
    assert fitting(IN_THE_FIELD[name]) == [name]


@pytest.mark.parametrize("name", IN_THE_FIELD)
def test_case_and_space_say_nothing(name: str) -> None:
    spaced = IN_THE_FIELD[name].upper().replace(" ", "  ").replace(",", " , ")

    assert fitting(spaced) == [name]


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ("Campaign name,Ad set name,Ad name,Day,Results,Amount spent (AUD),Attribution setting,Purchases", "meta_ads"),
        ("Account name,Customer ID,Day,Campaign,Ad group,Currency code,Cost,Impr.,Clicks", "google_ads"),
        ("Campaign name,Primary status,Cost,Impressions,Clicks (destination),Conversions,Currency,Date", "tiktok_ads"),
        ("Transaction date,Transaction type,Num,Name,Description,Account full name,Debit,Credit", "quickbooks_journal"),
        (",Transaction date,Transaction type,Num,Name,Description,Account Name,Debit,Credit", "quickbooks_journal"),
        (",Transaction date,Transaction type,Num,Name,Description,Split,Amount,Balance", "quickbooks_ledger"),
        (",,Transaction date,Transaction type,Num,Name,Description,Split,Amount", "quickbooks_ledger"),
        ("Date,Transaction Type,No.,Name,Memo/Description,Split,Amount,Balance,Account", "quickbooks_ledger"),
    ],
)
def test_an_export_is_known_with_other_columns_too(headers: str, name: str) -> None:
    assert fitting(headers) == [name]


@pytest.mark.parametrize(
    "headers",
    [
        "Transaction Date,Post Date,Description,Category,Type,Amount,Memo",  # a Chase credit card
        "Tag,Kampagne,Kampagnen-ID,Währungscode,Kosten,Impr.,Klicks,Conversions,Conv.-Wert",
        "Date,Campaign,Spend",
        "Date,Description,Amount,Balance",
    ],
)
def test_what_we_do_not_know_fits_nothing(headers: str) -> None:
    assert fitting(headers) == []
