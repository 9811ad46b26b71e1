"""What a workspace allows of its tokens, on top of its plan. Narrower than the plan, never wider."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from shared.domain.errors import Conflict, Invalid
from shared.domain.scopes import Scope
from shared.domain.text import clean_line, quoted
from shared.domain.token.state import Token
from shared.domain.token.wording import NAME_LENGTH, refuse_token

MOST_NETWORKS = 50
"""The list is copied onto every token row and read with every call."""
MAPPED = IPv6Network("::ffff:0:0/96")
"""IPv4, written as IPv6."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPolicy:
    """The rules; the default allows whatever the plan does."""

    longest_days: int | None = None
    """The longest life that a token may have; None: as the plan says."""
    scopes: frozenset[Scope] | None = None
    """What tokens may be granted; None: every scope."""
    name_pattern: str | None = None
    """What names look like that are given from now on: `*` stands for any characters, `?` for one."""
    networks: tuple[str, ...] = ()
    """Where calls may come from, as CIDR; none: from anywhere."""
    suspend_abandoned: bool = False


ANYTHING = TokenPolicy()


def checked_policy(policy: TokenPolicy) -> TokenPolicy:
    """Give a policy in its normal form.

    Raises:
        Invalid: a field cannot be kept; it is named.

    """
    if policy.longest_days is not None and policy.longest_days < 1:
        raise Invalid(
            "policy_invalid",
            "The longest life is at least one day.",
            hint="Give 1 or more days, or leave it out to limit nothing.",
            field="longest_days",
        )
    if policy.scopes is not None and not policy.scopes:
        raise Invalid(
            "policy_invalid", "No token could be made without a scope.", hint="Allow at least one.", field="scopes"
        )
    pattern = policy.name_pattern
    if pattern is not None and not (pattern == clean_line(pattern) and 1 <= len(pattern) <= NAME_LENGTH):
        raise Invalid(
            "policy_invalid",
            f"A name pattern has 1 to {NAME_LENGTH} visible characters.",
            hint="For example: ci-* or * (production).",
            field="name_pattern",
        )
    if pattern is not None:
        refuse_token(pattern, called="A name pattern", code="policy_invalid", field="name_pattern")
    if len(policy.networks) > MOST_NETWORKS:
        raise Invalid(
            "policy_invalid",
            f"At most {MOST_NETWORKS} networks can be listed.",
            hint="Join neighbours into one larger network.",
            field="networks",
        )
    return TokenPolicy(
        longest_days=policy.longest_days,
        scopes=policy.scopes,
        name_pattern=pattern,
        networks=tuple(sorted({str(_network(text)) for text in policy.networks})),
        suspend_abandoned=policy.suspend_abandoned,
    )


def check_new_token(policy: TokenPolicy, *, name: str, scopes: frozenset[Scope], lifetime_days: int | None) -> None:
    """Refuse a token that the policy does not allow.

    Raises:
        Invalid: `lifetime_not_allowed`, `scope_not_allowed` or `name_not_allowed`.

    """
    if exceeds(policy, lifetime_days):
        raise Invalid(
            "lifetime_not_allowed",
            f"The workspace allows its tokens {policy.longest_days} days at most.",
            hint="Choose a shorter life, or ask an owner to change the token policy.",
            field="expires_in_days",
        )
    check_scopes(policy, scopes)
    check_name(policy, name)


def check_scopes(policy: TokenPolicy, scopes: frozenset[Scope]) -> None:
    """Refuse scopes that the policy does not allow.

    Raises:
        Invalid: `scope_not_allowed`.

    """
    if policy.scopes is not None and (outside := scopes - policy.scopes):
        raise Invalid(
            "scope_not_allowed",
            f"The workspace does not allow: {', '.join(scope for scope in Scope if scope in outside)}.",
            hint=f"Allowed are: {', '.join(scope for scope in Scope if scope in policy.scopes)}.",
            field="scopes",
        )


def check_name(policy: TokenPolicy, name: str) -> None:
    """Refuse a name that the policy does not want: for a new token, and for one that is renamed.

    Raises:
        Invalid: `name_not_allowed`.

    """
    if policy.name_pattern is not None and not fnmatchcase(name, _glob(policy.name_pattern)):
        raise Invalid(
            "name_not_allowed",
            f"The workspace wants names like {policy.name_pattern}.",
            hint="An asterisk stands for any characters, a question mark for one.",
            field="name",
        )


def check_kept(policy: TokenPolicy, token: Token) -> None:
    """Refuse to go on with a token that breaks the policy.

    Raises:
        Conflict: `policy_broken`.

    """
    if broken := breaks(policy, token):
        raise Conflict(
            "policy_broken",
            f"The token breaks the token policy: {broken}.",
            hint="Generate a new token within the policy, or change the policy first.",
        )


def breaks(policy: TokenPolicy, token: Token) -> str | None:
    """Say how a token that exists breaks the policy; None: it does not. A name breaks nothing once it is given."""
    if exceeds(policy, token.lifetime_days):
        return f"the workspace allows its tokens {policy.longest_days} days at most"
    if policy.scopes is not None and (outside := token.scopes - policy.scopes):
        return f"the workspace no longer allows {', '.join(scope for scope in Scope if scope in outside)}"
    return None


def exceeds(policy: TokenPolicy, lifetime_days: int | None) -> bool:
    """Tell whether a life is longer than the policy allows; one without end is longer than any."""
    return policy.longest_days is not None and (lifetime_days is None or lifetime_days > policy.longest_days)


def is_within(networks: tuple[str, ...], address: str | None) -> bool:
    """Tell whether a call may come from an address; without a list from anywhere, with one not from nowhere.

    What is IPv4 and is written as IPv6 counts as IPv4, in an address and in a network.
    """
    if not networks:
        return True
    if address is None:
        return False
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in ip_network(network) for network in networks)


def _glob(pattern: str) -> str:
    """Leave `*` and `?` their meaning and take it from brackets, which people use in names."""
    return pattern.replace("[", "[[]")


def _network(text: str) -> IPv4Network | IPv6Network:
    network = _parsed(text.strip())
    if network is None:
        wider = _parsed(text.strip(), strict=False)
        meant = f"Its address is inside {wider}: write that, or one address as /{wider.max_prefixlen}." if wider else ""
        raise Invalid(
            "policy_invalid",
            f"{quoted(text)} is not a network.",
            hint=meant or "Write one network by itself, like 203.0.113.0/24 or 2001:db8::/48, and nothing beside it.",
            field="networks",
        )
    if isinstance(network, IPv6Network) and network.subnet_of(MAPPED):
        return IPv4Network((int(network.network_address) & 0xFFFF_FFFF, network.prefixlen - 96))
    return network


def _parsed(text: str, *, strict: bool = True) -> IPv4Network | IPv6Network | None:
    """Read a network; one with a zone (`%eth0`) means something on one machine only, and can be of any length."""
    if "%" in text:
        return None
    try:
        return ip_network(text, strict=strict)
    except ValueError:
        return None
