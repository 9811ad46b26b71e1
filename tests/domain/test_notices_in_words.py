"""In which words people are told of what befell their tokens, and the page that says so."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.notices import Succession
from shared.domain.token.events import (
    TokenExpired,
    TokenKind,
)
from shared.domain.token.wording import WHOLE_TOKEN
from shared.domain.trail.events import Tampering
from tests.data.examples import NOON, ONE_DAY
from tests.domain.notices import (
    FOUND,
    MANAGERS,
    NEVER_USED,
    OF_GRANTS,
    OF_TOKENS,
    OWNER,
    PAGE,
    REMINDED,
    REVOKED,
    SHUT_OUT,
    SUCCESSIONS,
    altered,
    of,
    shut_out,
    text_of,
    told,
)

# --- in which words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        *((type_, kind) for type_ in OF_TOKENS for kind in TokenKind if kind is not TokenKind.GRANT),
        *((type_, TokenKind.GRANT) for type_ in OF_GRANTS),
    ],
)
def test_a_notice_says_which_token_since_when_and_what_to_do(type_: str, kind: TokenKind) -> None:
    text = text_of(of(type_, kind))
    prefix = "mfa_1abcdefg" if kind is TokenKind.GRANT else "mfp_1abcdefg"

    for fact in ('"Weekly sync"', prefix, "tok1", '"Tea & Sons" (ws1)', "UTC", "https://docs.test/notices"):
        assert fact in text
    assert re.search(r"https://api\.test/v1/(tokens|audit)|connect the app again, from the app itself", text)
    assert "@" not in text
    assert all(len(line) <= 500 for line in text.splitlines())


def test_a_notice_of_a_workspace_says_which_since_when_and_what_to_do() -> None:
    text = text_of(shut_out())

    for fact in ('"Tea & Sons" (ws1)', "2026-11-22 12:00 UTC", '"unpaid"', "merchant-mcp workspace grant ws1"):
        assert fact in text


@pytest.mark.parametrize("tampering", Tampering)
def test_a_notice_of_an_altered_trail_says_which_row_since_when_and_what_to_do(tampering: Tampering) -> None:
    notice = altered(replace(FOUND, tampering=tampering))

    assert notice is not None
    assert notice.to == MANAGERS
    text = text_of(notice)
    for fact in ('"Tea & Sons" (ws1)', f"was {tampering} at 2026-11-21 12:00 UTC", FOUND.row):
        assert fact in text
    assert "GET https://api.test/v1/audit/events?type=audit.tamper_found" in text
    assert "merchant-mcp audit export -w ws1" in text


def test_a_key_that_somebody_made_up_makes_no_line_of_its_own() -> None:
    assert "\nBcc" not in text_of(altered(replace(FOUND, row="W#ws1#2026-11-21 1\r\nBcc: all@shop.example")))


def test_what_others_have_written_makes_no_line_of_its_own_and_no_header() -> None:
    name = "CI\r\nBcc: all@shop.example\n\u202e\x00"
    notice = told(replace(REVOKED, reason=f"{name} because"), name=name)

    assert notice is not None
    assert notice.subject == 'Token "CI Bcc: all@shop.example" was revoked'
    assert not any(line.startswith("Bcc") for line in notice.lines)
    assert all(line.isprintable() for line in notice.lines)


def test_a_whole_token_that_somebody_wrote_down_is_not_passed_on() -> None:
    secret = f"mfp_1{'a' * 70}"
    notice = shut_out(event=replace(SHUT_OUT, reason=f"published {secret} in a forum"))

    assert not WHOLE_TOKEN.search(text_of(notice))
    assert "aaaa" not in text_of(notice)
    assert "published (a token) in a forum" in text_of(notice)


def test_a_long_text_is_cut() -> None:
    notice = shut_out(event=replace(SHUT_OUT, reason="unpaid " * 1_000))

    assert max(map(len, text_of(notice).splitlines())) < 400


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=60), "60 days"),
        (timedelta(days=7) - timedelta(minutes=2), "7 days"),
        (timedelta(days=3.2), "3 days"),
        (timedelta(days=1, hours=12), "2 days"),
        (timedelta(days=1, hours=11, minutes=59), "one day"),
        (timedelta(hours=12), "one day"),
        (timedelta(hours=11, minutes=59), "less than a day"),
        (timedelta(minutes=1), "less than a day"),
    ],
)
def test_days_are_counted_as_people_count_them_from_when_the_reminder_was_recorded(left: timedelta, words: str) -> None:
    notice = told(replace(REMINDED, at=REMINDED.expires_at - left))

    assert notice is not None
    assert notice.subject == f'Token "Weekly sync" expires in {words}'


def test_the_moment_of_the_end_is_told_and_not_that_of_its_discovery() -> None:
    late = TokenExpired(at=NOON + 90 * ONE_DAY + timedelta(minutes=59))

    assert f"{NOON + 90 * ONE_DAY:%Y-%m-%d %H:%M} UTC" in text_of(told(late))
    assert "12:59" not in text_of(told(late))


# --- the page ---------------------------------------------------------------------------------------------------------


def name_of(people: frozenset[str]) -> str:
    names = {
        frozenset({OWNER}): "its owner",
        MANAGERS: "owners and admins",
        MANAGERS - {"mem_amy"}: "owners and admins, but for whoever did it",
    }
    return names[people]


def row_of(type_: str, succession: Succession = NEVER_USED) -> str:
    personal, organization = (of(type_, kind, succession) for kind in (TokenKind.PERSONAL, TokenKind.ORGANIZATION))
    assert personal is not None
    assert organization is not None
    return f"| `{type_}` | {personal.subject} | {name_of(personal.to)} | {name_of(organization.to)} |"


def test_the_page_has_a_row_for_each_notice_and_no_others() -> None:
    page = PAGE.read_text(encoding="utf-8")
    of_workspaces = {SHUT_OUT.type: shut_out(), FOUND.type: altered()}
    expected = [
        "| event | subject | of a personal token to | of an organization token to |",
        "| --- | --- | --- | --- |",
        *(row_of(type_, succession) for type_ in OF_TOKENS for succession in SUCCESSIONS.get(type_, (NEVER_USED,))),
        *(
            f"| `{type_}` | {notice.subject} | {name_of(notice.to)} | {name_of(notice.to)} |"
            for type_, notice in of_workspaces.items()
            if notice is not None
        ),
        "| event | subject | of what an app was granted to |",
        "| --- | --- | --- |",
        *(
            f"| `{type_}` | {notice.subject} | {name_of(notice.to)} |"
            for type_, notice in ((type_, of(type_, TokenKind.GRANT)) for type_ in OF_GRANTS)
            if notice is not None
        ),
    ]

    assert [line for line in page.splitlines() if line.startswith("|")] == expected


def test_the_example_of_the_page_is_a_notice() -> None:
    page = PAGE.read_text(encoding="utf-8")
    notice = of("token.expiry_reminded")
    assert notice is not None
    (example,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)

    assert example == f"Subject: {notice.subject}\n\n" + "\n".join(notice.lines) + "\n"
