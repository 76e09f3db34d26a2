"""Cases as those who review the log meet them: by ids in its entries, or by whom they are on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Row, Select, func, select

from app.records.case import FoundCase, case_file, case_person, found_cases
from app.records.subject import SealedSubject, subject
from app.records.transaction import Transaction

MOST_CASES = 1000


def cases_by_id(
    tx: Transaction, case_ids: Collection[str], *, organisation_id: str
) -> dict[str, FoundCase]:
    """Those of the ids that are cases of the organisation. One query."""
    found = found_cases(tx, organisation_id, case_file.c.id.in_(set(case_ids)))
    return {one.case.id: one for one in found}


def cases_about(
    tx: Transaction, subject_ids: Collection[str], *, organisation_id: str
) -> tuple[FoundCase, ...]:
    """The organisation's cases that are about any of those persons. One query."""
    return found_cases(tx, organisation_id, case_file.c.subject_id.in_(set(subject_ids)))


def case_ids_by_reference(tx: Transaction, reference: str, *, organisation_id: str) -> list[str]:
    """The organisation's case by that number, in a list of one or none. One query."""
    rows = tx.execute(
        select(case_file.c.id).where(
            case_file.c.organisation_id == organisation_id, case_file.c.reference == reference
        )
    )
    return [row.id for row in rows]


def case_ids_of_subjects(
    tx: Transaction, subject_ids: Collection[str], *, organisation_id: str
) -> list[str]:
    """The organisation's cases that have any of those persons in them. One query."""
    rows = tx.execute(
        select(case_person.c.case_id)
        .where(
            case_person.c.organisation_id == organisation_id,
            case_person.c.subject_id.in_(set(subject_ids)),
        )
        .distinct()
        .order_by(case_person.c.case_id)
        .limit(MOST_CASES)
    )
    return [row.case_id for row in rows]


def case_counts(
    tx: Transaction, subject_ids: Collection[str], *, organisation_id: str
) -> dict[str, int]:
    """How many of the organisation's cases have each of those persons in them. One query."""
    rows = tx.execute(
        select(case_person.c.subject_id, func.count(case_person.c.case_id.distinct()).label("n"))
        .where(
            case_person.c.organisation_id == organisation_id,
            case_person.c.subject_id.in_(set(subject_ids)),
        )
        .group_by(case_person.c.subject_id)
    )
    return {row.subject_id: row.n for row in rows}


def subjects_of_organisation(tx: Transaction, organisation_id: str) -> tuple[SealedSubject, ...]:
    """Everyone the organisation writes about, sealed: a name is found in memory. One query."""
    rows = tx.execute(
        select(
            subject.c.id, subject.c.organisation_id, subject.c.identity, subject.c.number_index
        ).where(subject.c.organisation_id == organisation_id)
    )
    return tuple(SealedSubject(**row._mapping) for row in rows)


def persons_of_cases(
    tx: Transaction, case_ids: Collection[str], *, organisation_id: str
) -> tuple[tuple[str, SealedSubject], ...]:
    """Everyone in those of the ids that are cases of the organisation, sealed. One query."""
    asked = _persons(organisation_id).where(case_person.c.case_id.in_(set(case_ids)))
    return tuple(_in_case(row) for row in tx.execute(asked))


def persons_of_every_case(
    tx: Transaction, organisation_id: str
) -> Iterator[tuple[str, SealedSubject]]:
    """Everyone in any case of the organisation, sealed, as far as the caller reads. One query."""
    return (_in_case(row) for row in tx.execute(_persons(organisation_id)))


def _persons(organisation_id: str) -> Select[Any]:
    return (
        select(
            case_person.c.case_id,
            subject.c.id,
            subject.c.organisation_id,
            subject.c.identity,
            subject.c.number_index,
        )
        .join(subject, subject.c.id == case_person.c.subject_id)
        .where(case_person.c.organisation_id == organisation_id)
    )


def _in_case(row: Row[Any]) -> tuple[str, SealedSubject]:
    sealed = SealedSubject(
        id=row.id,
        organisation_id=row.organisation_id,
        identity=row.identity,
        number_index=row.number_index,
    )
    return row.case_id, sealed
