"""What a program is told by its environment, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class SettingMissing(Exception):
    """The environment does not say what a part needs."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the environment variable {name} is not set; template.yaml and infra/local name them all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The environment of a function."""

    values: Mapping[str, str] = field(repr=False)  # a function's own AWS credentials are among them

    def get(self, name: str, default: str | None = None) -> str:
        """Read one variable.

        Raises:
            SettingMissing: it is not set, or empty, and there is no default.

        """
        value = self.values.get(name) or default
        if value is None:
            raise SettingMissing(name)
        return value

    def has(self, name: str) -> bool:
        """Tell whether a variable is set."""
        return bool(self.values.get(name))
