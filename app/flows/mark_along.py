"""A mark of protected identity comes along to every case that the same person is added to.

Otherwise one person alone could add a protected person anew without the mark. Looked for among the
organisation's own persons: by the number's blind index, and without a number by name and day of
birth, opened in memory.
Law: OSL 21 kap. 3, 3 a §§
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.domain.problem import Problem
from app.domain.subject import Identity, may_be_same_person
from app.flows.sealing import open_subject
from app.keys import Ring
from app.records.case_review import subjects_of_organisation
from app.records.subject import subjects_with_index
from app.records.transaction import Transaction
from audit.canonical import Json

MAYBE_MARKED = Problem(field="another", code="maybe_protected")
"""It is asked whether it is another than a marked person who may be the same."""


@dataclass(frozen=True)
class Marked:
    """Who is to be written down: as typed, and with the mark if the number has it already."""

    identity: Identity
    along: bool
    """Whether the mark came along and was not typed."""


def mark_along(tx: Transaction, ring: Ring, identity: Identity) -> Marked:
    """With the mark that somebody in the organisation's register has under the same number."""
    number = identity.number
    if number is None or identity.protected == "yes":
        return Marked(identity, along=False)
    index = ring.number_index(number.digits)
    found = subjects_with_index(tx, ring.organisation_id, index)
    known = (open_subject(ring, one).identity for one in found)
    if any(one.number == number and one.protected == "yes" for one in known):
        return Marked(replace(identity, protected="yes"), along=True)
    return Marked(identity, along=False)


def may_be_marked(tx: Transaction, ring: Ring, identity: Identity) -> bool:
    """Whether it may be somebody who is marked, as far as name and day of birth tell."""
    if identity.protected == "yes":
        return False
    found = subjects_of_organisation(tx, ring.organisation_id)
    known = (open_subject(ring, one).identity for one in found)
    return any(
        one.protected == "yes"
        and may_be_same_person(one, identity)
        # Two numbers that differ are two persons, whatever else is alike.
        and None in (one.number, identity.number)
        for one in known
    )


def told_of_mark(along: bool, *, another: bool) -> dict[str, Json]:
    """What the entry tells: that the mark came along, or that it was said to be somebody else."""
    return {**({"marked": True} if along else {}), **({"another": True} if another else {})}
