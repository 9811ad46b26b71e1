"""What a start prints can be copied as it is, and says where people go with a browser."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from infra.local.connection import Connection, show
from infra.local.issuer.people import Membership, Person

TESS = Person(
    subject="tess",
    name="Tess",
    email="tess@toy.example",
    memberships=[Membership(workspace="Toy [b]Store", role="owner"), Membership(workspace="Toy Box", role="admin")],
)
SAM = Person(subject="sam", name="Sam", email="sam@toy.example", memberships=[Membership(workspace="S", role="owner")])


def test_whoever_starts_it_is_told_where_the_settings_are_and_who_can_sign_in_there() -> None:
    said = StringIO()
    connection = Connection(
        public_url="http://127.0.0.1:8765",
        people={"tess": TESS, "sam": SAM},
        token_id="toy",
        token="mfp_toy",
        owner_bearer="owner",
        analyst_bearer="analyst",
        second_token="mfp_second",
        second_owner_bearer="second owner",
    )

    show(connection, Console(file=said, width=30), where=Path("/there/connection.json"))

    lines = said.getvalue().splitlines()
    assert lines[lines.index("Settings page") + 1] == "http://127.0.0.1:8765/dashboard/settings/developer/mcp"
    assert lines[lines.index("Who can sign in there") + 1] == (
        "tess (owner of Toy [b]Store and admin of Toy Box), sam (owner of S)"
    )
    assert lines[lines.index("Token") + 1] == "mfp_toy"
