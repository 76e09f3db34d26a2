"""Whom the entries in an incident pack are about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.records.audit_log import leaves_at
from app.records.case import case_file, case_person
from app.records.delivery import delivery
from app.records.disclosure import disclosure
from app.records.transaction import Transaction
from audit.entry import parse_leaf

_BATCH = 500


@dataclass(frozen=True, kw_only=True)
class CaseSubjects:
    """A case by its number, and the ids of those it is about, the young person first."""

    organisation_id: str
    reference: str
    subject_ids: tuple[str, ...]


def cases_of_deliveries(tx: Transaction, indices: Sequence[int]) -> dict[int, str]:
    """Index of an entry -> the case that the delivery it is about was disclosed from.

    Found by the hash of the ciphertext, which stands open in the entry. Two queries for 500.
    """
    found: dict[int, str] = {}
    for low in range(0, len(indices), _BATCH):
        hashes = {
            n: hash_
            for n, leaf in leaves_at(tx, indices[low : low + _BATCH]).items()
            if (hash_ := parse_leaf(leaf.entry).ct)
        }
        rows = tx.execute(
            select(delivery.c.ct_hash, disclosure.c.case_id)
            .join(disclosure, disclosure.c.delivery_id == delivery.c.id)
            .where(delivery.c.ct_hash.in_(set(hashes.values())))
        )
        cases = {row.ct_hash: row.case_id for row in rows}
        found |= {n: cases[hash_] for n, hash_ in hashes.items() if hash_ in cases}
    return found


def subjects_of_cases(tx: Transaction, case_ids: Collection[str]) -> dict[str, CaseSubjects]:
    """By case id. Two queries for some hundred cases."""
    found: dict[str, CaseSubjects] = {}
    wanted = sorted(case_ids)
    for low in range(0, len(wanted), _BATCH):
        batch = wanted[low : low + _BATCH]
        persons: dict[str, list[str]] = {}
        joined = tx.execute(
            select(case_person.c.case_id, case_person.c.subject_id)
            .where(case_person.c.case_id.in_(batch))
            .order_by(case_person.c.relation != "subject", case_person.c.subject_id)
        )
        for row in joined:
            persons.setdefault(row.case_id, []).append(row.subject_id)
        rows = tx.execute(
            select(case_file.c.id, case_file.c.organisation_id, case_file.c.reference).where(
                case_file.c.id.in_(batch)
            )
        )
        for row in rows:
            found[row.id] = CaseSubjects(
                organisation_id=row.organisation_id,
                reference=row.reference,
                subject_ids=tuple(persons.get(row.id, ())),
            )
    return found
