"""What Lambda does between an SQS queue and a function: each message is delivered until the function has done it."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.lambda_context import ACCOUNT, REGION
from infra.local.pool import InvocationFailed
from infra.local.pumps import LOOK_AGAIN, Deliver, Pauses

ATTEMPTS = 5
"""As template.yaml has it for the queue; then the message would go to the queue of failures."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePump:
    """Tells a function of each message, one at a time."""

    name: str
    waiting: Callable[[], Sequence[Path]]
    deliver: Deliver
    look_again: float = LOOK_AGAIN
    pauses: Pauses = field(default_factory=Pauses)

    async def run(self) -> None:
        """Pump until cancelled."""
        while True:
            for message in await asyncio.to_thread(self.waiting):
                await self._tell(message)
                await asyncio.to_thread(message.unlink)
            await asyncio.sleep(self.look_again)

    async def _tell(self, message: Path) -> None:
        event = message_received(self.name, await asyncio.to_thread(message.read_text, "utf-8"))
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self.deliver(event)
            except InvocationFailed as failure:
                log.warning("queue %s, attempt %d of %d: %r", self.name, attempt, ATTEMPTS, failure)
                await asyncio.sleep(self.pauses.after(attempt))
            else:
                return
        log.error("queue %s: given up: %s", self.name, event)


def message_received(queue: str, body: str) -> dict[str, Any]:
    """Make the event that Lambda makes of a message."""
    return {
        "Records": [
            {
                "messageId": str(uuid.uuid4()),
                "receiptHandle": "local",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
                "awsRegion": REGION,
            }
        ]
    }
