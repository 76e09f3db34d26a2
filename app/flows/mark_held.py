"""The mark of protected identity, held to the log: an older identity put back takes none away.

The identity is sealed to its person, so nobody makes one up; but what was stored before the mark
was set still opens. So a mark that entries tell of counts until one tells that two took it away.
Law: OSL 21 kap. 3, 3 a §§
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.domain.subject import CasePerson
from app.flows.rows_held import Said

TELLS = {"person.corrected": "protected", "person.protection_lowered": "to"}
"""Kind of entry -> the name under which its detail tells what the mark is from then on."""


def as_marked(persons: Iterable[CasePerson], told: Iterable[Said]) -> tuple[CasePerson, ...]:
    """Each as the database has them, and protected where the log says so. `told` are the entries
    of the case that tell of marks, oldest first."""
    latest: dict[object, object] = {}
    for one in told:
        if one.entry.op in TELLS and one.entry.res == "allow":
            about, detail = one.values.get("object", {}), one.values.get("detail", {})
            latest[about.get("subject")] = detail.get(TELLS[one.entry.op])
    return tuple(_marked(one) if latest.get(one.subject.id) == "yes" else one for one in persons)


def _marked(one: CasePerson) -> CasePerson:
    if one.subject.identity.protected == "yes":
        return one
    identity = replace(one.subject.identity, protected="yes")
    return CasePerson(
        subject=replace(one.subject, identity=identity), relation=one.relation, mark_lost=True
    )
