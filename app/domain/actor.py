"""Who acts: a signed-in member of staff, for one organisation, with what they are there today.

Built afresh for every request, so that a role taken away is gone on the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.organisation import Organisation
from app.domain.staff import Delegation


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The person, the organisation they act for, and their standing in it on the legal day."""

    staff_id: str
    name: str
    title: str
    organisation: Organisation
    roles: frozenset[str]
    """Codes of the roles held there now. Never empty: without a role nobody acts."""
    delegations: tuple[Delegation, ...]
    """The delegations that speak of them now."""
    session_id: str
    """Tells entries of one sign-in together. Opens nothing: the cookie holds something else."""

    def __post_init__(self) -> None:
        if not self.roles:
            raise ValueError("an actor needs at least one role in the organisation acted for")

    @property
    def organisation_id(self) -> str:
        """The organisation acted for."""
        return self.organisation.id

    def has_role(self, *roles: str) -> bool:
        """Whether any of `roles` is held."""
        return not self.roles.isdisjoint(roles)

    def delegation_for(self, decision: str) -> Delegation | None:
        """The delegation under which they may take that decision, None if there is none.

        One given to the person comes before one given to a role, because it is the narrower.
        """
        fitting = [held for held in self.delegations if held.decision == decision]
        return min(fitting, key=lambda held: (held.staff_id is None, held.item), default=None)
