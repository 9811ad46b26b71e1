"""A message as programs get it from the topic: the same fields wherever the topic is."""

from __future__ import annotations

import json
from datetime import UTC

from shared.storage.contracts.notices import Message


def as_json(message: Message) -> str:
    """Write a message as one JSON object, without anybody's address."""
    at = message.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    document = {
        "event_id": message.event_id,
        "type": message.type,
        "at": at,
        "workspace": message.workspace_id,
        "token": message.token_id,
        "subject": message.subject,
        "text": message.text,
    }
    return json.dumps(document, ensure_ascii=False)
