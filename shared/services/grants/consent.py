"""What a person is asked, between the page and their answer: sealed, so that the answer is to that very question."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.domain.errors import Invalid
from shared.domain.scopes import Scope
from shared.services.credentials import base64url
from shared.services.credentials.keys import CredentialKeys, Purpose
from shared.storage.contracts.codes import Approval
from shared.storage.contracts.sessions import Session

GOOD_FOR = timedelta(minutes=15)
"""Time to read what is asked; what is meant to be allowed hours later is asked for anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: everything that an approval is made of, and where the answer goes."""

    approval: Approval
    """With every scope that the client asks for."""
    state: str | None
    """What the client wants back with the answer."""
    home: str | None
    """The host of the client's document; None: it registered itself."""
    address: str
    """Where it is asked, for another workspace too."""

    def answered(self, ticked: frozenset[Scope]) -> Approval:
        """Give what the person lets the client do.

        Raises:
            Invalid: it is more than was asked for (`consent_refused`).

        """
        if not ticked <= self.approval.scopes:
            raise _refused()
        return replace(self.approval, scopes=ticked)


def seal_question(question: Question, session: Session, *, now: datetime, keys: CredentialKeys) -> str:
    """Give what the page carries: the question, which only this session can answer."""
    told = {**asdict(question), "until": int((now + GOOD_FOR).timestamp())}
    text = json.dumps(told, separators=(",", ":"), default=sorted)
    return f"{keys.sign(Purpose.CONSENT, _of(session, text))}.{base64url.encode(text.encode())}"


def open_question(sealed: str, session: Session, *, now: datetime, keys: CredentialKeys) -> Question:
    """Give the question that an answer is to.

    Raises:
        Invalid: it is another session's, too old, or not as we wrote it: all look alike (`consent_refused`).

    """
    signature, _, payload = sealed.partition(".")
    raw = base64url.decode(payload)
    text = raw.decode(errors="replace") if raw is not None else ""
    if not keys.is_signed(Purpose.CONSENT, _of(session, text), signature):
        raise _refused()
    told: dict[str, Any] = json.loads(text)
    if now.timestamp() >= told.pop("until"):
        raise _refused()
    approval = told.pop("approval")
    scopes = frozenset(Scope(scope) for scope in approval.pop("scopes"))
    return Question(approval=Approval(**approval, scopes=scopes), **told)


def _refused() -> Invalid:
    """Refuse an answer to a question that was not asked."""
    return Invalid(
        "consent_refused",
        "This page is too old, or was not made for your present session, so nothing was approved.",
        hint="Go back to the app and connect it again.",
    )


def _of(session: Session, text: str) -> str:
    return f"{session.digest}\n{text}"
