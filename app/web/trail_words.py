"""The trail of a case in words: who, as what, did what, with which result, and whether it holds.

Notes and persons are numbered in the order in which the trail meets them, because whoever reviews
reads the trail and not the notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext, ngettext

from app.domain.case import Case
from app.domain.organisation import Organisation
from app.domain.staff import StaffMember
from app.domain.subject import RELATIONS
from app.flows.review_trail import Trail
from app.flows.trail_page import TrailFound, UnlikeFound
from app.flows.trail_rows import TrailRow, colleague_in
from app.web.case_page import named
from app.web.language import current_language
from app.web.law_words import category_label, label, purpose_label
from app.web.person_words import CORRECTED, RELATION_WORDS
from app.web.site import law_of_day
from app.web.trail_sentences import (
    CHECKS,
    OUTCOMES,
    REASONS,
    RESULTS,
    SEARCH_FIELDS,
    SENTENCES,
    WAITING,
)
from app.web.unlike_words import UNLIKE
from audit.canonical import Json
from audit.check import Checked
from policies import Law
from policies.selectors import written_out


@dataclass(frozen=True, kw_only=True)
class TrailLine:
    """One entry as a row."""

    n: int
    at: datetime
    who: str
    roles: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    result: str
    denied: bool
    verified: bool
    check: str
    alarming: bool
    """Not verified for another reason than that the log has not been sealed since."""
    witnessed: bool | None
    """None where no witness is asked: then none is waited for either."""
    case_id: str | None = None
    reference: str = ""


def trail_lines(trail: Trail, law: Law, rows: Iterable[TrailRow]) -> list[TrailLine]:
    """Some rows of one case's trail, its notes and persons numbered as the whole trail has them."""
    oldest_first = trail.rows[::-1]
    teller = _Teller(
        law=law,
        staff=trail.staff,
        organisations=trail.organisations,
        witnessed_to=trail.witnessed_to,
        notes=_numbered(one for row in oldest_first for one in _note_ids(row)),
        persons=_numbered(one for row in oldest_first for one in _person_ids(row)),
    )
    return [teller.line(row) for row in rows]


def found_lines(found: TrailFound, law: Law) -> list[TrailLine]:
    """The rows of a search, each with its case's number. A page numbers no notes: it is a part."""
    teller = _Teller(
        law=law,
        staff=found.staff,
        organisations=found.organisations,
        witnessed_to=found.witnessed_to,
        cases=found.cases,
    )
    return [teller.line(row) for row in found.rows]


@dataclass(frozen=True, kw_only=True)
class UnlikeTold:
    """Where the index of entries says something else than the log, for a page to tell."""

    count: int
    numbers: str
    """The first of them; empty where none can be named."""
    lines: list[TrailLine]


def unlike_told(unlike: UnlikeFound, law: Law) -> UnlikeTold | None:
    """None where the index says what the log says."""
    if not unlike.count:
        return None
    return UnlikeTold(
        count=unlike.count,
        numbers=", ".join(str(n) for n in unlike.indices),
        lines=found_lines(unlike.found, law) if unlike.found else [],
    )


def alarming(row: TrailRow) -> bool:
    """Whether it is not verified, for another reason than that nothing was sealed since."""
    return bool(reason := _unchecked(row)) and reason not in WAITING


def _unchecked(row: TrailRow) -> str:
    return "" if isinstance(row.check, Checked) else row.check.reason


@dataclass(frozen=True, kw_only=True)
class _Teller:
    law: Law
    staff: Mapping[str, StaffMember]
    organisations: Mapping[str, Organisation]
    witnessed_to: int | None
    notes: Mapping[str, int] = field(default_factory=dict)
    persons: Mapping[str, int] = field(default_factory=dict)
    cases: Mapping[str, Case] = field(default_factory=dict)

    def line(self, row: TrailRow) -> TrailLine:
        checked = isinstance(row.check, Checked)
        reason = _unchecked(row)
        case = self.cases.get(row.entry.case_id or "")
        return TrailLine(
            n=row.entry.n,
            at=row.entry.at,
            who=self._who(row),
            roles=self._roles(row),
            sentence=self._sentence(row),
            facts=tuple(self._facts(row)),
            result=str(RESULTS.get(row.entry.res, row.entry.res)),
            denied=row.entry.res != "allow",
            verified=checked,
            check=str(CHECKS.get(reason, reason)) if reason else "",
            alarming=alarming(row),
            witnessed=(
                None if self.witnessed_to is None else checked and row.entry.n < self.witnessed_to
            ),
            case_id=case.id if case else None,
            reference=case.reference if case else "",
        )

    def _who(self, row: TrailRow) -> str:
        if row.receipt:
            return self._organisation(row.entry.organisation_id)
        member = self.staff.get(row.entry.staff_id or "")
        if "actor" in row.erased:
            return str(gettext("Vem det var är gallrat"))
        if operator := _text(row.actor, "operator"):
            return str(gettext("Teknikern %(name)s", name=operator))
        return named(member) or str(gettext("Någon som inte kan namnges"))

    def _roles(self, row: TrailRow) -> str:
        roles = self.law.vocabulary.roles
        codes = _text(row.actor, "roles").split()
        return ", ".join(label(roles.get(code), code) for code in codes)

    def _sentence(self, row: TrailRow) -> str:
        if row.receipt:
            return str(gettext("registrerade det som ni har lämnat ut. Vem det var är deras eget."))
        sentence = SENTENCES.get(row.entry.op)
        if sentence is None:
            return row.entry.op
        if "%(" in str(sentence) and row.erased - {"actor"}:
            # Blanks that nothing can fill would say what was not so.
            return str(gettext("gjorde något. Vad det gällde är gallrat."))
        relation = next((one for one in RELATIONS if one == row.detail.get("relation")), None)
        blanks = {
            "note": self._note(row),
            "version": str(row.about.get("version", "")),
            "recipient": self._organisation(row.detail.get("recipient")),
            "sender": self._organisation(row.detail.get("sender")),
            "reason": str(REASONS.get(_text(row.detail, "reason"), "")),
            "colleague": self._colleague(row),
            "by": self._searched_by(row),
            "entries": str(row.detail.get("entries", "")),
            "relation": str(RELATION_WORDS[relation]) if relation else "",
        }
        return f"{sentence}" % blanks

    def _colleague(self, row: TrailRow) -> str:
        member = self.staff.get(colleague_in(row) or "")
        return named(member) or str(gettext("någon som inte kan namnges"))

    def _searched_by(self, row: TrailRow) -> str:
        codes = _text(row.detail, "by").split()
        # Other kinds of entry have told something else by that name, and what is in the log stays.
        fields = [str(SEARCH_FIELDS[one]) for one in codes if one in SEARCH_FIELDS]
        return str(gettext(" efter %(fields)s", fields=", ".join(fields))) if fields else ""

    def _note(self, row: TrailRow) -> str:
        notes = _note_ids(row)
        if not self.notes:
            return str(ngettext("en anteckning", "%(num)s anteckningar", max(len(notes), 1)))
        found = [str(number) for number in sorted(self.notes[one] for one in notes)]
        if len(found) == 1:
            return str(gettext("anteckning %(number)s", number=found[0]))
        return str(gettext("anteckningarna %(numbers)s", numbers=", ".join(found)))

    def _organisation(self, known: Json) -> str:
        if not known:
            return str(gettext("alla organisationer"))
        found = self.organisations.get(str(known))
        return found.name if found else str(known)

    def _facts(self, row: TrailRow) -> Iterable[tuple[str, str]]:
        detail = row.detail
        if purpose := _text(detail, "purpose"):
            yield gettext("Ändamål"), purpose_label(purpose)
        if category := _text(detail, "category"):
            yield gettext("Slags uppgift"), category_label(category)
        if outcome := _text(detail, "outcome"):
            yield gettext("Lagens svar"), str(OUTCOMES.get(outcome, outcome))
        if row.rules:
            denied = row.entry.res == "deny"
            term = gettext("Regler i vägen") if denied else gettext("Regler")
            yield term, "; ".join(self._rule(rule, row.pack) for rule in row.rules)
        if answers := list(self._assessments(detail)):
            yield gettext("Bedömningar"), "; ".join(answers)
        if initiative := _text(detail, "initiative"):
            told = {
                "own": gettext("eget initiativ"),
                "request": gettext("på begäran"),
                "unknown": gettext("inte angivet"),
            }
            yield gettext("Initiativ"), told.get(initiative, initiative)
        if answer := _text(detail, "answer"):
            yield gettext("Svar"), self._consent(answer, detail)
        if detail.get("unlike_log"):
            yield gettext("Stämmer inte med loggen"), str(UNLIKE["note_differs"])
        yield from _further_facts(detail)

    def _assessments(self, detail: Mapping[str, Json]) -> Iterable[str]:
        made = detail.get("assessments")
        for one in made if isinstance(made, list) else []:
            if isinstance(one, dict):
                yield self._assessment(one)

    def _assessment(self, made: Mapping[str, Json]) -> str:
        answer = gettext("ja") if made.get("answer") == "yes" else gettext("nej")
        condition = self.law.vocabulary.conditions.get(_text(made, "statement"))
        sentence = label(condition, _text(made, "statement"))
        if len(self.persons) < 2:
            return f"{sentence}: {answer}"
        number = self.persons.get(_text(made, "person"), "")
        person = gettext("person %(number)s", number=number)
        return f"{sentence} ({person}): {answer}"

    def _consent(self, answer: str, detail: Mapping[str, Json]) -> str:
        if answer != "given":
            return str(gettext("nej till samtycke"))
        until = _text(detail, "until")
        return str(gettext("samtycke till och med %(day)s", day=until))

    def _rule(self, rule_id: str, pack: str) -> str:
        """By the pack that decided, because a rule may since say something else."""
        rule = (law_of_day(pack) or self.law).rules.get(rule_id)
        if rule is None:
            return rule_id
        title = rule.en if current_language() == "en" else rule.sv
        return f"{title} ({', '.join(written_out(cite) for cite in rule.cite)})"


def _further_facts(detail: Mapping[str, Json]) -> Iterable[tuple[str, str]]:
    if detail.get("approvals"):
        yield gettext("Godkännande"), gettext("lämnat av en arbetsledare före beslutet")
    if why := _text(detail, "why"):
        yield gettext("Skäl"), why
    if item := _text(detail, "delegation"):
        yield gettext("Delegation"), gettext("punkt %(item)s", item=item)
    if detail.get("marked"):
        yield gettext("Skydd"), gettext("märkt sedan tidigare, och märket följde med")
    if detail.get("another"):
        yield (
            gettext("Skydd"),
            gettext("någon annan än en skyddad person med samma namn, enligt svar"),
        )
    if corrected := [str(word) for name, word in CORRECTED.items() if _is_corrected(name, detail)]:
        yield gettext("Ändrade uppgifter"), ", ".join(corrected)
    if isinstance(n := detail.get("entry"), int):
        yield gettext("Gäller post"), str(n)


def _is_corrected(name: str, detail: Mapping[str, Json]) -> bool:
    if name == "protected":
        before = detail.get("protected_before")
        return before is not None and before != detail.get("protected")
    changed = detail.get("changed")
    return isinstance(changed, list) and name in changed


def _numbered(ids: Iterable[str]) -> dict[str, int]:
    return {one: number for number, one in enumerate(dict.fromkeys(ids), 1)}


def _note_ids(row: TrailRow) -> list[str]:
    if note := row.about.get("note"):
        return [str(note)]
    notes = row.about.get("notes")
    found = notes if isinstance(notes, list) else []
    return list(dict.fromkeys(str(one).partition("/")[0] for one in found))


def _person_ids(row: TrailRow) -> list[str]:
    described = row.detail.get("described")
    return [str(one) for one in described] if isinstance(described, list) else []


def _text(told: Mapping[str, Json], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
