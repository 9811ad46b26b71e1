"""What `make run` runs: the product's functions, on a folder that was given keys, workspaces and people."""

import json
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from functions.settings import Settings
from functions.wiring import Wiring
from functions.wiring import now as clock
from infra.local.connection import Connection
from infra.local.docs import docs_routes
from infra.local.folder import FolderDamaged, LocalFolder, write_private
from infra.local.functions import AUDIENCE, BUCKET, all_settings, local_plan
from infra.local.issuer.issuer import LocalIssuer
from infra.local.issuer.routes import issuer_routes
from infra.local.pool import PROJECT
from infra.local.positions import Positions
from infra.local.sample import SAMPLE, SAMPLES, SECOND, bearer, fresh_token, people, seed
from infra.local.sample_import import SentFigures, has_arrived, send_missing
from infra.local.stack import Launch
from infra.local.uploads import upload_routes
from shared.domain.workspace.events import Role
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.objects.folder import FolderObjects

KEY_BYTES = 48  # 64 characters, as many as the template generates


def launch_product(
    folder: LocalFolder, public_url: str, positions: Positions, *, remap_www_authenticate: bool
) -> Launch[Connection]:
    """Lay out the product on this folder and address."""
    make_keys(folder)
    issuer = LocalIssuer.from_file(folder.issuer_key, public_url=public_url)
    settings = all_settings(folder, public_url=public_url, issuer=issuer.issuer)
    plan = local_plan(
        folder,
        settings=settings,
        own_routes=[
            *issuer_routes(issuer, people=people(), audience=AUDIENCE, now=clock),
            *docs_routes(PROJECT / "docs"),
            *upload_routes(FolderObjects(folder.objects / BUCKET)),
        ],
        remap_www_authenticate=remap_www_authenticate,
    )

    wiring = Wiring(Settings(values=settings))
    sent: list[SentFigures] = []

    def make() -> Connection:
        now = clock()
        connection = connect(wiring, issuer, public_url=public_url, now=now)
        sent.extend(send_missing(now, wiring=wiring, positions=positions))
        return connection

    def complete() -> bool:
        try:
            return all(has_arrived(figures, wiring=wiring, positions=positions) for figures in sent)
        except StoreUnavailable:
            return False  # the importer is at it

    awaited = "Importing what the sample shop has sold (half a minute, the first time)"
    return Launch(plan=plan, make=make, complete=complete, awaited=awaited)


def connect(wiring: Wiring, issuer: LocalIssuer, *, public_url: str, now: datetime) -> Connection:
    """Make sure of the workspaces and their people, and make the credentials of this run."""
    for sample in SAMPLES:
        seed(sample, issuer=issuer.issuer, now=now, wiring=wiring)
    first, second = (fresh_token(sample, issuer=issuer.issuer, now=now, wiring=wiring) for sample in (SAMPLE, SECOND))
    return Connection(
        public_url=public_url,
        people=people(),
        token_id=first.token.token_id,
        token=first.text,
        owner_bearer=bearer(SAMPLE, Role.OWNER, issuer=issuer, audience=AUDIENCE, now=now),
        analyst_bearer=bearer(SAMPLE, Role.ANALYST, issuer=issuer, audience=AUDIENCE, now=now),
        second_token=second.text,
        second_owner_bearer=bearer(SECOND, Role.OWNER, issuer=issuer, audience=AUDIENCE, now=now),
    )


def make_keys(folder: LocalFolder) -> None:
    """Make what the template has Secrets Manager and KMS generate, as far as no earlier run has.

    Raises:
        FolderDamaged: an earlier run has, and its keys are gone or cannot be read: by others no token of it is good.

    """
    if folder.token_keys.exists():
        try:
            documents = json.loads(folder.token_keys.read_text(encoding="utf-8"))
        except ValueError as error:
            raise FolderDamaged(f"{folder.token_keys} cannot be read") from error
        if not isinstance(documents, dict):
            raise FolderDamaged(f"{folder.token_keys} holds no keys")
    elif folder.database.exists():
        raise FolderDamaged(f"{folder.token_keys} is gone, and by other keys no token of {folder.database} is good")
    else:
        documents = {part: {"1": secrets.token_urlsafe(KEY_BYTES)} for part in ("credential", "data")}
        write_private(folder.token_keys, json.dumps(documents))
    if not folder.signing_key.exists():
        pair = generate_private_key(SECP256R1())
        pem = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(folder.signing_key, pem.decode())
