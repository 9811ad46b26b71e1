"""One stack and one Chromium for the suite; each person a context of their own, with cookies that nobody else has."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.axe import NODE_FOLDER
from tests.browser.people import SignedIn, sign_in
from tests.clients.served_stack import ServedStack, served
from tests.node_packages import install_node_packages

QUIET = (
    "--headless",
    "--no-sandbox",  # the suite runs as root in containers, where Chromium's own sandbox cannot be
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""Chromium asks nobody but the stack."""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServedStack]:
    install_node_packages(NODE_FOLDER)
    with served(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def chromium() -> Generator[Browser]:
    found = shutil.which("chromium")
    assert found is not None, "apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Generator[BrowserContext]:
    """A browser that nobody has used yet."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture
def person(chromium: Browser, stack: ServedStack) -> Generator[Callable[[str], Page]]:
    """Sign a person in at the local issuer, in a browser of their own."""
    signed_in: list[SignedIn] = []

    def enter(name: str) -> Page:
        signed_in.append(sign_in(chromium, stack, name))
        return signed_in[-1].page

    yield enter
    for each in signed_in:
        each.context.close()
        assert each.complaints == [], f"the console of {each.name} complains"
