"""A case as its page shows it: titles but no texts, and what has happened to each note.

Everything is made from one answer of one flow, so that the page costs the same however much the
case holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from app.domain.disclosure import Disclosure
from app.domain.legal_day import legal_day
from app.domain.note import NoteLine
from app.domain.staff import StaffMember
from app.flows.view_case import CasePage
from app.web.consent_words import ConsentLine, consent_lines
from app.web.law_words import category_label, secrecy_lines
from app.web.person_words import age_words, relation_word

Progress = Literal["on_its_way", "stopped", "arrived", "registered"]


@dataclass(frozen=True, kw_only=True)
class DisclosedLine:
    """One disclosure of a note, as its sender may see it: never who read it there."""

    id: str
    version: int
    recipient: str
    progress: Progress
    arrives_at: datetime
    stopped_at: datetime | None
    registered_at: datetime | None
    letter: str
    """What was decided about the letter on it; empty when nothing has been."""


@dataclass(frozen=True, kw_only=True)
class NoteCard:
    """One note by its title."""

    id: str
    title: str
    category: str
    written_at: datetime
    author: str
    version: int
    secrecy: str
    """Provisions that make it secret whatever else is true; empty when that depends."""
    disclosed: tuple[DisclosedLine, ...]


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """One person in the case. Neither number nor birth date is on the page."""

    id: str
    name: str
    relation: str
    age: str
    protected: bool
    mark_lost: bool
    """Protected by the log, and not by what the database has."""
    protection_unknown: bool


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """The page, in the reader's language."""

    id: str
    reference: str
    is_open: bool
    opened_at: datetime
    closed_at: datetime | None
    young: PersonLine
    persons: tuple[PersonLine, ...]
    notes: tuple[NoteCard, ...]
    consents: tuple[ConsentLine, ...]
    team: tuple[str, ...]
    emergency_until: datetime | None = None

    @property
    def protected(self) -> bool:
        """Whether anybody in the case has protected identity, and so the case is to be minded."""
        return any(person.protected for person in self.persons)


def person_lines(page: CasePage, on: date) -> tuple[PersonLine, ...]:
    """Everyone in the case, the young person first."""
    return tuple(
        PersonLine(
            id=one.subject.id,
            name=one.subject.identity.name,
            relation=relation_word(one.relation),
            age=age_words(one.subject.identity, on),
            protected=one.subject.identity.protected == "yes",
            mark_lost=one.mark_lost,
            protection_unknown=one.subject.identity.protected == "unknown",
        )
        for one in page.persons
    )


def case_view(page: CasePage, *, kind: str, at: datetime) -> CaseView:
    """What the page shows at an instant, for an organisation of this kind."""
    on = legal_day(at)
    disclosed: dict[str, list[DisclosedLine]] = {}
    for one in page.disclosures:
        disclosed.setdefault(one.note_id, []).append(_disclosed(page, one, at))
    secrecy = secrecy_lines(kind, on)
    persons = person_lines(page, on)
    return CaseView(
        id=page.case.id,
        reference=page.case.reference,
        is_open=page.case.is_open,
        opened_at=page.case.opened_at,
        closed_at=page.case.closed_at,
        young=persons[0],
        persons=persons,
        notes=tuple(
            _card(page, line, secrecy, tuple(disclosed.get(line.id, ()))) for line in page.notes
        ),
        consents=tuple(
            consent_lines(page.consents, page.persons, page.organisations, on=on, at=at)
        ),
        emergency_until=page.emergency_until,
        team=tuple(named(page.staff[one]) for one in page.team if one in page.staff),
    )


def named(member: StaffMember | None) -> str:
    """Name and title, as it stands in decisions."""
    return "" if member is None else f"{member.name}, {member.title}"


def _card(
    page: CasePage, line: NoteLine, secrecy: dict[str, str], disclosed: tuple[DisclosedLine, ...]
) -> NoteCard:
    return NoteCard(
        id=line.id,
        title=line.head.title,
        category=category_label(line.head.category),
        written_at=line.written_at,
        author=named(page.staff.get(line.author_id)),
        version=line.version,
        secrecy=secrecy.get(line.head.category, ""),
        disclosed=disclosed,
    )


def _disclosed(page: CasePage, one: Disclosure, at: datetime) -> DisclosedLine:
    registered_at = page.acknowledged.get(one.delivery_id)
    state = one.state(at)
    recipient = page.organisations.get(one.recipient_id)
    return DisclosedLine(
        id=one.id,
        version=one.version,
        recipient=recipient.name if recipient else "",
        progress="registered" if state == "arrived" and registered_at else state,
        arrives_at=one.arrives_at,
        stopped_at=one.stopped_at,
        registered_at=registered_at,
        letter=page.letters.get(one.id, ""),
    )
