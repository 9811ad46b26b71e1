"""Tickets: addresses under which one object may be put into a folder, as S3 presigns them for a bucket."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from shared.storage.contracts.objects import PresignedUpload

PATH = "/_local/objects"
CHECKSUM = "x-amz-checksum-sha256"
"""The header that S3 has the sender repeat the digest in."""


class TicketRefused(Exception):
    """The address is none that was given out, or its time is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What may be put, and until when."""

    key: str
    size: int
    sha256: str
    expires_at: datetime

    @property
    def checksum(self) -> str:
        """The digest as the header has it."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()


@dataclass(frozen=True, slots=True)
class Tickets:
    """Signs tickets and knows its own again, in every process of this machine that reads the same key file."""

    key_file: Path

    def issue(self, ticket: Ticket, *, at: str) -> PresignedUpload:
        """Write a ticket as an address."""
        expires = int(ticket.expires_at.timestamp())
        said = {"size": ticket.size, "sha256": ticket.sha256, "expires": expires, "signature": self._signature(ticket)}
        return PresignedUpload(
            method="PUT",
            url=f"{at}{PATH}/{quote(ticket.key)}?{urlencode(said)}",
            headers={CHECKSUM: ticket.checksum},
            expires_at=datetime.fromtimestamp(expires, UTC),
        )

    def read(self, key: str, query: Mapping[str, str], *, now: datetime) -> Ticket:
        """Read the ticket of an address.

        Raises:
            TicketRefused: it is none of ours, or its time is over.

        """
        try:
            ticket = Ticket(
                key=key,
                size=int(query["size"]),
                sha256=query["sha256"],
                expires_at=datetime.fromtimestamp(int(query["expires"]), UTC),
            )
        except (KeyError, ValueError, OverflowError, OSError) as error:  # the last two: no such year
            raise TicketRefused from error
        if not hmac.compare_digest(self._signature(ticket).encode(), query.get("signature", "").encode()):
            raise TicketRefused
        if now >= ticket.expires_at:
            raise TicketRefused
        return ticket

    def _signature(self, ticket: Ticket) -> str:
        told = json.dumps([ticket.key, ticket.size, ticket.sha256, int(ticket.expires_at.timestamp())])
        return hmac.digest(self._key(), told.encode(), hashlib.sha256).hex()

    def _key(self) -> bytes:
        with suppress(FileNotFoundError):
            return self.key_file.read_bytes()
        draft = self.key_file.with_name(f"{self.key_file.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
        # Of two processes that make one, the first decides: a link is made whole, and once.
        with suppress(FileExistsError):
            os.link(draft, self.key_file)
        draft.unlink()
        return self.key_file.read_bytes()
