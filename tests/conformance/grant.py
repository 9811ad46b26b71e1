"""The suite as an OAuth client: it registers nothing and opens no browser, so both is done for it here."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPResponse
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, build_opener

import httpx

from tests.conformance.suite import LONGEST_RUN, NODE_FOLDER, PROGRAM, Outcomes, outcomes_in
from tests.node_packages import NODE

PERSON = "olivia"


def run_authorization(issuer: str, port: int, folder: Path) -> Outcomes:
    """Run the scenarios for authorization servers, with a client that registered itself and somebody who says yes."""
    told = {"client_name": "The conformance suite", "redirect_uris": [f"http://127.0.0.1:{port}/callback"]}
    client_id = httpx.post(f"{issuer}/oauth/register", json=told).raise_for_status().json()["client_id"]
    command = [NODE, PROGRAM, "authorization", "--url", issuer, "--client-id", client_id, "--port", str(port)]
    with subprocess.Popen(
        [*command, "--output-dir", folder],
        cwd=NODE_FOLDER,
        env={"HOME": "/nonexistent", "PATH": os.defpath},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        try:
            assert running.stdout is not None
            for line in running.stdout:
                if line.startswith(f"{issuer}/oauth/authorize?"):
                    connect(line.strip(), PERSON)
            running.wait(LONGEST_RUN)
        finally:
            running.kill()
    return outcomes_in(folder)


def connect(address: str, person: str) -> None:
    """Open the address of a client as a browser does, sign in at the local issuer, and say yes."""
    # Browsers take this machine for a secure place, and send it Secure cookies over http; httpx cannot be told to.
    cookies = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
    browser = build_opener(HTTPCookieProcessor(cookies))
    signing_in = Form.of(browser.open(address))
    question = Form.of(browser.open(signing_in.action, signing_in.with_answer(person=person)))
    browser.open(question.action, question.with_answer(answer="approve"))


@dataclass
class Form(HTMLParser):
    """The last form of a page, with what is filled in."""

    page: str
    action: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    @classmethod
    def of(cls, shown: HTTPResponse) -> Form:
        """Read the form of a page."""
        form = cls(shown.url)
        form.feed(shown.read().decode())
        assert form.action, f"no form is on {form.page}"
        return form

    def __post_init__(self) -> None:
        super().__init__()

    def with_answer(self, **pressed: str) -> bytes:
        """Give what is sent when a button is pressed."""
        return urlencode({**self.fields, **pressed}, doseq=True).encode()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action, self.fields = urljoin(self.page, given.get("action", "")), {}
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.fields.setdefault(given["name"], []).append(given.get("value", ""))
