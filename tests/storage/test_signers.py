"""What every key promises that signs the log: one in a file, and one in KMS."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurve, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from moto import mock_aws

from shared.domain.trail.note import NamedKey, Note, Signature, key_id_of
from shared.domain.trail.verify import Signed
from shared.services.trail.check_signature import TrustedKeys
from shared.storage.contracts.signer import Signer
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.signing.key_file import KeyFileSigner
from shared.storage.signing.kms import KmsSigner
from tests.storage.moto_client import OneAtATime
from tests.storage.places import SignerAt
from tests.storage.scripted_server import SILENCE, Answer, error, scripted_aws

ORIGIN = "mcp.example.com/trail"
TEXT = f"{ORIGIN}\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

Ask = Callable[[Signer], bytes]


@pytest.fixture(params=["key file", "moto", "ministack"])
def signer(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Signer]:
    match request.param:
        case "key file":
            yield KeyFileSigner(key_file(tmp_path))
        case "moto":
            with mock_aws():
                yield key_in_kms(OneAtATime(request.getfixturevalue("moto_client")("kms")))
        case _:
            yield key_in_kms(request.getfixturevalue("ministack_client")("kms"))


def key_file(folder: Path, *, curve: type[EllipticCurve] = SECP256R1) -> Path:
    path = folder / "key.pem"
    key = generate_private_key(curve())
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def key_in_kms(client: Any) -> KmsSigner:  # noqa: ANN401  # boto3 makes the class of a client at run time
    made = client.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
    return KmsSigner(client, arn=made["KeyMetadata"]["Arn"])


def signed_by(signer: Signer) -> Note:
    signature = Signature(name=ORIGIN, key_id=key_id_of(signer.public_key), signature=signer.sign(TEXT.encode()))
    return Note(text=TEXT, signatures=(signature,))


def keys_of(signer: Signer) -> TrustedKeys:
    return TrustedKeys.of_lines([str(NamedKey(name=ORIGIN, public=signer.public_key))])


def test_whoever_trusts_the_key_takes_what_it_signs(signer: Signer) -> None:
    assert keys_of(signer).check(signed_by(signer), ORIGIN) is Signed.YES


def test_another_text_under_the_same_signature_is_signed_wrongly(signer: Signer) -> None:
    note = signed_by(signer)
    another = Note(text=TEXT.replace("\n1\n", "\n2\n"), signatures=note.signatures)

    assert keys_of(signer).check(another, ORIGIN) is Signed.WRONGLY


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_key_of_another_curve_is_refused_before_it_signs(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"key\.pem holds a key of another kind than P-256"):
        KeyFileSigner(key_file(tmp_path, curve=SECP384R1))


# --- KMS --------------------------------------------------------------------------------------------------------------


def its_public_key(signer: Signer) -> bytes:
    return signer.public_key


def a_signature(signer: Signer) -> bytes:
    return signer.sign(b"text")


def test_kms_is_asked_for_the_public_key_once(signer_at: SignerAt) -> None:
    with scripted_aws(Answer(body={"PublicKey": "a2V5"})) as server:
        signer = signer_at(server.address)

        assert [signer.public_key, signer.public_key] == [b"key", b"key"]

    assert server.requests == [{"KeyId": "the-key"}]


@pytest.mark.parametrize("ask", [its_public_key, a_signature])
@pytest.mark.parametrize(
    "answer",
    [
        error("KMSInternalException", status=500),
        error("KeyUnavailableException", status=500),
        error("ThrottlingException"),
        SILENCE,
    ],
    ids=["internal", "key unavailable", "throttled", "silence"],
)
def test_a_busy_or_silent_kms_is_unavailable(signer_at: SignerAt, answer: Answer, ask: Ask) -> None:
    with scripted_aws(answer) as server, pytest.raises(StoreUnavailable):
        ask(signer_at(server.address))


@pytest.mark.parametrize("ask", [its_public_key, a_signature])
def test_a_kms_out_of_reach_is_unavailable(signer_at: SignerAt, ask: Ask) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and nobody listens
        with pytest.raises(StoreUnavailable):
            ask(signer_at(f"http://127.0.0.1:{nobody.getsockname()[1]}"))


@pytest.mark.parametrize("ask", [its_public_key, a_signature])
def test_a_key_that_is_not_ours_is_not_called_unavailable(signer_at: SignerAt, ask: Ask) -> None:
    with scripted_aws(error("AccessDeniedException")) as server, pytest.raises(ClientError, match="AccessDenied"):
        ask(signer_at(server.address))
