"""Where a member is reached: one e-mail address, such as every mail server takes."""

from __future__ import annotations

import re

from shared.domain.errors import Invalid

LONGEST = 254
"""RFC 5321, sections 4.5.3.1.1 to 3: 64 before the @, and 254 in all so that it fits between angle brackets."""
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+{_LABEL}", re.ASCII)


def checked_address(text: str) -> str:
    """Give an address back if it has the plain form: no name, no comment, no quotes, ASCII alone, a domain with a dot.

    Whether somebody reads what is sent there, only they know.

    Raises:
        Invalid: it has not. The message does not repeat it.

    """
    if len(text) > LONGEST or _ADDRESS.fullmatch(text) is None:
        raise Invalid(
            "email_invalid",
            "This is not an e-mail address that notices can be sent to.",
            hint="Write it plainly, like ops@shop.example, in ASCII; a domain of other letters as its xn-- form.",
            field="email",
        )
    return text
