"""The trail of a case in words: who, as what, did what, with which result, and whether it holds.

Notes and persons are numbered in the order in which the trail meets them, because whoever reviews
reads the trail and not the notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from app.domain.subject import RELATIONS
from app.flows.review_trail import Trail, TrailRow
from app.web.case_page import named
from app.web.language import current_language
from app.web.law_words import category_label, label, purpose_label
from app.web.person_words import RELATION_WORDS
from app.web.trail_sentences import CHECKS, OUTCOMES, REASONS, RESULTS, SENTENCES, WAITING
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


def trail_lines(trail: Trail, law: Law) -> list[TrailLine]:
    """Every row, newest first as the trail has them."""
    teller = _Teller(trail, law)
    return [teller.line(row) for row in trail.rows]


class _Teller:
    def __init__(self, trail: Trail, law: Law) -> None:
        self.trail, self.law = trail, law
        oldest_first = trail.rows[::-1]
        self.notes = _numbered(one for row in oldest_first for one in _note_ids(row))
        self.persons = _numbered(one for row in oldest_first for one in _person_ids(row))

    def line(self, row: TrailRow) -> TrailLine:
        checked = isinstance(row.check, Checked)
        reason = "" if isinstance(row.check, Checked) else row.check.reason
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
            alarming=not checked and reason not in WAITING,
        )

    def _who(self, row: TrailRow) -> str:
        member = self.trail.staff.get(row.entry.staff_id or "")
        return named(member) or str(gettext("Någon som inte kan namnges"))

    def _roles(self, row: TrailRow) -> str:
        roles = self.law.vocabulary.roles
        codes = _text(row.actor, "roles").split()
        return ", ".join(label(roles.get(code), code) for code in codes)

    def _sentence(self, row: TrailRow) -> str:
        sentence = SENTENCES.get(row.entry.op)
        if sentence is None:
            return row.entry.op
        relation = next((one for one in RELATIONS if one == row.detail.get("relation")), None)
        blanks = {
            "note": self._note(row),
            "version": str(row.about.get("version", "")),
            "recipient": self._organisation(row.detail.get("recipient")),
            "sender": self._organisation(row.detail.get("sender")),
            "reason": str(REASONS.get(_text(row.detail, "reason"), "")),
            "relation": str(RELATION_WORDS[relation]) if relation else "",
        }
        return f"{sentence}" % blanks

    def _note(self, row: TrailRow) -> str:
        found = [str(number) for number in sorted(self.notes[one] for one in _note_ids(row))]
        if len(found) == 1:
            return str(gettext("anteckning %(number)s", number=found[0]))
        return str(gettext("anteckningarna %(numbers)s", numbers=", ".join(found)))

    def _organisation(self, known: Json) -> str:
        if not known:
            return str(gettext("alla organisationer"))
        found = self.trail.organisations.get(str(known))
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
            yield term, "; ".join(self._rule(rule) for rule in row.rules)
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
        if item := _text(detail, "delegation"):
            yield gettext("Delegation"), gettext("punkt %(item)s", item=item)

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
        return f"{sentence} ({gettext('person %(number)s', number=number)}): {answer}"

    def _consent(self, answer: str, detail: Mapping[str, Json]) -> str:
        if answer != "given":
            return str(gettext("nej till samtycke"))
        until = _text(detail, "until")
        return str(gettext("samtycke till och med %(day)s", day=until))

    def _rule(self, rule_id: str) -> str:
        rule = self.law.rules.get(rule_id)
        if rule is None:
            return rule_id
        title = rule.en if current_language() == "en" else rule.sv
        return f"{title} ({', '.join(written_out(cite) for cite in rule.cite)})"


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
