"""What the law is asked about: one note, one described person, one recipient, one purpose, one day.

Facts are three-valued. `UNKNOWN` is a value and never helps a disclosure; a field that is left
out is unknown, never favourable. Nothing here looks anything up: whoever calls hands in all of it.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Tri = Literal["yes", "no", "unknown"]
"""Yes, no, or not known. Unknown fails closed."""

ConsentState = Literal[
    "given",
    "not_asked",
    "refused",
    "withdrawn",
    "expired",
    "lapsed_18",
    "not_yet_valid",
    "out_of_scope",
    "unknown",
]
"""State of a consent *for this item, recipient, purpose and day*."""


class Party(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sender or recipient, as the law sees it on the decision day."""

    kind: str
    """Code of an organisation kind in `vocabulary.toml`, e.g. `SOC`."""
    unit: str
    """Opaque id of the organisation (the branch). Compared for equality only."""
    authority: str
    """Opaque id of the authority the branch belongs to. Compared for equality only."""
    is_authority: Tri
    """Whether it is an authority under OSL 2 kap. on the decision day."""
    municipality: str = ""
    """Opaque id of the municipality, empty if none. Compared for equality only."""
    own_secrecy: tuple[str, ...] = ()
    """Secrecy rules beyond those of its kind, e.g. `OSL 26:1` for a leisure unit in SOC."""


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item of information: a note version's category and attributes, never its text."""

    category: str
    """K code, e.g. `K11`."""
    identifiable: Tri = "yes"
    """Whether the receivers can tell whom it is about (K34)."""
    contact_kind: str | None = None
    """Kind of contact data the item consists of (`phone`, `home_address` ...), None if none."""
    contact_known: bool = True
    """False when nobody has said whether the item holds contact data."""
    presence_only: Tri = "no"
    """Only whether the person stays at the facility or lives in the home (D-7)."""
    committed_crime: Tri = "unknown"
    """Whether the item is (also) a suspicion of a crime already committed."""
    crime: str | None = None
    """Code of the crime in `parameters.toml`, None if not stated."""
    crime_stage: Literal["completed", "attempt", "unknown"] = "unknown"
    """Attempt, preparation and conspiracy count as `attempt`."""
    victim_under_18: Tri = "unknown"
    investigation: Tri = "unknown"
    """Part of an investigation or an operation (OSL 18:1)."""
    intelligence: Tri = "no"
    """Police intelligence (OSL 18:2)."""
    reporter_identity: Tri = "no"
    """Tells who made a report or gave a tip (H9)."""
    concern_report: Tri = "no"
    """Relates to a report of concern or the feedback on one (OSL 40:7 g)."""
    health_serious: Tri = "no"
    """Serious facts on health or sex life (OSL 21:1)."""
    origin: str | None = None
    """Organisation kind the item came from, when it came from another organisation."""


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The described person, without name or number."""

    born: date | None = None
    """None: birth date not known, so every age question is unknown."""
    protected: Tri = "unknown"
    """Protected registration, fictitious identity or sheltered address (H8)."""
    substance_misuse: Tri = "unknown"
    """Ongoing misuse (OSL 25:12, 26:9)."""
    compulsory_care: Tri = "unknown"
    pregnant: Tri = "unknown"
    secrecy_towards_guardian: Tri = "no"
    """Secrecy applies towards a guardian (OSL 12:3), so the guardian cannot waive it (H13)."""
    subject_consent: ConsentState = "not_asked"
    guardian_consent: ConsentState = "not_asked"
    """`given` only when every guardian who must decide has given it (FB 6:13)."""
    statements: dict[str, Literal["yes", "no"]] = {}
    """Assessments recorded about this person: statement name -> answer. Absent is unanswered."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything the law may know when it answers one question."""

    on: date
    """The legal day: calendar day in Sweden."""
    sender: Party
    recipient: Party
    item: Item
    person: Person
    case_subject_born: date | None = None
    """Birth date of the young person the case is about: duties towards a child (D-1, D-2, D-8) and
    care for a child (25:12, 26:9) follow the child of the case, also in what describes a parent."""
    purpose: str | None = None
    """Code of a purpose in `vocabulary.toml`, None while none has been chosen."""
    initiative: Literal["own", "request", "unknown"] = "unknown"
    """Own initiative, or an answer to a request that is on file."""
    requester_verified: Tri = "unknown"
    """For a request: the requester's identity is checked and the case is named."""
    investigation_open: Tri = "unknown"
    """The recipient (SOC) has stated that an investigation about the child is open (D-2)."""
    decider_role: str | None = None
    """Role in which the official decides, e.g. `principal` (rektor)."""
    delegated: Tri = "unknown"
    """The sender's delegation lets this official decide this."""
    approvals: dict[str, Literal["yes", "no"]] = {}
    """Approvals given or refused by another than the asker: name -> answer."""
    agreement: Tri = "unknown"
    """Cooperation agreement between the two in force. Never a ground (H1)."""
    private_use: Tri = "no"
    """Meant for use outside the activity, such as a private lookup (OSL 7:1, H10)."""
    standing_access: Tri = "no"
    """Standing, bulk or direct access instead of one disclosure (H12)."""
    gdpr_breach_assumed: Tri = "no"
    """The recipient can be assumed to process the item in breach of the GDPR (OSL 21:7, K35)."""
