"""GitHub's secret scanning partner programme: who signed a report, what is in it, and what is answered.

https://docs.github.com/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.transports.http.refusals import IssuerUnavailable, Malformed, SignatureRefused

logger = logging.getLogger(__name__)

KEY_ID = "github-public-key-identifier"
SIGNATURE = "github-public-key-signature"
TIMEOUT_SECONDS = 3


class Finding(BaseModel):
    """One place where something like a token of ours was found. The address and kind of the place are not kept."""

    token: str
    type: str


class Verdict(BaseModel):
    """What we make of a finding."""

    token_hash: str
    token_type: str
    label: Literal["true_positive", "false_positive"]


_FINDINGS = TypeAdapter(list[Finding])


class _PublishedKey(BaseModel):
    key_identifier: str
    key: str


class _PublishedKeys(BaseModel):
    public_keys: list[_PublishedKey]


@dataclass
class GithubKeys:
    """The keys that GitHub signs with, fetched when one is asked for that is not known."""

    url: str
    _known: dict[str, EllipticCurvePublicKey] = field(default_factory=dict[str, EllipticCurvePublicKey])

    def find(self, key_id: str) -> EllipticCurvePublicKey | None:
        """Give a key by its identifier; None: GitHub has none of this name.

        Raises:
            IssuerUnavailable: GitHub cannot be asked.

        """
        if key_id not in self._known:
            self._known = self._fetch()
        return self._known.get(key_id)

    def _fetch(self) -> dict[str, EllipticCurvePublicKey]:
        try:
            with urllib.request.urlopen(self.url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the address is a setting of ours
                published = _PublishedKeys.model_validate_json(answer.read())
            keys = {each.key_identifier: load_pem_public_key(each.key.encode()) for each in published.public_keys}
        except (OSError, HTTPException, ValueError, UnsupportedAlgorithm) as error:
            logger.exception("the keys of the secret scanning cannot be read")
            raise IssuerUnavailable(
                "keys_unavailable", "The signature cannot be checked at the moment.", hint="Send the report again later."
            ) from error
        return {
            name: key
            for name, key in keys.items()
            if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
        }


def findings_in(body: bytes, *, headers: Mapping[str, str], keys: GithubKeys) -> list[Finding]:
    """Read a report whose signature holds over every byte of the body.

    Raises:
        SignatureRefused: it is not signed by GitHub.
        Malformed: it is, and is no report.
        IssuerUnavailable: its keys cannot be fetched.

    """
    key = keys.find(headers.get(KEY_ID, ""))
    try:
        signature = base64.b64decode(headers.get(SIGNATURE, ""), validate=True)
        if key is None:
            raise _not_signed()
        key.verify(signature, body, ECDSA(SHA256()))
    except (binascii.Error, InvalidSignature) as error:
        raise _not_signed() from error
    try:
        return _FINDINGS.validate_json(body)
    except ValidationError:
        # From None: the error carries what was sent, tokens and all.
        raise Malformed("report_invalid", "The body is not a list of findings.", hint="Send what GitHub sends.") from None


def verdict_on(finding: Finding, *, ours: bool) -> Verdict:
    """Answer a finding, with the token in the hashed form that GitHub asks for."""
    return Verdict(
        token_hash=hashlib.sha256(finding.token.encode()).hexdigest(),
        token_type=finding.type,
        label="true_positive" if ours else "false_positive",
    )


def _not_signed() -> SignatureRefused:
    return SignatureRefused(
        "signature_invalid",
        "The report is not signed by GitHub.",
        hint="Report a token that you found yourself at /v1/tokens/report-leak.",
    )
