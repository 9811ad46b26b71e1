"""Which change of a row leads to a notice."""

from __future__ import annotations

from collections.abc import Callable

from functions.wiring import Wiring, now
from shared.domain.notices import Places
from shared.services.send_notices import Notifier
from shared.storage.rows.notices import event_told
from shared.transports.stream import Change


def told_by(here: Wiring) -> Callable[[Change], None]:
    """Give what takes the changes of `core`; each may come twice."""
    notifier = Notifier(
        tokens=here.tokens,
        workspaces=here.workspaces,
        contacts=here.contacts,
        sent=here.sent_notices,
        topic=here.topic,
        mail=here.mail,
        places=Places(api_url=f"{here.public_url}/v1", docs_url=here.docs_url),
        now=now,
        meter=here.metrics.refused_letter,
    )

    def take(change: Change) -> None:
        if happened := event_told(change.kind, change.image):
            notifier.tell(happened)

    return take
