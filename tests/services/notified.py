"""A workspace whose people are told what befalls their tokens, and what has gone out to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.domain.notices import Places
from shared.domain.token.commands import ReportLeak
from shared.services.change_token import change_token
from shared.services.manage_contacts import set_contact
from shared.services.manage_tokens import revoke_token
from shared.services.send_notices import Notifier
from shared.storage.contracts.notices import Addressee, Message
from shared.storage.rows.notices import StoredSentNotices, event_told
from shared.transports.stream import Change, take_changes
from tests.data.stores import Stores
from tests.data.tenants import KEYS, NOON, PEOPLE, member, origin, workspace
from tests.services.lived import Lived, Record

PLACES = Places(api_url="https://api.test/v1", docs_url="https://docs.test")


def nothing(_: str) -> None:
    """Happens where nothing does."""


@dataclass(kw_only=True)
class Post:
    """Topic and mail of the tests: what has gone out, and what befalls on the way."""

    published: list[Message] = field(default_factory=list[Message])
    letters: list[tuple[str, Message]] = field(default_factory=list[tuple[str, Message]])
    before: Callable[[str], None] = nothing
    """Happens before something goes out, with the member whom it is for, or `topic`."""
    after: Callable[[str], None] = nothing

    def publish(self, message: Message) -> None:
        self.before("topic")
        self.published.append(message)
        self.after("topic")

    def send(self, message: Message, to: Addressee) -> None:
        assert to.address == f"{to.member_id}@shop.example"
        self.before(to.member_id)
        self.letters.append((to.member_id, message))
        self.after(to.member_id)

    @property
    def gone(self) -> list[tuple[str, str]]:
        """Whom it went to, and of what."""
        topic = [("topic", message.type) for message in self.published]
        return topic + [(to, message.type) for to, message in self.letters]


@dataclass(kw_only=True)
class Shop(Lived):
    """A workspace whose people have addresses, and whoever tells them."""

    post: Post = field(default_factory=Post)
    refused: list[str] = field(default_factory=list[str])
    now: datetime = NOON
    """When notices are sent."""

    def __post_init__(self) -> None:
        super().__post_init__()
        workspace(self.stores, plan="alpha")
        for name in PEOPLE:
            self.reach(name)

    def reach(self, name: str) -> None:
        set_contact(
            f"mem_{name}",
            f"mem_{name}@shop.example",
            workspace_id="wks_1",
            actor_id=None,
            origin=origin(),
            now=NOON,
            workspaces=self.stores.workspaces,
            contacts=self.stores.contacts,
        )

    def notifier(self, engine: Any = None, *, mails: bool = True) -> Notifier:  # noqa: ANN401 - any engine
        """Start a container."""
        stores = Stores.over(engine or self.engine)
        return Notifier(
            tokens=stores.tokens,
            workspaces=stores.workspaces,
            contacts=stores.contacts,
            sent=StoredSentNotices(engine or self.engine),
            topic=self.post,
            mail=self.post if mails else None,
            places=PLACES,
            now=lambda: self.now,
            meter=self.refused.append,
        )

    def tell(self, records: Iterable[Record] | None = None, *, by: Notifier | None = None) -> bool:
        """Have a container take changes, and say whether it took them all."""
        notifier = by or self.notifier()

        def take(change: Change) -> None:
            if happened := event_told(change.kind, change.image):
                notifier.tell(happened)

        batch = {"Records": [*(self.new_records() if records is None else records)]}
        return take_changes(batch, take) == {"batchItemFailures": []}

    def leak(self, token_id: str, at: datetime = NOON) -> None:
        command = ReportLeak(source="anonymous", at=at)
        change_token(token_id, command, origin=origin("system:leak_report"), keys=KEYS, tokens=self.stores.tokens)

    def revoke(self, token_id: str, *, by: str) -> None:
        revoke_token(
            token_id,
            reason="laptop lost",
            workspace_id="wks_1",
            member=member(self.stores, by),
            origin=origin(f"mem_{by}"),
            now=NOON,
            keys=KEYS,
            tokens=self.stores.tokens,
        )
