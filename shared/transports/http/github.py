"""GitHub's secret scanning partner programme: who signed a report, what is in it, and what is answered.

https://docs.github.com/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from shared.transports.http.refusals import Malformed, SignatureRefused, TooLarge

MOST_FINDINGS = 1_000
"""Findings of one report: each that has our check digits costs a read."""


class Finding(BaseModel):
    """Something like a token of ours that was found. Where it stood (`url`, `source`) is not kept."""

    token: str = Field(description="What was found.")
    type: str = Field(description="The name under which GitHub knows the kind of token.")


class Verdict(BaseModel):
    """What we make of a finding."""

    token_hash: str = Field(description="SHA-256 of the token, in hexadecimal.")
    token_type: str = Field(description="As it was sent.")
    label: Literal["true_positive", "false_positive"] = Field(
        description="Whether it is a token of ours, dead or alive."
    )


_FINDINGS = TypeAdapter(list[Finding])


def check_signature(body: bytes, *, signature: str, key: EllipticCurvePublicKey | None) -> None:
    """Check that the owner of a key signed every byte of a body.

    Raises:
        SignatureRefused: nobody did, or somebody else.

    """
    if key is None or not _holds(body, signature, key):
        raise SignatureRefused(
            "signature_invalid",
            "The report is not signed by GitHub.",
            hint="Report a token that you found yourself at /v1/tokens/report-leak.",
        )


def findings_in(body: bytes) -> list[Finding]:
    """Read a report.

    Raises:
        Malformed: it is none.
        TooLarge: it has more findings than one request works through.

    """
    findings = _read(body)
    if findings is None:
        raise Malformed("report_malformed", "The body is not a list of findings.", hint="Send what GitHub sends.")
    if len(findings) > MOST_FINDINGS:
        raise TooLarge(
            "report_too_large", f"The report has more than {MOST_FINDINGS} findings.", hint="Send it in parts."
        )
    return findings


def verdict_on(finding: Finding, *, ours: Collection[str]) -> Verdict:
    """Answer a finding, with the token in the hashed form that GitHub takes."""
    return Verdict(
        token_hash=hashlib.sha256(finding.token.encode()).hexdigest(),
        token_type=finding.type,
        label="true_positive" if finding.token in ours else "false_positive",
    )


def _holds(body: bytes, signature: str, key: EllipticCurvePublicKey) -> bool:
    try:
        der = base64.b64decode(signature)
        key.verify(der, body, ECDSA(SHA256()))
    except (ValueError, InvalidSignature):
        return False
    # Base64 has many spellings of one signature, and Python reads them all.
    return base64.b64encode(der).decode() == signature


def _read(body: bytes) -> list[Finding] | None:
    try:
        return _FINDINGS.validate_json(body)
    except ValidationError:  # it carries what was sent, tokens and all: nothing is raised from here
        return None
