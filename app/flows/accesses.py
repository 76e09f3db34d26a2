"""From entries in the log to what the detectors of signals see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from app.domain.declared_relation import DeclaredRelation
from app.domain.legal_day import legal_day
from app.domain.organisation import Organisation
from app.domain.subject import Identity
from app.domain.trail_search import ACT_GROUPS
from app.flows.access_held import UNLIKE
from app.flows.declare_relation import declared_in, named_with_numbers
from app.flows.sealing import open_subject
from app.keys import Ring
from app.records.audit_view import SeenEntry
from app.records.case_closing import numbers_and_closings
from app.records.case_review import persons_of_cases, persons_of_every_case
from app.records.role_grant import grants_in, staff_ever_in, staff_of
from app.records.transaction import Transaction
from app.signals import Access, Known
from app.signals.access import Kind, KnownCase
from app.signals.detect import COMMON_SURNAMES, RARE
from policies import Law
from policies.roles import can, working_all_hours

_READS = frozenset(ACT_GROUPS["read"])
_NO_WORK = ("trail", "emergency", "signal", "round", "relation", "session", "export")
_NO_REFUSALS = ("_repeated", "_warned")
"""Ends of the names of what changed nothing and was no attempt either."""
_ROUND_THE_CLOCK = frozenset({"POLICE", "REGION"})
"""Kinds of organisation whose staff work nights."""


def accesses_in(entries: Sequence[SeenEntry]) -> tuple[Access, ...]:
    """Those entries that say something of a person's access, oldest first."""
    found = [
        Access(
            n=one.n,
            at=one.at,
            staff_id=one.staff_id,
            case_id=one.case_id,
            kind=kind,
            override=one.res == "override",
        )
        for one in entries
        if one.staff_id is not None and (kind := _kind(one)) is not None
    ]
    return tuple(sorted(found, key=lambda one: one.n))


def what_is_known(
    tx: Transaction,
    accesses: Sequence[Access],
    organisation: Organisation,
    ring: Ring,
    *,
    at: datetime,
    law: Law,
) -> Known:
    """What the organisation knows of the cases accessed and of its staff. Six queries, or seven."""
    members = staff_of(tx, organisation.id, on=legal_day(at), at=at)
    case_ids = {one.case_id for one in accesses if one.case_id}
    persons: dict[str, list[Identity]] = {}
    for case_id, sealed in persons_of_cases(tx, case_ids, organisation_id=organisation.id):
        persons.setdefault(case_id, []).append(open_subject(ring, sealed).identity)
    told = numbers_and_closings(tx, case_ids, organisation_id=organisation.id)
    cases = {
        case_id: _known_case(identities, told[case_id][1])
        for case_id, identities in persons.items()
    }
    everyone = frozenset(member.id for member, _ in members)
    # One who has left is still the one who looked.
    staff_names = {one.id: _folded(one.name) for one in staff_ever_in(tx, organisation.id)}
    return Known(
        cases=cases,
        staff_names=staff_names,
        surname_counts=_surname_counts(tx, ring, cases, staff_names.values()),
        declared=_declared(declared_in(tx, ring), persons, told),
        works_nights=everyone if organisation.kind in _ROUND_THE_CLOCK else frozenset(),
        on_call=_on_call(tx, organisation.id, law),
        overseers=frozenset(
            member.id
            for member, roles in members
            if any(can(law, role, "review_audit") for role in roles)
        ),
    )


def _known_case(identities: Sequence[Identity], closed_at: datetime | None) -> KnownCase:
    names = frozenset(_folded(one.name) for one in identities)
    return KnownCase(
        names=names,
        surnames=frozenset(_surname(name) for name in names),
        protected=any(one.protected == "yes" for one in identities),
        closed_at=closed_at,
    )


def _surname_counts(
    tx: Transaction, ring: Ring, cases: Mapping[str, KnownCase], staff_names: Iterable[str]
) -> Counter[str]:
    """In how many of all the organisation's cases those surnames are that staff share.

    What is rare is rare among all whom the organisation writes about, not among those who were
    looked at. They are opened only where somebody shares a surname with one who was, and only until
    no such surname is rare any more.
    """
    counts = Counter(name for case in cases.values() for name in case.surnames)
    of_staff = {_surname(name) for name in staff_names} - COMMON_SURNAMES
    left = {name for name in of_staff if 0 < counts[name] <= RARE}
    if not left:
        return counts
    found: set[tuple[str, str]] = set()
    for case_id, sealed in persons_of_every_case(tx, ring.organisation_id):
        if case_id in cases:
            continue
        surname = _surname(_folded(open_subject(ring, sealed).identity.name))
        if surname not in left or (case_id, surname) in found:
            continue
        found.add((case_id, surname))
        counts[surname] += 1
        left = left - {surname} if counts[surname] > RARE else left
        if not left:
            break
    return counts


def _declared(
    declarations: Sequence[DeclaredRelation],
    persons: Mapping[str, Sequence[Identity]],
    told: Mapping[str, tuple[str, datetime | None]],
) -> dict[tuple[str, str], tuple[tuple[datetime, datetime | None], ...]]:
    """Which cases the declarations speak of, and when each counted."""
    found: dict[tuple[str, str], tuple[tuple[datetime, datetime | None], ...]] = {}
    for case_id, identities in persons.items():
        names, reference = named_with_numbers(identities), told[case_id][0]
        for one in declarations:
            if one.target.meets(names=names, reference=reference):
                pair, time = (one.staff_id, case_id), (one.declared_at, one.withdrawn_at)
                found[pair] = (*found.get(pair, ()), time)
    return found


def _on_call(
    tx: Transaction, organisation_id: str, law: Law
) -> dict[str, tuple[tuple[date, date | None], ...]]:
    """Who was on call, and from which day to which. One query."""
    found: dict[str, tuple[tuple[date, date | None], ...]] = {}
    for grant in grants_in(tx, organisation_id, working_all_hours(law)):
        ends = [one for one in (grant.period.valid_until, _day(grant.ended_at)) if one]
        days = grant.period.valid_from, min(ends, default=None)
        found[grant.staff_id] = (*found.get(grant.staff_id, ()), days)
    return found


def _day(at: datetime | None) -> date | None:
    return None if at is None else legal_day(at)


def _kind(entry: SeenEntry) -> Kind | None:
    if entry.op in _READS and entry.res in ("allow", "override"):
        return "read"
    if entry.op in ("emergency.asked", "emergency.opened"):
        return "opened"
    if entry.op in UNLIKE:
        return "unlike"
    if entry.res == "deny" and not entry.op.endswith(_NO_REFUSALS):
        return "refused"
    if entry.op.partition(".")[0] in _NO_WORK or entry.res != "allow" or entry.case_id is None:
        return None
    return "work"


def _surname(name: str) -> str:
    return name.rpartition(" ")[2]


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
