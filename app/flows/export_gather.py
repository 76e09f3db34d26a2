"""Rows for an export's tables: entries of the log opened, decisions, assessments, consents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import islice
from typing import TypeVar

import msgspec

from app.domain.assessment import Assessment
from app.domain.consent import Consent
from app.domain.disclosure import Circumstance, Disclosure
from app.domain.export_terms import ExportJob, Language
from app.domain.organisation import Organisation
from app.domain.refusal import Refusal
from app.domain.staff import StaffMember
from app.fact_finding import open_answer
from app.flows.acts_held import hold_acts, hold_sent
from app.flows.as_logged import as_logged
from app.flows.export_opener import ExportOpener
from app.flows.export_orders import stretch_of
from app.flows.export_tables import Row, provisions
from app.flows.laws_of_days import LawsOfDays
from app.flows.rows_held import (
    Owed,
    RowsDiffer,
    Said,
    hold_answer,
    hold_answered,
    hold_consent,
    hold_disclosure,
    hold_refusal,
    hold_versions,
    said_by,
)
from app.records.answer import StoredAnswer
from app.records.audit_log import details_at, leaves_at
from app.records.audit_view import SeenEntry
from app.records.export_rows import (
    Kept,
    answers_in,
    cases_by_id,
    consents_in,
    disclosures_in,
    refusals_in,
    sealed_decisions,
)
from app.records.organisation import all_organisations
from app.records.staff import staff_by_id
from app.records.transaction import Transaction
from audit.entry import FIELDS, Entry, Field, parse_leaf
from audit.errors import AuditFault
from policies import Law

T = TypeVar("T")
_BATCH = 200
_NOTHING = {"question": "", "answer": "", "reasons": "", "circumstances": ""}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an entry tells an export's recipient, to be put in words. Names only where ordered."""

    op: str
    who: str
    roles: tuple[str, ...]
    by_operator: bool
    recipient: str
    sender: str
    colleague: str
    about: Mapping[str, object]
    detail: Mapping[str, object]
    erased: frozenset[Field]
    readable: bool
    """Whether object and detail could be opened."""


Tell = Callable[[Told, Law, Language], str]
"""An entry in a sentence. Handed in, because the sentences are those of the pages."""


@dataclass
class Gatherer:
    """Reads within one transaction. Names are looked up once."""

    tx: Transaction
    job: ExportJob
    opener: ExportOpener
    law: Law

    def __post_init__(self) -> None:
        self._staff: dict[str, StaffMember] = {}
        self._references: dict[str, str] = {}
        self._organisations: dict[str, Organisation] | None = None
        self._laws = LawsOfDays(self.tx, self.law)
        self.owed = Owed()

    def entries(self, seen: Sequence[SeenEntry], tell: Tell) -> list[Row]:
        """These entries, opened, each with a sentence in both languages. Raises RowsDiffer."""
        indices = [one.n for one in seen]
        leaves, details = leaves_at(self.tx, indices), details_at(self.tx, indices)
        self._learn_cases({one.case_id for one in seen if one.case_id})
        rows: list[Row] = []
        said: list[Said] = []
        for one in seen:
            leaf = leaves.get(one.n)
            entry = _entry(leaf.entry if leaf else b"", one.n)
            sealed = details.get(one.n, {})
            values = self.opener.values(sealed)
            if as_logged(one, entry, values) != one:
                raise RowsDiffer(one.n)
            said.append(Said(entry, values))
            actor, detail = values.get("actor", {}), values.get("detail", {})
            told = self._told(one.op, values, frozenset(FIELDS) - sealed.keys())
            rows.append(
                {
                    "n": one.n,
                    "time": one.at.isoformat(),
                    "act": one.op,
                    "sentence_sv": tell(told, self.law, "sv"),
                    "sentence_en": tell(told, self.law, "en"),
                    "result": one.res,
                    "case": self._references.get(one.case_id or "", ""),
                    "staff": self._name(str(actor.get("staff", ""))),
                    "roles": str(actor.get("roles", "")).split(),
                    "rules": entry.rule.split(",") if entry.rule else [],
                    "pack": entry.pol or "",
                    "recipient": detail.get("recipient", ""),
                    "recipient_name": self._organisation(str(detail.get("recipient", ""))),
                    "purpose": detail.get("purpose", ""),
                    "about": dict(values.get("object", {})),
                    "detail": dict(detail),
                    "withheld": self.opener.withheld(sealed),
                    "erased": sorted(set(FIELDS) - sealed.keys()),
                }
            )
        hold_versions(self.tx, said)
        hold_acts(self.tx, said)
        return rows

    def _told(
        self, op: str, values: Mapping[Field, Mapping[str, object]], erased: frozenset[Field]
    ) -> Told:
        actor, detail = values.get("actor", {}), values.get("detail", {})
        return Told(
            op=op,
            who=self._name(str(actor.get("staff", ""))),
            roles=tuple(str(actor.get("roles", "")).split()),
            by_operator="operator" in actor,
            recipient=self._organisation(str(detail.get("recipient", ""))),
            sender=self._organisation(str(detail.get("sender", ""))),
            colleague=self._name(str(detail.get("colleague", ""))),
            about=values.get("object", {}),
            detail=detail,
            erased=erased,
            readable={"object", "detail"} <= values.keys(),
        )

    def decisions(self) -> Iterator[Row]:
        """Disclosures and refusals in the order in which they were decided, each with its grounds
        and what the law answered. What never reached the law is among the entries alone. Raises
        RowsDiffer."""
        both = (self._disclosures(), self._refusals())
        yield from merge(*both, key=lambda row: (str(row["decided"]), str(row["id"])))

    def _disclosures(self) -> Iterator[Row]:
        for some in _batched(disclosures_in(self.tx, stretch_of(self.job))):
            said = said_by(self.tx, self.opener, _entries_of(some))
            sealed = sealed_decisions(self.tx, [one.row.id for one in some])
            hold_sent(self.tx, some)
            for one in some:
                made = one.row
                ended = said.get(one.ended_by or "")
                hold_disclosure(made, said.get(one.made_by), ended)
                self.owed.note_consents(made, said.get(one.made_by))
                if self._later(ended):
                    made = replace(made, stopped_at=None)
                self.owed.told(made.id, ended=made.stopped_at is not None)
                yield self._disclosed(made, sealed.get(made.id, b""))

    def _later(self, ended: Said | None) -> bool:
        """What came after the export's last entry is not its matter: no entry in it says so."""
        return ended is not None and ended.entry.n >= self.job.stop

    def _disclosed(self, made: Disclosure, sealed: bytes) -> Row:
        return {
            **self._decided(made, sealed),
            "decision": "disclosed",
            "purpose": made.purpose,
            "reason": "",
            "consents": list(made.consents),
            "decided_by": self._name(made.decided_by),
            "arrives": made.arrives_at.isoformat(),
            "stopped": made.stopped_at.isoformat() if made.stopped_at else "",
        }

    def _refusals(self) -> Iterator[Row]:
        for some in _batched(refusals_in(self.tx, stretch_of(self.job))):
            said = said_by(self.tx, self.opener, _entries_of([one for one, _ in some]))
            for one, sealed in some:
                hold_refusal(one.row, said.get(one.made_by))
                self.owed.told(one.row.id)
                yield self._refused(one.row, said.get(one.made_by), sealed)

    def _refused(self, made: Refusal, said: Said | None, sealed: bytes) -> Row:
        values = said.values if said else {}
        actor, detail = values.get("actor", {}), values.get("detail", {})
        return {
            **self._decided(made, sealed),
            "decision": "refused",
            "purpose": detail.get("purpose", ""),
            "reason": detail.get("reason", ""),
            "consents": [],
            "decided_by": self._name(str(actor.get("staff", ""))),
            "arrives": "",
            "stopped": "",
        }

    def _decided(self, made: Disclosure | Refusal, sealed: bytes) -> dict[str, object]:
        key = self.opener.case_key(made.case_id)
        self._learn_cases({made.case_id})
        answered = key.open_text("decision", made.id, sealed) if key and sealed else b""
        return {
            "id": made.id,
            "decided": made.decided_at.isoformat(),
            "case": self._references.get(made.case_id, ""),
            "note": made.note_id,
            "version": made.version,
            "recipient": made.recipient_id,
            "recipient_name": self._organisation(made.recipient_id),
            "outcome": made.outcome,
            "grounds": list(made.grounds),
            "provisions": provisions(self._laws.of(made.pack), made.grounds),
            "law_answered": [json.loads(line) for line in answered.splitlines()],
        }

    def assessments(self) -> Iterator[Row]:
        """What officials answered, with reasons if the recipient may see them. Raises
        RowsDiffer."""
        for some in _batched(answers_in(self.tx, stretch_of(self.job))):
            said = said_by(self.tx, self.opener, _entries_of(some))
            for one in some:
                # First where it stands: an answer that was moved is sealed to another place.
                hold_answer(one.row, said.get(one.made_by))
                self.owed.answered(said.get(one.made_by))
                key = self.opener.case_key(one.row.case_id)
                answered = open_answer(key, one.row) if key else None
                if answered is not None:
                    hold_answered(one.row, answered, said.get(one.made_by))
                yield self._answer(one.row, answered)

    def _answer(self, stored: StoredAnswer, answered: Assessment | Circumstance | None) -> Row:
        self._learn_cases({stored.case_id})
        return {
            "id": stored.id,
            "time": stored.at.isoformat(),
            "case": self._references.get(stored.case_id, ""),
            "note": stored.note_id,
            "version": stored.version,
            "recipient": stored.recipient_id,
            "purpose": stored.purpose,
            "person": stored.subject_id,
            "kind": stored.kind,
            **_answer(answered, shown=self.job.terms.reasons_shown),
            "by": self._name(stored.by_staff),
        }

    def consents(self) -> Iterator[Row]:
        """Consents, refusals and withdrawals. Raises RowsDiffer."""
        for some in _batched(consents_in(self.tx, stretch_of(self.job))):
            said = said_by(self.tx, self.opener, _entries_of(some))
            for one in some:
                ended = said.get(one.ended_by or "")
                hold_consent(one.row, said.get(one.made_by), ended)
                made = replace(one.row, withdrawn_at=None) if self._later(ended) else one.row
                self.owed.told(made.id, ended=made.withdrawn_at is not None)
                yield self._answered(made)

    def _answered(self, one: Consent) -> Row:
        self._learn_cases({one.case_id})
        terms = one.terms
        return {
            "id": one.id,
            "recorded": one.recorded_at.isoformat(),
            "case": self._references.get(one.case_id, ""),
            "person": terms.subject_id,
            **terms.told(),
            "withdrawn": one.withdrawn_at.isoformat() if one.withdrawn_at else "",
        }

    def _learn_cases(self, case_ids: set[str]) -> None:
        unknown = sorted(case_ids - self._references.keys())
        if unknown:
            found = cases_by_id(self.tx, organisation_id=self.job.organisation_id, case_ids=unknown)
            self._references |= dict.fromkeys(unknown, "")
            self._references |= {one: case.case.reference for one, case in found.items()}

    def _name(self, staff_id: str) -> str:
        if not staff_id or not self.job.terms.staff_named:
            return ""
        if staff_id not in self._staff:
            self._staff |= staff_by_id(self.tx, [staff_id])
        found = self._staff.get(staff_id)
        return found.name if found else ""

    def _organisation(self, organisation_id: str) -> str:
        if self._organisations is None:
            self._organisations = {one.id: one for one in all_organisations(self.tx)}
        found = self._organisations.get(organisation_id)
        return found.name if found else organisation_id


def packed(rows: Sequence[Row]) -> bytes:
    """Rows as the bytes of one part."""
    return msgspec.json.encode(list(rows))


def unpacked(data: bytes) -> list[Row]:
    """What `packed` packed."""
    found: list[Row] = msgspec.json.decode(data)
    return found


def _answer(answered: Assessment | Circumstance | None, *, shown: bool) -> Mapping[str, str]:
    if isinstance(answered, Circumstance):
        return {
            "question": answered.fact,
            "answer": answered.answer,
            "reasons": "",
            "circumstances": "",
        }
    if answered is None:
        return {"question": "", "answer": "", "reasons": "", "circumstances": ""}
    return {
        "question": answered.statement,
        "answer": answered.answer,
        "reasons": answered.reasons if shown else "",
        "circumstances": answered.circumstances if shown else "",
    }


def _entry(leaf: bytes, n: int) -> Entry:
    try:
        return parse_leaf(leaf)
    except AuditFault as fault:
        raise RowsDiffer(n) from fault


def _entries_of(some: Iterable[Kept[T]]) -> list[str]:
    return [one for kept in some for one in (kept.made_by, kept.ended_by) if one]


def _batched(rows: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(rows, _BATCH)):
        yield some
