"""Identifiers: random, and in the order they were made.

Nothing about a person can be read from one. The time part is the caller's clock, so that a test
or a replay decides it.
"""

from __future__ import annotations

from datetime import datetime

import uuid_utils

INSTALLATION = "installation"
"""Stands in an organisation's place in what happens before an organisation is known."""


def new_id(at: datetime) -> str:
    """A UUIDv7 as 36 characters of text: 48 bits of `at` in milliseconds, the rest random.

    Source: RFC 9562 section 5.7
    """
    if at.tzinfo is None:
        raise ValueError("an id needs a time with a zone; hand in aware UTC")
    return str(uuid_utils.uuid7(nanoseconds=int(at.timestamp() * 1000) * 1_000_000))
