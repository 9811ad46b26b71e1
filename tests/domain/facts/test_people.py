from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.people import account_without_person, category_without_person, is_person, same_person


@pytest.mark.parametrize(
    "vendor",
    [
        "Jane Doe",
        "JANE DOE",
        "jane doe",
        "Doe, Jane",
        "J. R. Smith",
        "Mary-Jane O'Neil",
        "Dr. Ana de la Cruz",
        "Ludwig van der Rohe",
        "Zoë Müller",
        "Jane Doe 4411",
        "Zelle: Jane Doe",
        "Иван Петров",
        "Jude Law",
        "J.Doe",
        "Tom Bank",
        "Kim Travel",
        "Sa Nguyen",
        "John & Mary Smith",
        "John and Mary Smith",
        "Maria Rose West Van Der Berg",
        "李小龙",
        "김민수",
    ],
)
def test_a_name_of_two_to_six_words_is_a_person(vendor: str) -> None:
    assert is_person(vendor)


@pytest.mark.parametrize(
    "vendor",
    [
        "Acme Inc.",
        "Deskwise GmbH",
        "Pulp & Paper Co.",
        "Smith and Sons",
        "Jones + Partner",
        "Google Workspace",
        "Amazon Web Services",
        "First Harbour Bank",
        "Shop Platform Ltd",
        "The Home Depot",
        "monday.com",
        "Uline",
        "42",
        "Payroll",
        "Office Travel",
        "上海银行",
        "Department of the Treasury of New Jersey",
    ],
)
def test_a_name_that_businesses_carry_is_none(vendor: str) -> None:
    assert not is_person(vendor)


@pytest.mark.parametrize("category", ["Payroll", "salaries", "Contractors", "Contract labor", "Wages:Warehouse"])
def test_one_word_is_a_person_where_people_are_paid(category: str) -> None:
    assert is_person("Jane", category=category)
    assert not is_person("Jane", category="Software")
    assert is_person("Paul Office", category=category)
    assert is_person("Paul Office Roe", category=category)
    assert not is_person("Payroll Services LLC", category=category)


def test_who_gets_what_the_owner_takes_is_a_person() -> None:
    assert is_person("Jane", is_owner_pay=True)


@pytest.mark.parametrize(
    ("category", "shown"),
    [
        ("Payroll:Jane Doe", "Payroll"),
        ("Wages:Contractors:Doe, Jane", "Wages:Contractors"),
        ("Payroll:Employer Taxes", "Payroll:Employer Taxes"),
        ("Payroll:Jane", "Payroll"),
        ("Payroll:Warehouse", "Payroll:Warehouse"),
        ("Wages - Jane Doe", "Wages"),
        ("Jane Doe:Payroll", "Payroll"),
        ("Rent:Jane Doe", "Rent"),
        ("Owner\u2019s pay:Jane", "Owner\u2019s pay"),
        ("Rent:Storage unit", "Rent:Storage unit"),
        ("Travel:Car rental", "Travel:Car rental"),
        ("Bad luck", "Bad luck"),
        ("Bad luck:Jane Doe", "Bad luck"),
        ("", ""),
        ("Payroll", "Payroll"),
        (None, None),
    ],
)
def test_a_category_loses_the_names_below_its_heading(category: str | None, shown: str | None) -> None:
    assert category_without_person(category) == shown


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        ("Helpers:Jane Doe", "Helpers"),
        ("Jane Doe", "[redacted]"),
        ("Due to - Jane Doe", "Due to"),
        ("Loan from Jane Doe:Interest", "Interest"),
        ("6400 Merchant Fees", "6400 Merchant Fees"),
        ("Advertising:Trade shows", "Advertising:Trade shows"),
    ],
)
def test_an_account_loses_the_names_in_its_path(account: str, shown: str) -> None:
    assert account_without_person(account) == shown


@pytest.mark.parametrize(
    "account",
    [
        "Jane Doe Draw",
        "Jane Doe's Draw",
        "Owner Jane Doe",
        "Partner Jane Doe",
        "Jane Doe Capital",
        "Shareholder Loan J. Smith",
        "Note Payable Bob",
        "Due from Jane",
        "Jane Doe Salary",
        "Jane Doe Payroll",
        "Wages Jane",
        "Jane Doe Rent",
        "Jane Doe for Rent",
        "Jane Doe Phone",
        "Jane Doe Credit Card",
        "Jane Doe Legal Services",
        "李小龙 Draw",
        "Tom Bank",
        "Bill Smith",
        "Jane Small",
        "Sa To",
    ],
)
def test_words_of_books_beside_a_name_do_not_make_a_business_of_it(account: str) -> None:
    assert account_without_person(account) == "[redacted]"


@pytest.mark.parametrize(
    "account",
    [
        "Design Work",
        "Freelance Design Work",
        "Ask My Accountant",
        "Influencer Marketing",
        "Affiliate Commissions",
        "Stripe Fees",
        "Shopify Capital",
        "Credit Card Processing Fees",
        "Payroll Taxes",
        "Interest on Loan",
        "Exchange Gain or Loss",
        "Sales and Promotion Costs",
        "Parking & Tolls",
        "Product Photography",
        "Reconciliation Discrepancies",
        "Sundries",
        "Klaviyo",
    ],
)
def test_an_account_that_names_nobody_stays_readable(account: str) -> None:
    assert account_without_person(account) == account


@given(st.permutations(["Jane", "van", "Doe"]), st.sampled_from([" ", ", ", "  "]), st.booleans())
def test_a_person_is_one_however_the_name_is_written(words: list[str], between: str, loud: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
    name = between.join(words)

    assert same_person(name.upper() if loud else name) == same_person("Jane van Doe")
