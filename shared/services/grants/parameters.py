"""The parameters of an OAuth request: each may stand once; one without a value is left out (RFC 6749, section 3.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.text import quoted
from shared.services.grants.refusals import GrantRefused, OAuthError

MAY_REPEAT = frozenset({"resource"})
"""RFC 8707, section 2."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was sent, in its order; what we do not know is not looked at."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Parameters:
        """Take the pairs of a query or a form."""
        return cls(tuple((name, value) for name, value in pairs if value))

    def all(self, name: str) -> list[str]:
        """Give every value of a parameter."""
        return [value for known, value in self.pairs if known == name]

    def one(self, name: str) -> str | None:
        """Give the value of a parameter, unless it is left out or nobody can say which one is meant."""
        values = self.all(name)
        return values[0] if len(values) == 1 else None

    def needed(self, name: str, why: str) -> str:
        """Give the value of a parameter that has to be there.

        Raises:
            GrantRefused: it is not (`invalid_request`).

        """
        value = self.one(name)
        if value is None:
            raise malformed(f"There is no {name}.", hint=why, field=name)
        return value

    def check_once(self) -> None:
        """Refuse a request that says something twice.

        Raises:
            GrantRefused: it does (`invalid_request`).

        """
        names = [name for name, _ in self.pairs if name not in MAY_REPEAT]
        for name in names:
            if names.count(name) > 1:
                raise malformed(f"{quoted(name)} stands there more than once.", hint="Send it once.", field=name)


def malformed(message: str, *, hint: str, field: str | None = None) -> GrantRefused:
    """Refuse with `invalid_request`."""
    return GrantRefused(OAuthError.INVALID_REQUEST, message, hint=hint, field=field)
