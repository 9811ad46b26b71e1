"""A file sent from the page, an export that is checked on the spot, a policy that is looked at first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from shared.domain.trail.verify import verify_export
from shared.services.trail.check_signature import TrustedKeys
from tests.browser.people import SETTINGS, address
from tests.clients.served_stack import ServedStack

Person = Callable[[str], Page]
A_MINUTE_OR_TWO = 150_000
"""Milliseconds: seals are made each minute."""
HOSTILE = "<img src=x onerror=alert(1)>.csv"


def sent(page: Page, stack: ServedStack, file: Path) -> None:
    page.goto(address(stack, f"{SETTINGS}/data/upload"))
    page.get_by_label("File", exact=True).set_input_files(str(file))
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/data/imports/imp_*")


def test_a_file_is_sent_from_the_page_and_followed_to_its_report(
    person: Person, stack: ServedStack, tmp_path: Path
) -> None:
    lines = [f"SENT-{number},4.00" for number in range(50)]
    file = tmp_path / HOSTILE
    file.write_text("\n".join(["sku,unit_cost", *lines, "SENT-bad,dear"]))
    page = person("olivia")

    sent(page, stack, file)
    expect(page.get_by_text("Rejected lines")).to_be_visible(timeout=60_000)  # it comes by itself

    expect(page.get_by_role("heading", level=1)).to_contain_text(HOSTILE)
    expect(page.get_by_text("51 lines, of them 1 rejected.")).to_be_visible()
    sent(page, stack, file)
    expect(page.get_by_text("Rejected lines")).to_be_visible()  # the same bytes: their report, at once


def test_a_file_that_is_not_chosen_or_too_large_is_told_before_anything_is_sent(
    person: Person, stack: ServedStack, tmp_path: Path
) -> None:
    page = person("adam")
    page.goto(address(stack, f"{SETTINGS}/data/upload"))

    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Choose a file first.")

    page.evaluate("document.querySelector('[data-largest]').dataset.largest = 3")
    (tmp_path / "four.csv").write_text("1234")
    page.get_by_label("File", exact=True).set_input_files(str(tmp_path / "four.csv"))
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("too large for a browser")
    expect(page.get_by_label("File", exact=True)).to_be_focused()


def test_what_is_said_wrongly_of_a_file_is_told_at_its_field(
    person: Person, stack: ServedStack, tmp_path: Path
) -> None:
    (tmp_path / "costs.csv").write_text("sku,unit_cost\nM-1,4.00\n")
    page = person("olivia")
    page.goto(address(stack, f"{SETTINGS}/data/upload"))
    page.get_by_label("File", exact=True).set_input_files(str(tmp_path / "costs.csv"))
    page.get_by_text("What the file does not say itself").click()
    page.get_by_label("Currency of amounts").fill("XXY")

    page.get_by_role("button", name="Send", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("currency must be a currency of ISO 4217")
    expect(page.get_by_label("Currency of amounts")).to_be_focused()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()


def test_an_export_from_the_page_is_proved_with_the_keys_from_the_page(
    person: Person, stack: ServedStack, tmp_path: Path
) -> None:
    page = person("olivia")
    export = address(stack, f"{SETTINGS}/activity/export")
    page.goto(export)
    sealed = page.get_by_role("button", name="Download", exact=True)
    for _ in range(A_MINUTE_OR_TWO // 5_000):
        if sealed.count():
            break
        page.wait_for_timeout(5_000)
        page.goto(export)
    expect(sealed, "the stack seals each minute").to_be_visible()

    for name in ("first", "second"):  # the page stays, so the form can be sent again
        with page.expect_download() as downloading:
            sealed.click()
        downloading.value.save_as(tmp_path / f"{name}.ndjson")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download the keys of the log").click()
    downloading.value.save_as(tmp_path / "log.keys")

    keys = TrustedKeys.of_lines((tmp_path / "log.keys").read_text().splitlines())
    with (tmp_path / "second.ndjson").open(newline="\n", errors="surrogateescape") as lines:
        verdict = verify_export(lines, check_signature=keys.check)
    assert verdict.holds
    assert verdict.rows > 0


def test_a_policy_is_looked_at_and_left_as_it_is(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    page.goto(address(stack, f"{SETTINGS}/policy"))
    expect(page.get_by_label("mcp:pnl:read")).to_be_hidden()  # all of them: there is nothing to tick

    page.get_by_label("Only those ticked below").check()
    expect(page.get_by_label("mcp:pnl:read")).to_be_visible()
    page.get_by_label("Longest life of a token").fill("1")
    page.get_by_role("button", name="See what it would do").click()

    expect(page.get_by_text("Suspended at once:")).to_be_visible()
    page.get_by_role("link", name="Leave it as it is").click()
    expect(page.get_by_label("Longest life of a token")).to_have_value("")


def test_the_activity_is_filtered_as_it_is_chosen_and_a_call_told_in_full(person: Person, stack: ServedStack) -> None:
    page = person("olivia")
    page.goto(address(stack, f"{SETTINGS}/activity"))

    page.get_by_label("What", exact=True).select_option(label="Members and settings")
    page.wait_for_url("**what=workspace*")
    expect(page.get_by_label("What", exact=True)).to_be_focused()
    page.get_by_role("link", name="joined as owner").first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("joined as owner")
    expect(page.get_by_text("workspace.member_added")).to_be_visible()
