"""What does not exist and what is not yours get the same answer, and both leave a trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.flows.happened import happened
from app.keys import Rings, event_sealer
from app.records.transaction import Transaction
from audit.canonical import Json


@dataclass(frozen=True)
class NotFound:
    """Nothing by that id that the actor may work with."""


def tell_not_found(
    tx: Transaction,
    op: str,
    actor: Actor,
    *,
    at: datetime,
    rings: Rings,
    about: Mapping[str, Json],
) -> NotFound:
    """Record that something was asked for in vain. A probe without a trace would be free."""
    tx.record(
        happened(op, "deny", actor, at=at, about=about),
        sealer=event_sealer(rings.current(actor.organisation_id), None),
    )
    return NotFound()
