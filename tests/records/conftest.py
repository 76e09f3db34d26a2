"""Shared by the tests of records: a sealer that needs no keys, events, and a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.ids import new_id
from audit.entry import Event, Field
from audit.log import DetailSealer

AT = datetime(2026, 11, 23, 8, 30, 0, 123456, tzinfo=UTC)


class OpenSealer:
    """Keeps details readable, so that a test can look at them."""

    def seal(self, field: Field, entry_id: str, plaintext: bytes) -> tuple[str, bytes]:
        return f"open/{field}", plaintext


@pytest.fixture
def sealer() -> DetailSealer:
    """A sealer that hides nothing."""
    return OpenSealer()


@pytest.fixture
def at() -> datetime:
    """A Monday morning in November."""
    return AT


@pytest.fixture
def an_event() -> Callable[..., Event]:
    """Make an event, with what a test does not care about filled in."""

    def make(op: str = "case.opened", **given: Any) -> Event:
        values: dict[str, Any] = {
            "id": new_id(AT),
            "op": op,
            "res": "allow",
            "org": "organisation-1",
            "actor": {"staff": "staff-1"},
            "object": {},
            "detail": {},
        }
        return Event(**(values | given))

    return make
