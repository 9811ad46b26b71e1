"""Tell people what has happened to their tokens: each way once, as far as that can be had.

What was sent is noted after it was sent, way by way. So nothing is left out when a run dies, and what can come twice is
the one message that was on its way at that moment; it carries the id of its event, by which a reader tells.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.notices import Notice, Places, Succession, token_notice, workspace_notice
from shared.domain.token.state import Token
from shared.services.succession import newest_living, successors
from shared.storage.contracts.contacts import ContactStore
from shared.storage.contracts.notices import (
    Addressee,
    Happened,
    Mail,
    MailRefused,
    Message,
    SentNotices,
    TokenHappened,
    Topic,
    WayBlocked,
    WorkspaceHappened,
)
from shared.storage.contracts.tokens import TokenRow, TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore

logger = logging.getLogger(__name__)

TOPIC, MAIL = "TOPIC", "MAIL#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """What sends notices."""

    tokens: TokenStore
    workspaces: WorkspaceStore
    contacts: ContactStore
    sent: SentNotices
    topic: Topic
    mail: Mail | None
    """None: nobody is told by e-mail."""
    places: Places
    now: Callable[[], datetime]
    meter: Callable[[str], None] = lambda _: None
    """Counts refused letters, by reason."""

    def tell(self, happened: Happened) -> None:
        """Send what follows from an event and was not sent yet.

        Raises:
            WayBlocked: something could not be sent now; everything else was. Take it again.
            StoreUnavailable: take it again.

        """
        notice = self._notice_of(happened)
        if notice is None:
            return
        message = Message(
            event_id=happened.event_id,
            type=happened.event.type,
            workspace_id=happened.workspace_id,
            token_id=happened.token_id if isinstance(happened, TokenHappened) else None,
            at=happened.event.at,
            subject=notice.subject,
            text="\n".join(notice.lines) + "\n",
        )
        ways = self._ways(message, notice.to)
        sent = self.sent.of(happened.event_id)
        blocked: WayBlocked | None = None
        for way, send in ways.items():
            if way in sent:
                continue
            try:
                send()
            except WayBlocked as error:
                logger.warning("a way is blocked", extra={"event_id": message.event_id, "reason": error.reason})
                blocked = error  # the others need not wait for this one
                continue
            self.sent.note(happened.event_id, way, now=self.now())
        if blocked is not None:
            raise blocked

    def _notice_of(self, happened: Happened) -> Notice | None:
        row = self.workspaces.get(happened.workspace_id)
        if row is None:
            logger.error("event of no workspace", extra={"event_id": happened.event_id})
            return None
        if isinstance(happened, WorkspaceHappened):
            return workspace_notice(happened.event, workspace=row.workspace, places=self.places)
        token = self.tokens.get(happened.token_id)
        if token is None:
            logger.error("event of no token", extra={"event_id": happened.event_id})
            return None
        return token_notice(
            happened.event,
            token=token.token,
            succession=self._succession(token.token),
            workspace=row.workspace,
            places=self.places,
        )

    def _succession(self, token: Token) -> Succession:
        line = successors(token, self.tokens)
        return Succession(living=newest_living(line, self.now()), used=any(map(_is_used, line)))

    def _ways(self, message: Message, to: frozenset[str]) -> dict[str, Callable[[], None]]:
        """Give each way to go: the topic, and a letter to each member who is concerned and has an address."""
        ways: dict[str, Callable[[], None]] = {TOPIC: lambda: self.topic.publish(message)}
        if self.mail is not None:
            addresses = self.contacts.of_workspace(message.workspace_id)
            for member_id in sorted(to & addresses.keys()):
                to_one = Addressee(member_id=member_id, address=addresses[member_id])
                ways[f"{MAIL}{member_id}"] = _letter(self.mail, message, to_one, refused=self._refused)
        return ways

    def _refused(self, message: Message, reason: str) -> None:
        self.meter(reason)
        logger.warning("a letter was refused", extra={"event_id": message.event_id, "reason": reason})


def _is_used(row: TokenRow) -> bool:
    """Tell whether a use is known: its adoption is recorded minutes later, and its row shows it at once."""
    return any(each is not None for each in (row.token.adopted_at, row.first_used_at, row.last_used_at))


def _letter(
    mail: Mail, message: Message, to: Addressee, *, refused: Callable[[Message, str], None]
) -> Callable[[], None]:
    def send() -> None:
        try:
            mail.send(message, to)
        except MailRefused as error:
            refused(message, error.reason)  # and it counts as done: another try would be refused as well

    return send
