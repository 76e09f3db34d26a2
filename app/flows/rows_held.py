"""Rows that an export tells of, each held against the entry that made it.

Decisions and consents are kept in tables that whoever has the database's password can write. What a
row says is told only where its entry says the same; where a part of the entry has been erased, that
part no longer says anything, and the rest of it still does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.domain.assessment import Assessment
from app.domain.consent import Consent
from app.domain.disclosure import Circumstance, Disclosure
from app.domain.export_terms import ExportJob
from app.domain.legal_day import legal_day
from app.domain.refusal import Refusal
from app.flows.export_opener import ExportOpener
from app.flows.keep_refusal import LAWFUL
from app.records.answer import StoredAnswer
from app.records.audit_log import details_at, entries_by_id
from app.records.note import hashes_of_versions
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Entry, Field, parse_leaf
from audit.errors import AuditFault, ExportError
from audit.pruning import PRUNED

Values = Mapping[Field, Mapping[str, object]]
WRITES_NOTE = ("note.written", "note.corrected", "delivery.filed")
_MAKES = {
    "note.disclosed": ("detail", "disclosure"),
    "note.disclosure_refused": ("detail", "refusal"),
    "consent.recorded": ("about", "consent"),
}
_ENDS = {
    "delivery.stopped": ("detail", "disclosure"),
    "consent.withdrawn": ("about", "consent"),
}
"""Where an entry names the row that it made, or ended."""


class RowsDiffer(ExportError):
    """What the database says is not what the log says, so an export would tell what is not so."""

    def __init__(self, n: int | None) -> None:
        """`n` is the entry that says otherwise; None where there is no such entry."""
        about = "of an export" if n is None else f"of entry {n}"
        super().__init__(
            f"what the database says {about} is not what the log says; the export is not "
            "written. Change nothing, and compare with a backup"
        )
        self.n = n


@dataclass(frozen=True)
class Said:
    """One entry with those of its parts that open."""

    entry: Entry
    values: Values


def said_by(tx: Transaction, opener: ExportOpener, ids: Sequence[str]) -> dict[str, Said]:
    """What the entries with these ids say. As many queries however many they are.

    One that has been pruned says nothing, and its row is told as it is kept. Raises RowsDiffer.
    """
    leaves = entries_by_id(tx, ids)
    details = details_at(tx, [leaf.n for leaf in leaves.values()])
    found: dict[str, Said] = {}
    for entry_id, leaf in leaves.items():
        if leaf.entry == PRUNED:
            continue
        try:
            entry = parse_leaf(leaf.entry)
        except AuditFault as fault:
            raise RowsDiffer(leaf.n) from fault
        found[entry_id] = Said(entry, opener.values(details.get(leaf.n, {})))
    return found


def hold_disclosure(made: Disclosure, said: Said | None, stopped: Said | None) -> None:
    """Raises RowsDiffer."""
    if said is None:
        return
    _hold(
        said,
        "note.disclosed",
        made.organisation_id,
        made.decided_at,
        law=(made.grounds, made.pack),
        actor={"staff": made.decided_by},
        object={"case": made.case_id, "note": made.note_id, "version": made.version},
        detail={
            "disclosure": made.id,
            "recipient": made.recipient_id,
            "purpose": made.purpose,
            "outcome": made.outcome,
            "arrives_at": made.arrives_at.isoformat(),
            # Entries from before they were told have no such list.
            **({"consents": [*made.consents]} if _tells(said, "consents") else {}),
            **({"delegation": made.delegation_item} if _tells(said, "delegation") else {}),
        },
    )
    if (made.stopped_at is None) != (stopped is None):
        raise RowsDiffer(said.entry.n)
    if stopped is None or made.stopped_at is None:
        return
    if stopped.entry.op == "consent.withdrawn":
        _hold(stopped, "consent.withdrawn", made.organisation_id, made.stopped_at)
        withdrawn = stopped.values.get("object", {}).get("consent")
        told = stopped.values.get("detail", {}).get("stopped", [made.id])
        if "object" in stopped.values and withdrawn not in made.consents:
            raise RowsDiffer(stopped.entry.n)
        if not isinstance(told, list) or made.id not in told:
            raise RowsDiffer(stopped.entry.n)
        return
    _hold(
        stopped,
        "delivery.stopped",
        made.organisation_id,
        made.stopped_at,
        detail={"disclosure": made.id},
    )


def hold_refusal(made: Refusal, said: Said | None) -> None:
    """Raises RowsDiffer. Older entries do not tell what a lawful answer would have rested on."""
    if said is None:
        return
    lawful = made.outcome in LAWFUL
    resting = {"would_rest_on": [*made.grounds]} if _tells(said, "would_rest_on") else {}
    _hold(
        said,
        "note.disclosure_refused",
        made.organisation_id,
        made.decided_at,
        law=(None if lawful else made.grounds, made.pack),
        object={"case": made.case_id, "note": made.note_id, "version": made.version},
        detail={
            "refusal": made.id,
            "recipient": made.recipient_id,
            "outcome": made.outcome,
            **resting,
        },
    )


def hold_consent(one: Consent, said: Said | None, withdrawn: Said | None) -> None:
    """Raises RowsDiffer."""
    if said is None:
        return
    terms = one.terms
    _hold(
        said,
        "consent.recorded",
        one.organisation_id,
        one.recorded_at,
        object={"case": one.case_id, "consent": one.id, "subject": terms.subject_id},
        detail=terms.told(),
    )
    if (one.withdrawn_at is None) != (withdrawn is None):
        raise RowsDiffer(said.entry.n)
    if withdrawn is not None and one.withdrawn_at is not None:
        _hold(
            withdrawn,
            "consent.withdrawn",
            one.organisation_id,
            one.withdrawn_at,
            object={"consent": one.id},
        )


def hold_release(job: ExportJob, detail: Mapping[str, Json], said: Said) -> None:
    """Who released an export, when, and which entries it is to hold. Raises RowsDiffer."""
    if job.decided_at is None or not {"object", "detail"} <= said.values.keys():
        raise RowsDiffer(said.entry.n)
    _hold(
        said,
        "export.released",
        job.organisation_id,
        job.decided_at,
        actor={"staff": job.decided_by},
        object={"export": job.id},
        detail=detail,
    )


def hold_answer(one: StoredAnswer, said: Said | None) -> None:
    """Who answered, when, and for whom. Raises RowsDiffer."""
    if said is None:
        return
    _hold(
        said,
        said.entry.op,
        one.organisation_id,
        one.at,
        actor={"staff": one.by_staff},
        object={"case": one.case_id, "note": one.note_id, "version": one.version},
        detail={"recipient": one.recipient_id, "purpose": one.purpose},
    )


def hold_answered(
    one: StoredAnswer, answered: Assessment | Circumstance, said: Said | None
) -> None:
    """What was asked and answered, where the entry tells it. Raises RowsDiffer."""
    place = "assessments" if isinstance(answered, Assessment) else "circumstances"
    told = said.values.get("detail", {}).get(place) if said else None
    if said is None or not isinstance(told, list):
        return
    question = (
        {"statement": answered.statement}
        if isinstance(answered, Assessment)
        else {"fact": answered.fact}
    )
    if {"person": one.subject_id, "answer": answered.answer, **question} not in told:
        raise RowsDiffer(said.entry.n)


def hold_versions(tx: Transaction, entries: Sequence[Said]) -> None:
    """That each version of a note which one of the entries wrote is there, and is the very one that
    was written. One query. Raises RowsDiffer."""
    told: dict[tuple[str, int], Entry] = {}
    for said in entries:
        about = said.values.get("object", {})
        note, version = about.get("note"), about.get("version")
        writes = (said.entry.op in WRITES_NOTE, said.entry.res) == (True, "allow")
        if writes and isinstance(note, str) and isinstance(version, int):
            told[note, version] = said.entry
    kept = hashes_of_versions(tx, {note for note, _ in told}) if told else {}
    for place, entry in told.items():
        if place not in kept or entry.ct not in (None, kept[place]):
            raise RowsDiffer(entry.n)


def _hold(
    said: Said,
    op: str,
    organisation_id: str,
    at: datetime,
    *,
    law: tuple[tuple[str, ...] | None, str] | None = None,
    **parts: Mapping[str, object],
) -> None:
    entry = said.entry
    holds = (entry.op, entry.org) == (op, organisation_id) and made_at(entry.id, at)
    if law is not None:
        grounds, pack = law
        holds &= grounds is None or (entry.rule or "") == ",".join(grounds)
        holds &= entry.pol in (None, pack)
    for name, opened in said.values.items():
        wanted = parts.get(name, {})
        holds &= all(opened.get(key) == value for key, value in wanted.items())
    if not holds:
        raise RowsDiffer(entry.n)


def _tells(said: Said, name: str) -> bool:
    return name in said.values.get("detail", {})


def made_at(entry_id: str, at: datetime) -> bool:
    """Whether the flow that made the entry decided at that instant, to the millisecond.

    By its id: an entry's own time is later where the log's clock was.
    """
    return int(entry_id.replace("-", "")[:12], 16) == int(at.timestamp() * 1000)


@dataclass(frozen=True)
class Unresting:
    """The entry of a disclosure, a consent that it rests on, and why that did not hold."""

    n: int
    consent_id: str
    why: Literal["withdrawn", "outside"]


@dataclass
class Owed:
    """Rows that entries of an export say were made or ended, until each has been told."""

    made: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)
    """Rows made within the export: one from before its period may end in it, and is not told."""
    answers: dict[int, int] = field(default_factory=dict)
    """How many answers each entry tells that no row has been told for."""
    lasting: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Each consent that was recorded within it, with its first and last legal day."""
    withdrawn: dict[str, int] = field(default_factory=dict)
    """Each consent that was withdrawn within it, with the entry that says so."""
    unresting: list[Unresting] = field(default_factory=list)
    """Disclosures of it that rest on a consent which did not hold, by what the entries say."""

    def entry(self, row: Mapping[str, object]) -> None:
        """One entry, as it goes by."""
        if made := _named_by(row, _MAKES):
            self.made[made] = int(str(row["n"]))
            self.here.add(made)
        self._consent(row)
        if answers := _answers_in(row):
            self.answers[int(str(row["n"]))] = answers
        for ended in (_named_by(row, _ENDS), *_stopped_by(row)):
            if ended:
                self.ended[ended] = int(str(row["n"]))

    def _consent(self, row: Mapping[str, object]) -> None:
        about, detail = row["about"], row["detail"]
        if not isinstance(about, Mapping) or not isinstance(detail, Mapping):
            return
        named = str(about.get("consent", ""))
        if row["act"] == "consent.recorded" and {"from", "until"} <= detail.keys():
            self.lasting[named] = (str(detail["from"]), str(detail["until"]))
        if row["act"] == "consent.withdrawn":
            self.withdrawn[named] = int(str(row["n"]))

    def note_consents(self, made: Disclosure, said: Said | None) -> None:
        """Each consent a disclosure rests on that was withdrawn before it, or did not last then, by
        what the entries say. It is told, and the export is written: what was done wrong must be
        possible to tell of. Law: OSL 12 kap. 2 §"""
        if said is None:
            return
        day = legal_day(made.decided_at).isoformat()
        for one in made.consents:
            first, last = self.lasting.get(one, (day, day))
            if self.withdrawn.get(one, said.entry.n) < said.entry.n:
                self.unresting.append(Unresting(said.entry.n, one, "withdrawn"))
            if not first <= day <= last:
                self.unresting.append(Unresting(said.entry.n, one, "outside"))

    def answered(self, said: Said | None) -> None:
        """An answer kept with the entry is in its table."""
        if said is not None and said.entry.n in self.answers:
            self.answers[said.entry.n] -= 1

    def told(self, row_id: str, *, ended: bool = False) -> None:
        """The row is in its table, and there told as ended or not."""
        self.made.pop(row_id, None)
        if ended:
            self.ended.pop(row_id, None)

    def settle(self) -> None:
        """Raises RowsDiffer for the first entry whose row is not there, or lacks its end."""
        left = [*self.made.values(), *(n for one, n in self.ended.items() if one in self.here)]
        left += [n for n, answers in self.answers.items() if answers > 0]
        if left:
            raise RowsDiffer(min(left))


def _named_by(row: Mapping[str, object], places: Mapping[str, tuple[str, str]]) -> str | None:
    part, name = places.get(str(row["act"]), ("about", ""))
    value = row[part]
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else None


def _answers_in(row: Mapping[str, object]) -> int:
    """How many answers an entry tells that were kept with it: with a disclosure, a question to
    whoever approves, and a refusal that the law was asked about."""
    detail = row["detail"]
    if not isinstance(detail, Mapping):
        return 0
    kept = row["act"] in ("note.disclosed", "approval.asked")
    if not kept and not (row["act"] == "note.disclosure_refused" and "refusal" in detail):
        return 0
    both = (detail.get("assessments"), detail.get("circumstances"))
    return sum(len(one) for one in both if isinstance(one, list))


def _stopped_by(row: Mapping[str, object]) -> list[str]:
    """Disclosures that the withdrawal of a consent stopped on their way."""
    detail = row["detail"] if row["act"] == "consent.withdrawn" else {}
    stopped = detail.get("stopped") if isinstance(detail, Mapping) else None
    return [str(one) for one in stopped] if isinstance(stopped, list) else []
