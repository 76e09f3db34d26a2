"""How a consent is spoken of: its state, who gave it, in what form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import LazyString, lazy_gettext

from app.domain.consent import Consent, State
from app.domain.legal_day import birthday
from app.domain.organisation import Organisation
from app.domain.subject import CasePerson, Subject
from app.web.law_words import category_label, purpose_label

ADULT_YEARS = 18
"""Law: FB 9 kap. 1 §"""

STATE_WORDS: dict[State, LazyString] = {
    "given": lazy_gettext("Gäller"),
    "refused": lazy_gettext("Nej till samtycke"),
    "withdrawn": lazy_gettext("Återkallat"),
    "expired": lazy_gettext("Har gått ut"),
    "not_yet_valid": lazy_gettext("Har inte börjat gälla"),
    "lapsed_18": lazy_gettext("Upphörde på 18-årsdagen"),
}
STATE_COLORS: dict[State, str] = {"given": "success", "not_yet_valid": "info"}
GIVER_WORDS = {
    "subject": lazy_gettext("personen själv"),
    "guardian": lazy_gettext("vårdnadshavarna"),
}
FORM_WORDS = {"written": lazy_gettext("skriftligt"), "oral": lazy_gettext("muntligt")}


@dataclass(frozen=True, kw_only=True)
class ConsentLine:
    """One consent as a list shows it."""

    id: str
    case_id: str
    about: str
    """The person's name; empty where the list already says whom it is about."""
    recipient: str
    category: str
    purpose: str
    giver: str
    form: str
    valid_from: date
    valid_until: date
    state: State
    state_word: str
    color: str
    withdrawn_at: datetime | None

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether there is anything left to withdraw."""
        return self.state in ("given", "not_yet_valid")


def consent_line(
    consent: Consent,
    subject: Subject | None,
    organisations: Mapping[str, Organisation],
    *,
    on: date,
    at: datetime,
) -> ConsentLine:
    """One consent in words. `subject` is the one who is to be told about, None if not at hand."""
    terms = consent.terms
    born = subject.identity.born if subject else None
    adult_from = None if born is None else birthday(born, ADULT_YEARS)
    state = consent.state(on=on, at=at, adult_from=adult_from)
    recipient = organisations.get(terms.recipient_id)
    return ConsentLine(
        id=consent.id,
        case_id=consent.case_id,
        about=subject.identity.name if subject else "",
        recipient=recipient.name if recipient else "",
        category=category_label(terms.category),
        purpose=purpose_label(terms.purpose),
        giver=str(GIVER_WORDS[terms.giver]),
        form=str(FORM_WORDS[terms.form]),
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        state=state,
        state_word=str(STATE_WORDS[state]),
        color=STATE_COLORS.get(state, "neutral"),
        withdrawn_at=consent.withdrawn_at,
    )


def consent_lines(
    consents: Iterable[Consent],
    persons: Iterable[CasePerson],
    organisations: Mapping[str, Organisation],
    *,
    on: date,
    at: datetime,
) -> list[ConsentLine]:
    """The consents of one case, those that still count first."""
    by_id = {one.subject.id: one.subject for one in persons}
    lines = [
        consent_line(one, by_id.get(one.terms.subject_id), organisations, on=on, at=at)
        for one in consents
    ]
    return sorted(lines, key=lambda line: not line.can_be_withdrawn)
