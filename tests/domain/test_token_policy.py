"""What a workspace allows of its tokens, and from where their calls may come."""

from __future__ import annotations

import string
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.domain.errors import DomainError, Invalid
from shared.domain.plans import LIFETIMES_DAYS
from shared.domain.scopes import Scope
from shared.domain.token.decider import decide
from shared.domain.token.events import TokenEvent
from shared.domain.token.policy import (
    ANYTHING,
    MOST_NETWORKS,
    TokenPolicy,
    breaks,
    check_new_token,
    checked_policy,
    exceeds,
    is_within,
)
from shared.domain.token.state import Token
from tests.data.examples import create_token, token_created
from tests.domain.lives import ENDLESS, lives, living, policies, rename, token_after

PNL, ADS = frozenset({Scope.PNL}), frozenset({Scope.ADS})


def refusal(policy: TokenPolicy) -> Invalid:
    with pytest.raises(Invalid) as refused:
        checked_policy(policy)
    assert refused.value.code == "policy_invalid"
    assert refused.value.message.endswith(".")
    return refused.value


def check(policy: TokenPolicy, *, name: str = "ci-1", days: int | None = 90, scopes: frozenset[Scope] = PNL) -> None:
    check_new_token(policy, name=name, scopes=scopes, lifetime_days=days)


def refuses(policy: TokenPolicy, *, name: str = "ci-1", days: int | None = 90, scopes: frozenset[Scope] = PNL) -> str:
    with pytest.raises(Invalid) as refused:
        check(policy, name=name, days=days, scopes=scopes)
    assert refused.value.field is not None
    return f"{refused.value.code} {refused.value.field}"


# --- what can be kept -------------------------------------------------------------------------------------------------


def test_a_policy_is_kept_in_one_form() -> None:
    asked = TokenPolicy(
        longest_days=1,
        scopes=PNL,
        name_pattern="ci-[*]",
        networks=("2001:DB8:0::/48 ", "203.0.113.7", "10.0.0.0/255.0.0.0", "203.0.113.7/32", "::ffff:192.0.2.0/120"),
        suspend_abandoned=True,
    )

    assert checked_policy(asked) == replace(
        asked, networks=("10.0.0.0/8", "192.0.2.0/24", "2001:db8::/48", "203.0.113.7/32")
    )


def test_no_rule_is_a_policy_too() -> None:
    assert checked_policy(ANYTHING) == ANYTHING == TokenPolicy()


@pytest.mark.parametrize("days", [0, -1])
def test_the_longest_life_is_at_least_a_day(days: int) -> None:
    refused = refusal(TokenPolicy(longest_days=days))

    assert refused.field == "longest_days"
    assert "leave it out" in refused.hint


def test_a_policy_that_allows_no_scope_is_refused() -> None:
    assert refusal(TokenPolicy(scopes=frozenset())).field == "scopes"


@pytest.mark.parametrize("pattern", ["", " ", " ci-*", "ci-*\n", "ci  *", "\u202eci", "x" * 101])
def test_a_name_pattern_is_a_line_as_names_are(pattern: str) -> None:
    assert refusal(TokenPolicy(name_pattern=pattern)).field == "name_pattern"


@pytest.mark.parametrize(
    "network",
    [
        "",
        "everywhere",
        "203.0.113.7/24",
        "203.0.113.0/33",
        "203.0.113",
        "2001:db8::1/64",
        "::ffff:0:0/95",
        "fe80::1%eth0",
        "fe80::1%" + "x" * 10_000,
        "10.0.0.0/8, 192.0.2.0/24",
        "٣.2.1.0/24",
    ],
)
def test_a_network_is_cidr_without_host_bits(network: str) -> None:
    refused = refusal(TokenPolicy(networks=("10.0.0.0/8", network)))

    assert refused.field == "networks"
    assert len(refused.message) < 100


def test_the_list_of_networks_is_short_enough_for_every_row() -> None:
    many = tuple(f"10.0.{n}.0/24" for n in range(MOST_NETWORKS + 1))

    assert len(checked_policy(TokenPolicy(networks=many[1:])).networks) == MOST_NETWORKS
    assert refusal(TokenPolicy(networks=many)).field == "networks"


@st.composite
def v4_networks(draw: st.DrawFn) -> str:
    return str(IPv4Network((draw(st.integers(0, 2**32 - 1)), draw(st.integers(0, 32))), strict=False))


@st.composite
def v6_networks(draw: st.DrawFn) -> str:
    return str(IPv6Network((draw(st.integers(0, 2**128 - 1)), draw(st.integers(0, 128))), strict=False))


garbage = st.text(string.hexdigits + ":./%*", max_size=20)


@for_all(networks=st.lists(v4_networks() | v6_networks() | garbage, max_size=6), policy=policies)
def test_the_form_that_is_kept_is_kept_as_it_is(networks: list[str], policy: TokenPolicy) -> None:
    with suppress(Invalid):
        kept = checked_policy(replace(policy, networks=tuple(networks)))

        assert checked_policy(kept) == kept
        assert list(kept.networks) == sorted(set(kept.networks))


# --- what it refuses --------------------------------------------------------------------------------------------------


def test_a_life_is_as_long_as_the_policy_allows() -> None:
    ninety = TokenPolicy(longest_days=90)

    check(ninety, days=90)
    assert refuses(ninety, days=91) == "lifetime_not_allowed expires_in_days"
    assert refuses(ninety, days=None) == "lifetime_not_allowed expires_in_days"
    check(ANYTHING, days=None)


def test_scopes_are_those_that_the_policy_allows() -> None:
    only_pnl = TokenPolicy(scopes=PNL)

    check(only_pnl, scopes=PNL)
    assert refuses(only_pnl, scopes=ADS) == "scope_not_allowed scopes"
    with pytest.raises(Invalid, match=r"^The workspace does not allow: mcp:ads:read\.$"):
        check(only_pnl, scopes=PNL | ADS)


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        ("ci-*", ["ci-", "ci-1", "ci-a b"], ["CI-1", "my ci-1", "ci"]),
        ("ci-?", ["ci-1"], ["ci-", "ci-12"]),
        ("*", ["x"], []),
        ("*[prod]", ["sync [prod]", "[prod]"], ["sync p", "sync [prod", "sync prod"]),
        ("[!a]?", ["[!a]x"], ["bx", "]x", "[!a]"]),
        ("a[[]b", ["a[[]b"], ["a[b"]),
        ("50% (a+b).*", ["50% (a+b).x"], ["50% aab.x", "50% (a+b)x"]),
    ],
)
def test_a_name_fits_a_pattern_of_asterisks_and_question_marks_and_nothing_else(
    pattern: str, fits: list[str], does_not: list[str]
) -> None:
    policy = checked_policy(TokenPolicy(name_pattern=pattern))

    for name in fits:
        check(policy, name=name)
    for name in does_not:
        assert refuses(policy, name=name) == "name_not_allowed name"


@for_all(name=st.text(st.characters(codec="ascii", exclude_characters="*?"), min_size=1, max_size=20))
def test_a_pattern_without_signs_fits_its_own_name_and_no_longer_one(name: str) -> None:
    policy = TokenPolicy(name_pattern=name)

    check(policy, name=name)
    refuses(policy, name=f"{name}x")


def test_the_policy_is_asked_when_a_token_is_made() -> None:
    with pytest.raises(Invalid) as refused:
        decide(create_token(name=" prod ", policy=TokenPolicy(name_pattern="ci-*")), None)
    assert refused.value.code == "name_not_allowed"
    assert decide(create_token(name=" ci-1 ", policy=TokenPolicy(name_pattern="ci-?")), None) != ()
    with pytest.raises(Invalid) as refused:
        decide(create_token(expires_in_days=90, policy=TokenPolicy(longest_days=30)), None)
    assert refused.value.code == "lifetime_not_allowed"


# --- what it breaks ---------------------------------------------------------------------------------------------------


def test_the_policy_is_asked_when_a_token_is_given_another_name() -> None:
    wants = TokenPolicy(name_pattern="ci-*")

    with pytest.raises(Invalid) as refused:
        decide(rename("prod", policy=wants), token_after(token_created(name="ci-1")))

    assert (refused.value.code, refused.value.field) == ("name_not_allowed", "name")
    assert "ci-*" in refused.value.message
    assert decide(rename(" ci-2 ", policy=wants), token_after(token_created(name="ci-1"))) != ()
    assert decide(rename(" prod ", policy=wants), token_after(token_created(name="prod"))) == ()  # it is no other name


def test_a_token_that_lives_too_long_or_may_too_much_breaks_the_policy_and_is_told_how() -> None:
    token = token_after(living(90))

    assert breaks(TokenPolicy(longest_days=30), token) == "the workspace allows its tokens 30 days at most"
    assert breaks(TokenPolicy(scopes=PNL), token) == "the workspace no longer allows mcp:ads:read"
    assert breaks(TokenPolicy(longest_days=365), token_after(ENDLESS)) is not None


def test_neither_its_name_nor_the_network_of_its_calls_breaks_a_token() -> None:
    policy = TokenPolicy(name_pattern="ci-*", networks=("203.0.113.0/24",), suspend_abandoned=True)

    assert breaks(policy, token_after(living(90))) is None


@for_all(history=lives(), policy=policies)
def test_a_token_breaks_the_policies_under_which_it_could_not_be_made_now(
    history: list[TokenEvent], policy: TokenPolicy
) -> None:
    token = token_after(*history)
    nameless = replace(policy, name_pattern=None)

    assert (breaks(policy, token) is not None) == _refused_now(nameless, token)


def _refused_now(policy: TokenPolicy, token: Token) -> bool:
    try:
        check_new_token(policy, name=token.name, scopes=token.scopes, lifetime_days=token.lifetime_days)
    except DomainError:
        return True
    return False


@for_all(longest=st.none() | st.integers(1, 400), days=st.none() | st.sampled_from(LIFETIMES_DAYS))
def test_a_life_without_end_is_longer_than_any(longest: int | None, days: int | None) -> None:
    assert exceeds(TokenPolicy(longest_days=longest), days) == (longest is not None and longest < (days or 10**9))


# --- where calls come from --------------------------------------------------------------------------------------------

OFFICE = ("203.0.113.0/24", "2001:db8::/48", "198.51.100.7/32")


@pytest.mark.parametrize(
    ("address", "within"),
    [
        ("203.0.113.0", True),
        ("203.0.113.255", True),
        ("203.0.114.0", False),
        ("198.51.100.7", True),
        ("198.51.100.8", False),
        ("::ffff:203.0.113.9", True),
        ("::FFFF:cb00:7109", True),
        ("::ffff:203.0.114.9", False),
        ("2001:db8::1", True),
        ("2001:0DB8:0000:ffff:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1::", False),
        ("::cb00:7109", False),
        ("", False),
        ("203.0.113.9 ", False),
        ("203.0.113.9:443", False),
        ("[2001:db8::1]", False),
        ("203.0.113.9, 10.0.0.1", False),
        ("203.0.113.009", False),
        ("unknown", False),
        (None, False),
    ],
)
def test_a_call_comes_from_a_listed_network_or_not(address: str | None, within: bool) -> None:  # noqa: FBT001 - a row of the table
    assert is_within(OFFICE, address) == within


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::1", "unknown", "", None])
def test_without_a_list_calls_come_from_anywhere(address: str | None) -> None:
    assert is_within((), address)


def test_each_family_has_its_own_everywhere() -> None:
    assert is_within(("0.0.0.0/0",), "198.51.100.7")
    assert is_within(("0.0.0.0/0",), "::ffff:198.51.100.7")
    assert not is_within(("0.0.0.0/0",), "2001:db8::1")
    assert is_within(("::/0",), "2001:db8::1")
    assert not is_within(("::/0",), "198.51.100.7")


@for_all(network=v4_networks(), address=st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_however_it_is_written(network: str, address: IPv4Address) -> None:
    """By arithmetic of our own, on the numbers of the two."""
    base, _, length = network.partition("/")
    shift = 32 - int(length)
    expected = int(IPv4Address(base)) >> shift == int(address) >> shift
    mapped = str(IPv6Address(f"::ffff:{address}"))
    networks = checked_policy(TokenPolicy(networks=(network,))).networks
    as_ipv6 = checked_policy(TokenPolicy(networks=(f"::ffff:{base}/{96 + int(length)}",))).networks

    assert networks == as_ipv6 == (str(IPv4Network(network)),)
    assert is_within(networks, str(address)) == is_within(networks, mapped) == expected


@for_all(network=v6_networks(), address=st.ip_addresses(v=6))
def test_an_ipv6_address_is_judged_by_its_first_bits(network: str, address: IPv6Address) -> None:
    parsed = IPv6Network(network)
    if address.ipv4_mapped is None and parsed.network_address.ipv4_mapped is None:
        shift = 128 - parsed.prefixlen
        expected = int(parsed.network_address) >> shift == int(address) >> shift
        assert is_within(checked_policy(TokenPolicy(networks=(network,))).networks, str(address)) == expected


@for_all(address=st.text(st.characters(exclude_characters=":."), max_size=40))
def test_what_is_no_address_comes_from_no_network(address: str) -> None:
    assert not is_within(("0.0.0.0/0", "::/0"), address)
