"""People who work in the organisations, what they may be there, and what they may decide.

A role or a delegation is never changed, only ended: ending counts from its own instant, whatever
days the order named. Law: KL 6 kap. 37-39 §§, 7 kap. 5-8 §§
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.organisation import Period


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    """Someone who can sign in and be named as the one who acted."""

    id: str
    name: str
    title: str
    """As it stands in decisions, e.g. `socialsekreterare`."""


@dataclass(frozen=True, kw_only=True)
class RoleGrant:
    """One role that one member of staff has in one organisation. Times are aware UTC."""

    id: str
    staff_id: str
    organisation_id: str
    role: str
    """Code of a role in the rule pack, e.g. `case_worker`."""
    period: Period
    ended_at: datetime | None = None

    def holds(self, *, on: date, at: datetime) -> bool:
        """Whether the role is held. An ended one is gone on the very next request."""
        return self.period.holds(on) and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """The right to take one kind of decision for the board, given to a person or to a role."""

    id: str
    organisation_id: str
    staff_id: str | None
    role: str | None
    decision: str
    """Code of the decision, e.g. `disclose`."""
    item: str
    """Its place in the organisation's delegation order, e.g. `4.2`."""
    period: Period
    registered_by: str | None = None
    """None: at the terminal, where the technician sets the service up."""
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    """None: somebody else has yet to confirm it, and nothing is decided under it."""
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        if (self.staff_id is None) == (self.role is None):
            raise ValueError("a delegation names either a member of staff or a role, not both")

    def holds(self, *, on: date, at: datetime) -> bool:
        """Whether decisions can be taken under it."""
        if self.confirmed_at is None:
            return False
        return self.period.holds(on) and (self.ended_at is None or at < self.ended_at)

    def names(self, staff_id: str, roles: frozenset[str]) -> bool:
        """Whether it speaks of this person, by name or by a role they hold."""
        return self.staff_id == staff_id or (self.role is not None and self.role in roles)


@dataclass(frozen=True, kw_only=True)
class TeamMember:
    """Somebody who works in a case, and since when."""

    staff: StaffMember
    since: datetime
