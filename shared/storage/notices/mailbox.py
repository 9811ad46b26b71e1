"""A folder in place of topic and mail: what `make run` has. Each letter is a file that any mail program opens.

    {moment}-{type}-{event id}-{member id}.eml     a letter to a member
    topic/{moment}-{type}-{event id}.json          what the topic tells

What is sent twice has one name, so it lies there once.
"""

from __future__ import annotations

import os
from datetime import UTC
from email.message import EmailMessage
from pathlib import Path

from shared.storage.contracts.notices import Addressee, Message, WayBlocked
from shared.storage.notices.documents import as_json

SENDER = "Merchant MCP <notices@mailbox.localhost>"
HOST = "mailbox.localhost"


class Mailbox:
    """Keeps the contracts of `Topic` and of `Mail` in one folder, which this user alone may read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def publish(self, message: Message) -> None:
        _write(self._folder / "topic" / f"{_name(message)}.json", f"{as_json(message)}\n".encode())

    def send(self, message: Message, to: Addressee) -> None:
        letter = EmailMessage()
        letter["From"] = SENDER
        letter["To"] = to.address
        letter["Subject"] = message.subject
        letter["Date"] = message.at
        letter["Message-ID"] = f"<{message.event_id}.{to.member_id}@{HOST}>"
        letter.set_content(message.text, cte="8bit")
        _write(self._folder / f"{_name(message)}-{to.member_id}.eml", letter.as_bytes())


def _name(message: Message) -> str:
    return f"{message.at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{message.type}-{message.event_id}"


def _write(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise WayBlocked(error.strerror or "the folder cannot be used") from error
