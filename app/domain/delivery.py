"""What arrives at the recipient: a copy of one note, sealed for them, under their own retention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.note import NoteAttributes


@dataclass(frozen=True, kw_only=True)
class DeliveredPerson:
    """A described person's identity, carried inside the seal; matched by the recipient alone."""

    name: str
    number: str | None
    born: date | None
    protected: str
    relation: str

    def __repr__(self) -> str:
        return "DeliveredPerson(...)"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A rule the disclosure rests on, as it read on the day."""

    id: str
    cite: tuple[str, ...]
    sv: str
    en: str


@dataclass(frozen=True, kw_only=True)
class DeliveryHead:
    """What *Inkommet* shows before the text is opened. Holds none of the sender's own numbers."""

    sender_name: str
    sender_kind: str
    decided_by: str
    """Name and title of the official who decided."""
    decided_on: date
    purpose: str
    grounds: tuple[Ground, ...]
    duty: bool
    secrecy_follows: bool
    """False: the recipient has no secrecy rule of its own for it, so it is unprotected there."""
    title: str
    category: str
    attributes: NoteAttributes
    persons: tuple[DeliveredPerson, ...]

    def __repr__(self) -> str:
        return f"DeliveryHead(category={self.category!r})"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A delivery in the recipient's own register. Times are aware UTC."""

    id: str
    organisation_id: str
    sender_id: str
    arrived_at: datetime
    head: DeliveryHead
    acknowledged_at: datetime | None = None
    registered_as: str | None = None
    """The recipient's own number for it."""
    consent_withdrawn_at: datetime | None = None
    """When a consent that it rested on was withdrawn. What has arrived stays; no more follows."""
    filed_case_id: str | None = None
    filed_note_id: str | None = None
