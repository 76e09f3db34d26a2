"""One person's leave to tell one recipient one kind of information, for one purpose, until a day.

Consent lifts secrecy that protects the one who gives it. It is never a GDPR basis, never asked
for where a duty applies, and its withdrawal undoes nothing that has arrived.
Law: OSL 10 kap. 1 §, 12 kap. 2 §
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from app.domain.problem import Problem
from app.domain.subject import parse_day

Giver = Literal["subject", "guardian"]
"""`guardian` means every guardian who must decide. Law: FB 6 kap. 11, 13 §§"""
Answer = Literal["given", "refused"]
Form = Literal["written", "oral"]
State = Literal["given", "refused", "withdrawn", "expired", "not_yet_valid", "lapsed_18"]

LONGEST_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class ConsentTerms:
    """What was asked and answered. Dates are legal days in Sweden, both inclusive."""

    subject_id: str
    giver: Giver
    answer: Answer
    form: Form
    recipient_id: str
    category: str
    purpose: str
    valid_from: date
    valid_until: date

    def told(self) -> dict[str, str]:
        """What the log and an export tell of them, besides whom they are about."""
        return {
            "giver": self.giver,
            "answer": self.answer,
            "form": self.form,
            "recipient": self.recipient_id,
            "category": self.category,
            "purpose": self.purpose,
            "from": self.valid_from.isoformat(),
            "until": self.valid_until.isoformat(),
        }


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A recorded consent or refusal. Times are aware UTC."""

    id: str
    organisation_id: str
    case_id: str
    terms: ConsentTerms
    recorded_at: datetime
    withdrawn_at: datetime | None = None

    def covers(self, *, subject_id: str, recipient_id: str, category: str, purpose: str) -> bool:
        """Whether it speaks of exactly this. A wider reading would be a blanket consent."""
        terms = self.terms
        return (terms.subject_id, terms.recipient_id, terms.category, terms.purpose) == (
            subject_id,
            recipient_id,
            category,
            purpose,
        )

    def state(self, *, on: date, at: datetime, adult_from: date | None) -> State:
        """Its state at an instant and legal day. Withdrawal counts from its own instant.

        `adult_from` is the subject's eighteenth birthday, None while the birth date is unknown.
        """
        if self.terms.answer == "refused":
            return "refused"
        if self.withdrawn_at is not None and at >= self.withdrawn_at:
            return "withdrawn"
        if on < self.terms.valid_from:
            return "not_yet_valid"
        if on > self.terms.valid_until:
            return "expired"
        if self.terms.giver == "guardian" and adult_from is not None and on >= adult_from:
            return "lapsed_18"
        return "given"


def parse_consent(
    typed: Mapping[str, str],
    *,
    subjects: Collection[str],
    recipients: Collection[str],
    categories: Collection[str],
    purposes: Collection[str],
    on: date,
) -> ConsentTerms | list[Problem]:
    """The form's fields as terms, or every problem in them."""
    problems: list[Problem] = []
    for name, known in (
        ("subject_id", subjects),
        ("recipient_id", recipients),
        ("category", categories),
        ("purpose", purposes),
        ("giver", ("subject", "guardian")),
        ("answer", ("given", "refused")),
        ("form", ("written", "oral")),
    ):
        if typed.get(name, "") not in known:
            problems.append(Problem(field=name, code="choose_one"))
    start = parse_day(typed.get("valid_from", "")) if typed.get("valid_from", "").strip() else on
    until = parse_day(typed.get("valid_until", ""))
    if start is None:
        problems.append(Problem(field="valid_from", code="date_form"))
    if until is None:
        problems.append(Problem(field="valid_until", code="date_form"))
    if start is not None and until is not None:
        problems += _span(start, until, on)
    if problems or start is None or until is None:
        return problems
    return ConsentTerms(
        subject_id=typed["subject_id"],
        giver="guardian" if typed["giver"] == "guardian" else "subject",
        answer="refused" if typed["answer"] == "refused" else "given",
        form="oral" if typed["form"] == "oral" else "written",
        recipient_id=typed["recipient_id"],
        category=typed["category"],
        purpose=typed["purpose"],
        valid_from=start,
        valid_until=until,
    )


def _span(start: date, until: date, on: date) -> list[Problem]:
    if until < start:
        return [Problem(field="valid_until", code="until_before_from")]
    if until < on:
        return [Problem(field="valid_until", code="until_in_the_past")]
    if (until - start).days > LONGEST_DAYS:
        return [Problem(field="valid_until", code="too_far", values={"days": LONGEST_DAYS})]
    return []
