"""How a tool says no: a result with `isError`, a stable code, and what to do instead."""

from __future__ import annotations

from typing import Any

from shared.domain.errors import DomainError


class ToolError(Exception):
    """A tool cannot answer this; the arguments, the cursor or the data say why."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        field: str | None = None,
        allowed: tuple[str | int, ...] = (),
        by_outsiders: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.field = field
        self.allowed = allowed
        self.by_outsiders = by_outsiders
        """Whether who named a channel or a product may have written into `allowed`."""

    @classmethod
    def of(cls, refused: DomainError) -> ToolError:
        """Take over what a rule of the domain said."""
        return cls(
            refused.code,
            refused.message,
            hint=refused.hint,
            field=refused.field,
            allowed=getattr(refused, "allowed", ()),
            by_outsiders=getattr(refused, "by_outsiders", False),
        )

    def content(self, request_id: str) -> dict[str, Any]:
        """Give the structured content of the result."""
        content: dict[str, Any] = {"code": self.code, "message": self.message, "retryable": False, "hint": self.hint}
        if self.field is not None:
            content["field"] = self.field
        if self.allowed:
            content["allowed"] = list(self.allowed)
        if self.by_outsiders:
            content["outside_text"] = ["allowed"]
        return {**content, "request_id": request_id}


def internal(request_id: str) -> dict[str, Any]:
    """Give the content of a result that our own bug took the place of."""
    return {
        "code": "internal",
        "message": "The tool failed; this is our fault, not the arguments'.",
        "retryable": True,
        "hint": "Try once more; if it fails again, report request_id.",
        "request_id": request_id,
    }
