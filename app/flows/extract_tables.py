"""The tables of a register extract: one person's, with every other person left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.disclosure import Disclosure
from app.domain.extract_order import ExtractLanguage, ExtractOrder
from app.domain.legal_day import legal_day
from app.domain.note import NoteHead
from app.domain.organisation import Organisation
from app.domain.staff import StaffMember
from app.domain.subject import Identity
from app.domain.trail_search import ACT_GROUPS
from app.flows.cases_held import CasesHeld, hold_cases
from app.flows.laws_of_days import LawsOfDays
from app.flows.sealing import open_case_key, open_line
from app.flows.trail_rows import TrailRow
from app.keys import CaseKey, Rings
from app.records.case import FoundCase
from app.records.consent import consents_of_cases
from app.records.disclosure import disclosures_with_receipts
from app.records.note import newest_heads
from app.records.organisation import all_organisations
from app.records.staff import staff_by_id
from app.records.transaction import Transaction
from policies import Law
from policies.selectors import written_out

Row = tuple[str, ...]
_TRI: dict[ExtractLanguage, dict[str, str]] = {
    "sv": {"yes": "ja", "no": "nej", "unknown": "inte känt"},
    "en": {"yes": "yes", "no": "no", "unknown": "not known"},
}
_CONSENT: dict[ExtractLanguage, dict[str, str]] = {
    "sv": {"given": "ja", "refused": "nej", "withdrawn": "återkallat"},
    "en": {"given": "yes", "refused": "no", "withdrawn": "withdrawn"},
}
_GIVER: dict[ExtractLanguage, dict[str, str]] = {
    "sv": {"subject": "du själv", "guardian": "en vårdnadshavare"},
    "en": {"subject": "you yourself", "guardian": "a guardian"},
}
_LOOKS: dict[ExtractLanguage, dict[str, str]] = {
    "sv": {
        "case.viewed": "såg ärendets sida",
        "note.read": "öppnade anteckningar",
        "note.title_viewed": "såg en rubrik",
        "note.versions_read": "öppnade en antecknings versioner",
    },
    "en": {
        "case.viewed": "saw the page of the case",
        "note.read": "opened notes",
        "note.title_viewed": "saw a title",
        "note.versions_read": "opened the versions of a note",
    },
}
_BY_EMERGENCY: dict[ExtractLanguage, str] = {"sv": "nödöppning", "en": "emergency opening"}
_OWN: dict[ExtractLanguage, str] = {"sv": "oss själva", "en": "ourselves"}


@dataclass(frozen=True)
class IndexUnlike:
    """Nothing was gathered: the index of entries is not as the log for these cases, by id."""

    case_ids: tuple[str, ...]


class _Named(Protocol):
    @property
    def sv(self) -> str: ...
    @property
    def en(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """Every table, in the language of the order."""

    identities: tuple[Row, ...]
    cases: tuple[Row, ...]
    notes: tuple[Row, ...]
    consents: tuple[Row, ...]
    disclosures: tuple[Row, ...]
    looks: tuple[Row, ...]
    left_out: int
    """Notes and disclosures left out because of what they would tell."""


def gather(
    tx: Transaction,
    order: ExtractOrder,
    identities: Sequence[Identity],
    cases: Sequence[FoundCase],
    rings: Rings,
    *,
    law: Law,
) -> Extracted | IndexUnlike:
    """The tables of the cases about a person, in as many queries however many they are.

    Nothing where the index of entries says something else of one of the cases than the log.
    """
    case_ids = [one.case.id for one in cases]
    references = {one.case.id: one.case.reference for one in cases}
    keys = {one.case.id: open_case_key(rings, one.key) for one in cases}
    held = _held(tx, cases, keys, rings)
    if held.unlike:
        return IndexUnlike(held.unlike)
    teller = _teller(tx, order, law)
    about = {
        stored.note_id: (head, stored)
        for stored in newest_heads(tx, case_ids)
        if teller.about_them(head := open_line(keys[stored.case_id], stored).head)
    }
    shown = {note_id for note_id, (head, _) in about.items() if not protected(head)}
    notes = [
        teller.note(head, stored.written_at, references[stored.case_id])
        for note_id, (head, stored) in about.items()
        if note_id in shown
    ]
    left_out = len(about) - len(shown)
    disclosures: list[Row] = []
    for made, registered_at, letter in disclosures_with_receipts(tx, case_ids):
        if made.note_id not in about or made.stopped_at is not None:
            continue
        if made.note_id in shown and letter != "withheld":
            disclosures.append(teller.disclosure(made, registered_at))
        else:
            left_out += 1
    return Extracted(
        identities=tuple(teller.identity(one) for one in identities),
        cases=tuple(_case(one) for one in cases),
        notes=tuple(sorted(notes)),
        consents=tuple(teller.consents(tx, case_ids)),
        disclosures=tuple(sorted(disclosures)),
        looks=_looks(tx, order, held, teller),
        left_out=left_out,
    )


def _teller(tx: Transaction, order: ExtractOrder, law: Law) -> _Teller:
    return _Teller(
        law=law,
        laws=LawsOfDays(tx, law),
        language=order.language,
        organisations={one.id: one for one in all_organisations(tx)},
        subject_ids=frozenset(order.subject_ids),
    )


def protected(head: NoteHead) -> bool:
    """Whether that the note exists may itself be secret towards the person. Unknown counts."""
    told = head.attributes
    answers = (
        told.investigation,
        told.intelligence,
        told.reporter_identity,
        told.concern_report,
    )
    return any(answer != "no" for answer in answers)


@dataclass(frozen=True, kw_only=True)
class _Teller:
    law: Law
    laws: LawsOfDays
    language: ExtractLanguage
    organisations: Mapping[str, Organisation]
    subject_ids: frozenset[str]

    def about_them(self, head: NoteHead) -> bool:
        return not self.subject_ids.isdisjoint(head.described)

    def words(self, named: _Named | None, code: str = "") -> str:
        if named is None:
            return code
        return named.en if self.language == "en" else named.sv

    def identity(self, one: Identity) -> Row:
        return (
            one.name,
            one.number.shown if one.number else "",
            one.born.isoformat() if one.born else "",
            _TRI[self.language][one.protected],
        )

    def note(self, head: NoteHead, written_at: datetime, reference: str) -> Row:
        vocabulary = self.law.vocabulary
        origin = head.attributes.origin
        came_from = self.words(vocabulary.kinds.get(origin), origin) if origin else ""
        kind = self.words(vocabulary.categories.get(head.category), head.category)
        return _day(written_at), reference, kind, came_from or _OWN[self.language]

    def consents(self, tx: Transaction, case_ids: Sequence[str]) -> list[Row]:
        return [
            (
                _day(one.recorded_at),
                _CONSENT[self.language]["withdrawn" if one.withdrawn_at else one.terms.answer],
                _GIVER[self.language][one.terms.giver],
                self._organisation(one.terms.recipient_id),
                self._purpose(one.terms.purpose),
                one.terms.valid_until.isoformat() if one.terms.answer == "given" else "",
            )
            for one in (consents_of_cases(tx, case_ids) if case_ids else ())
            if one.terms.subject_id in self.subject_ids
        ]

    def disclosure(self, made: Disclosure, registered_at: datetime | None) -> Row:
        known = self.laws.of(made.pack).rules
        rules = [known[one] for one in made.grounds if one in known]
        cited = [written_out(cite) for rule in rules for cite in rule.cite]
        return (
            _day(made.decided_at),
            self._organisation(made.recipient_id),
            self._purpose(made.purpose),
            ", ".join(dict.fromkeys(text for text in cited if text)),
            _day(registered_at) if registered_at else "",
        )

    def looker(self, row: TrailRow, member: StaffMember | None) -> str:
        codes = str(row.actor.get("roles", "")).split()
        roles = self.law.vocabulary.roles
        told = ", ".join(self.words(roles.get(code), code) for code in codes)
        return f"{member.name}, {told}" if member else told

    def act(self, row: TrailRow) -> str:
        act = _LOOKS[self.language].get(row.entry.op, row.entry.op)
        if row.entry.res == "override":
            return f"{act} ({_BY_EMERGENCY[self.language]})"
        return act

    def _organisation(self, organisation_id: str) -> str:
        found = self.organisations.get(organisation_id)
        return found.name if found else ""

    def _purpose(self, code: str) -> str:
        return self.words(self.law.vocabulary.purposes.get(code), code)


def _held(
    tx: Transaction, cases: Sequence[FoundCase], keys: Mapping[str, CaseKey], rings: Rings
) -> CasesHeld:
    """The cases, which are one organisation's, held against the log."""
    if not cases:
        return CasesHeld((), ())
    ring = rings.current(cases[0].case.organisation_id)
    return hold_cases(tx, list(keys), ring, {key.key_id: key for key in keys.values()})


def _looks(
    tx: Transaction, order: ExtractOrder, held: CasesHeld, teller: _Teller
) -> tuple[Row, ...]:
    """Who has looked: by role or name and kind of act, how often, and from when to when."""
    looks = [row for row in held.rows if _is_look(row)]
    named = {row.entry.staff_id for row in looks if row.entry.staff_id}
    staff = staff_by_id(tx, named) if order.staff_named else {}
    found: dict[tuple[str, str], list[datetime]] = {}
    for row in looks:
        who = teller.looker(row, staff.get(row.entry.staff_id or ""))
        found.setdefault((who, teller.act(row)), []).append(row.entry.at)
    return tuple(
        (who, act, str(len(times)), _day(min(times)), _day(max(times)))
        for (who, act), times in sorted(found.items())
    )


def _is_look(row: TrailRow) -> bool:
    read = row.entry.op in ACT_GROUPS["read"] and row.entry.op in _LOOKS["sv"]
    return read and row.entry.res in ("allow", "override")


def _case(one: FoundCase) -> Row:
    case = one.case
    closed = _day(case.closed_at) if case.closed_at else ""
    return case.reference, _day(case.opened_at), closed


def _day(at: datetime) -> str:
    return legal_day(at).isoformat()
