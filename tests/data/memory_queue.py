"""A queue in memory: what one is to the tests above storage."""

from __future__ import annotations


class MemoryQueue:
    """Keeps the contract of `Queue`."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def send(self, message: str) -> None:
        self.messages.append(message)
