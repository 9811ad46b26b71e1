"""The requirements on authorization servers and protected resources, each with a request and its answer.

`python -m tests.transports.web.rfc_table` prints it; `test_oauth_rfcs.py` runs it.
"""

from __future__ import annotations

from tests.transports.web.rfc_of_asking import ASKING
from tests.transports.web.rfc_of_metadata import DISCOVERY, REGISTRATION
from tests.transports.web.rfc_of_tokens import RESOURCE, REVOCATION, TOKEN

TABLE = DISCOVERY + REGISTRATION + ASKING + TOKEN + REVOCATION + RESOURCE

if __name__ == "__main__":
    for row in TABLE:
        print(f"{row.source}\n  {row.says}\n  > {row.asked}\n  < {row.answered}\n")  # noqa: T201 - what it is for
