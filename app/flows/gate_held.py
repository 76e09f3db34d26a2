"""What a disclosure rests on, held against the log of its case before the law is asked.

Consents, versions of notes, answers and approvals are rows that whoever has the database's password
can write, for a moment, and put back. So each that the law would be told of is held to the entry
that made or ended it, found by the log and not by what the row names. What the log no longer says,
because that has been erased or pruned by decision, is taken as the row has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.domain.consent import Consent
from app.domain.disclosure import Intent
from app.fact_finding import Gathered
from app.flows.access_held import has_left
from app.flows.access_log import AccessLog
from app.flows.cases_held import MOST_ENTRIES, hold_cases
from app.flows.find_case import OpenCase
from app.flows.rows_held import WRITES_NOTE, RowsDiffer, Said, hold_consent, made_at
from app.flows.trail_rows import TrailRow, checked_rows
from app.records.audit_view import EntryFilter, entries_found
from app.records.case_access import TeamPlace
from app.records.note import StoredNote, newest_head
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Field
from audit.pruning import CASE_GONE_OP

Unlike = Literal[
    "index_differs",
    "note_differs",
    "consent_withdrawn",
    "consent_differs",
    "answer_differs",
    "approval_differs",
    "delegation_differs",
    "team_differs",
]
"""What says otherwise than the log: the index of entries, by which none is then surely found; the
newest version of the note; a consent that was withdrawn; another about somebody whom the note
describes; what was assessed for this recipient; a supervisor's answer; the delegation that it would
be decided under; or the place in the team of whoever decides."""
_KEEPS_ANSWERS = {
    "note.disclosed",
    "note.disclosure_refused",
    "approval.asked",
    "approval.ask_refused",
}
_ANSWERS = {"approval.given": "yes", "approval.refused": "no"}


def hold_to_log(
    tx: Transaction, opened: OpenCase, note: StoredNote, gathered: Gathered, intent: Intent
) -> Gathered | Unlike:
    """What was gathered, without each yes that has lapsed, or what of it is not as logged."""
    log = read_case_log(tx, opened)
    if log is None:
        return "index_differs"
    if not log.has_in_team(opened.places):
        return "team_differs"
    return log.unlike(note, gathered, intent) or log.as_asked(gathered, intent)


def read_case_log(tx: Transaction, opened: OpenCase) -> CaseLog | None:
    """What the log says of the case; None where the index of entries says otherwise, by which none
    is then surely found. As many queries however many entries there are. The case must be held, or
    a row may be newer than what is read of the log."""
    keys = {opened.key.key_id: opened.key}
    held = hold_cases(tx, [opened.case.id], opened.ring, keys)
    return None if held.unlike else CaseLog(held.rows)


def unlike_newest(
    tx: Transaction, opened: OpenCase, stored: Sequence[StoredNote]
) -> tuple[StoredNote, ...]:
    """Those newest versions of notes in the case that are not the newest that entries tell of.

    Three queries of the entries that wrote notes, and one more for each that differs.
    """
    which = EntryFilter(case_ids=(opened.case.id,), ops=WRITES_NOTE)
    own = opened.case.organisation_id
    seen = entries_found(tx, own, which, most=MOST_ENTRIES)
    rows = checked_rows(tx, seen, opened.ring, {opened.key.key_id: opened.key}, None)
    older = (one for one in stored if not is_newest(rows, one))
    # Read once more, because a correction may have come after the version and before its entry.
    return tuple(one for one in older if newest_head(tx, one.note_id) == replace(one, body=None))


def is_newest(rows: Iterable[TrailRow], note: StoredNote) -> bool:
    """Whether the version is the newest that `rows` tell of its note, and the very one written."""
    written = [row for row in rows if _about_note(row, WRITES_NOTE, note.note_id)]
    newest = max((_number(row) for row in written), default=0)
    last = [row for row in written if _number(row) == newest]
    if newest == 0:
        return True
    # Two entries of one version: one was deleted, and another written in its place.
    alone = len(last) == 1 and note.version >= newest
    return alone and (note.version > newest or _wrote(last[0], note))


def _wrote(row: TrailRow, note: StoredNote) -> bool:
    """Whether the entry is of the writing of this very version, by whom and when the row says."""
    if row.leaf is None:
        return True
    text, author = row.leaf.ct in (None, note.ct_hash), row.actor.get("staff", note.author_id)
    return text and author == note.author_id and made_at(row.leaf.id, note.written_at)


@dataclass(frozen=True)
class CaseLog:
    """What the entries of a case say, newest first."""

    rows: Sequence[TrailRow]

    def has_in_team(self, places: Sequence[TeamPlace]) -> bool:
        """Whether one of somebody's places in the team has not ended, by the whole of the log."""
        told = [said for row in reversed(self.rows) if (said := _said(row)) is not None]
        return any(not has_left(one, AccessLog(told, {})) for one in places)

    def unlike(self, note: StoredNote, gathered: Gathered, intent: Intent) -> Unlike | None:
        """What is not as the log says, None where all is."""
        if not is_newest(self.rows, note):
            return "note_differs"
        if reason := self._unlike_consent(gathered):
            return reason
        if not self._has_answers(gathered, intent):
            return "answer_differs"
        return None if self._has_approvals(gathered, intent) else "approval_differs"

    def as_asked(self, gathered: Gathered, intent: Intent) -> Gathered:
        """Without each yes that was given to something else than `intent` states.

        Who approves has seen what the asker stated. Law: OSL 10 kap. 15 a §
        """
        lapsed = {
            one.id
            for one in gathered.approvals_for(intent)
            if one.answer == "yes" and not self._approved(one.id, gathered, intent)
        }
        kept = tuple(one for one in gathered.approvals if one.id not in lapsed)
        return replace(gathered, approvals=kept)

    def _approved(self, approval_id: str, gathered: Gathered, intent: Intent) -> bool:
        for place, row in enumerate(self.rows):
            named = row.about.get("approvals")
            if row.entry.op != "approval.asked" or not isinstance(named, list):
                continue
            if approval_id in named:
                same = all(row.detail.get(name) == it for name, it in stated(intent).items())
                before = self._told("circumstances", "fact", self.rows[place:], intent)
                return same and before == _circumstances(gathered, intent)
        return False

    def stated_with(self, approval_id: str) -> Mapping[str, Json]:
        """What was stated when an approval was asked for; empty where no entry says."""
        asked = (row for row in self.rows if row.entry.op == "approval.asked")
        named = ((row.about.get("approvals"), row.detail) for row in asked)
        return next((it for ids, it in named if isinstance(ids, list) and approval_id in ids), {})

    def _told(
        self, kind: str, asks: str, rows: Sequence[TrailRow], intent: Intent
    ) -> dict[tuple[str, str], Json]:
        """The latest answer to each question about each person, as entries tell it."""
        told: dict[tuple[str, str], Json] = {}
        for row in reversed(rows):
            if _asked(row, intent) and row.entry.op in _KEEPS_ANSWERS and _kept(row):
                answers = row.detail.get(kind)
                for one in answers if isinstance(answers, list) else []:
                    if isinstance(one, Mapping):
                        told[str(one["person"]), str(one[asks])] = one["answer"]
        return told

    def _unlike_consent(self, gathered: Gathered) -> Unlike | None:
        """Of those about persons whom the note describes."""
        described = gathered.note.head.described
        recorded = self._by_consent("consent.recorded")
        withdrawn = self._by_consent("consent.withdrawn")
        kept = {one.id: one for one in gathered.consents}
        for consent_id, row in recorded.items():
            if consent_id not in kept and row.about.get("subject") in described:
                return "consent_differs"
        for one in gathered.consents:
            if one.terms.subject_id not in described and one.id not in recorded:
                continue
            if one.withdrawn_at is None and one.id in withdrawn:
                return "consent_withdrawn"
            if not self._holds(one, recorded.get(one.id), withdrawn.get(one.id)):
                return "consent_differs"
        return None

    def _by_consent(self, op: str) -> dict[str, TrailRow]:
        return {str(row.about["consent"]): row for row in self.rows if _is(row, op, "consent")}

    def _holds(self, one: Consent, made: TrailRow | None, ended: TrailRow | None) -> bool:
        if made is None:
            return self._made_and_erased(one)
        try:
            hold_consent(one, _said(made), _said(ended))
        except RowsDiffer:
            return False
        return True

    def _made_and_erased(self, one: Consent) -> bool:
        """Whether its entry is gone by decision, or no longer says which consent it made."""
        return any(
            row.entry.op == CASE_GONE_OP
            or (
                row.entry.op == "consent.recorded"
                and "object" in row.erased
                and made_at(row.entry.id, one.recorded_at)
            )
            for row in self.rows
        )

    def _has_answers(self, gathered: Gathered, intent: Intent) -> bool:
        """Whether the latest answer to each question is the one that was last given."""
        kept = {
            (one.assessment.subject_id, one.assessment.statement): one.assessment.answer
            for one in gathered.assessments_for(intent)
        }
        told = self._told("assessments", "statement", self.rows, intent)
        return all(kept.get(asked) == answer for asked, answer in told.items())

    def _has_approvals(self, gathered: Gathered, intent: Intent) -> bool:
        """Whether each answer that was given by somebody is there."""
        kept = {one.id: one.answer for one in gathered.approvals_for(intent)}
        return all(
            kept.get(str(row.about.get("approval"))) == _ANSWERS[row.entry.op]
            for row in self.rows
            if row.entry.op in _ANSWERS and _asked(row, intent)
        )


def stated(intent: Intent) -> dict[str, Json]:
    """What the asker states, besides about persons, that the law reads."""
    return {
        "initiative": intent.initiative,
        "requester_verified": intent.requester_verified,
        "investigation_open": intent.investigation_open,
        "out_of_the_ordinary": [*sorted(intent.quiet)],
    }


def _circumstances(gathered: Gathered, intent: Intent) -> dict[tuple[str, str], Json]:
    """As the law would be told them: those on record, and those of the intent after them."""
    recorded = [
        one.circumstance
        for one in gathered.circumstances
        if (one.recipient_id, one.purpose) == (intent.recipient_id, intent.purpose)
    ]
    both = (*recorded, *intent.circumstances)
    return {(one.subject_id, one.fact): one.answer for one in both}


def _said(row: TrailRow | None) -> Said | None:
    if row is None or row.leaf is None:
        return None
    parts: dict[Field, Mapping[str, Json]] = {
        "actor": row.actor,
        "object": row.about,
        "detail": row.detail,
    }
    return Said(row.leaf, {name: part for name, part in parts.items() if part})


def _is(row: TrailRow, op: str, about: str) -> bool:
    return row.entry.op == op and row.entry.res == "allow" and about in row.about


def _about_note(row: TrailRow, ops: Iterable[str], note_id: str) -> bool:
    return row.entry.op in ops and row.entry.res == "allow" and row.about.get("note") == note_id


def _number(row: TrailRow) -> int:
    version = row.about.get("version")
    return version if isinstance(version, int) else 0


def _asked(row: TrailRow, intent: Intent) -> bool:
    """Whether it is about exactly this version, recipient and purpose."""
    about, detail = row.about, row.detail
    return (
        about.get("note"),
        about.get("version"),
        detail.get("recipient"),
        detail.get("purpose"),
    ) == (intent.note_id, intent.version, intent.recipient_id, intent.purpose)


def _kept(row: TrailRow) -> bool:
    """Whether what was answered was kept with it: not where the law was never asked."""
    if row.entry.op == "note.disclosure_refused":
        return "refusal" in row.detail
    return row.detail.get("reason") != "newer_version"
