"""Queues: what is to be done next, and may be done twice."""

from __future__ import annotations

from typing import Protocol


class Queue(Protocol):
    """Leads to a function of ours, at least once and in no order. It may raise `StoreUnavailable`."""

    def send(self, message: str) -> None:
        """Hand a message on; when this returns, it is kept until somebody has done what it says."""
        ...
