"""Time stamps by a service that others trust: asked for, and checked before they are kept.

Source: RFC 3161.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from rfc3161_client import (
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from app.keys.errors import KeyFault


class StampFalse(KeyFault):
    """An answer that is no time stamp of what was sent, by nobody whose certificate we have."""


@dataclass(frozen=True)
class StampRequest:
    """What is sent. `nonce` must come back, so that no old answer passes for this one."""

    data: bytes
    sent: bytes
    nonce: int | None


def request_stamp(data: bytes) -> StampRequest:
    """A request for a stamp of `data`, of which the service sees a SHA-512 hash only."""
    request = TimestampRequestBuilder().data(data).build()
    return StampRequest(data, request.as_bytes(), request.nonce)


def check_stamp(answer: bytes, request: StampRequest, roots: bytes) -> datetime:
    """When the service says that it saw the data, aware UTC. Raises StampFalse, KeyFault.

    `roots` are the certificates, in PEM, that lead to the service's own.
    """
    try:
        trusted = x509.load_pem_x509_certificates(roots)
    except ValueError:
        raise KeyFault("the time stamping service's certificates are not PEM") from None
    builder = VerifierBuilder(roots=trusted, nonce=request.nonce)
    try:
        response = decode_timestamp_response(answer)
        builder.build().verify_message(response, request.data)
        at = response.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        raise StampFalse(f"the answer is no time stamp that can be trusted: {error}") from error
    return at.astimezone(UTC)
