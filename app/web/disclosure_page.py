"""What the pages of the gate show beside the law's answer: the note, the groups, the decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import LazyString, lazy_gettext

from app.domain.actor import Actor
from app.domain.disclosure import QUIET_FACTS
from app.flows.consider_disclosure import Considered
from app.flows.view_note import NotePage
from app.web import disclosure_form
from app.web.answer_advice import Advice, advice
from app.web.answer_words import AnswerView, answer_view, person_labels
from app.web.approval_words import ApprovalBox, approval_box
from app.web.disclosure_form import Asked
from app.web.forms import Typed
from app.web.law_words import category_label, purpose_label
from app.web.open_grounds import PersonGrounds, person_grounds
from app.web.quiet_questions import QuietQuestion, quiet_questions
from policies import Law

CONSENT_STATES: dict[str, LazyString] = {
    "refused": lazy_gettext("svaret var nej"),
    "withdrawn": lazy_gettext("återkallat"),
    "expired": lazy_gettext("har gått ut"),
    "lapsed_18": lazy_gettext("upphörde på 18-årsdagen"),
    "not_yet_valid": lazy_gettext("har inte börjat gälla"),
    "out_of_scope": lazy_gettext("finns, men gäller något annat än det här utlämnandet"),
    "given": lazy_gettext("finns och gäller"),
}
"""States worth telling; that nobody has been asked is told by what remains."""


@dataclass(frozen=True, kw_only=True)
class NoteLineView:
    """The note that the page is about, without its text."""

    id: str
    case_id: str
    reference: str
    title: str
    category: str
    version: int
    written_at: datetime
    persons: tuple[str, ...]
    """What the described persons are to the young person."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Recipients with answers of one kind."""

    id: str
    heading: LazyString
    about: LazyString
    answers: tuple[AnswerView, ...]


@dataclass(frozen=True, kw_only=True)
class ConsentState:
    """How it stands with one consent that speaks of this disclosure, or nearly."""

    label: str
    giver: LazyString
    state: LazyString


@dataclass(frozen=True, kw_only=True)
class SentBefore:
    """That the recipient has the same version, or will have it at `arrives_at` (aware UTC)."""

    arrives_at: datetime
    arrived: bool


@dataclass(frozen=True, kw_only=True)
class DecisionPage:
    """Everything one decision shows."""

    note: NoteLineView
    asked: Asked
    purpose: str
    answer: AnswerView
    advice: Advice
    persons: tuple[PersonGrounds, ...]
    consents: tuple[ConsentState, ...]
    ask_investigation: bool
    """Whether it matters that social services have an open investigation."""
    out_of_the_ordinary: tuple[QuietQuestion, ...]
    """What would change the answer if somebody said yes to it."""
    several_secrecies: bool
    """Whether each of several secrecy rules has to be opened on its own. Law: OSL 7 kap. 3 §"""
    approval: ApprovalBox | None
    """What is asked and answered of a supervisor's approval, None where none belongs here."""
    in_person: tuple[str, ...]
    """Colleagues who can decide what the law gives to them in person."""
    facts_first: bool
    """Whether the note or a person must be corrected before anything else can help."""
    said_unusual: bool
    """Whether something out of the ordinary has been answered yes."""
    can_be_tried: bool
    """Whether answers given here could be enough, so that there is something to confirm."""
    delegation: str | None
    """The item they decide under; None when they have no delegation."""
    sent: tuple[SentBefore, ...]
    """Earlier disclosures of this version to this recipient that were not stopped."""
    undo_minutes: int
    unprotected: bool
    on: date
    pack: str
    protected: bool


_GROUPS: tuple[tuple[str, tuple[str, ...], LazyString, LazyString], ...] = (
    (
        "ska",
        ("must",),
        lazy_gettext("Ska lämnas ut"),
        lazy_gettext("En skyldighet gäller. Samtycke behövs inte."),
    ),
    (
        "kan",
        ("may",),
        lazy_gettext("Kan lämnas ut"),
        lazy_gettext("Det som krävs finns antecknat. Du avgör om det ska lämnas."),
    ),
    (
        "bedomning",
        ("special",),
        lazy_gettext("Kan lämnas ut efter din bedömning"),
        lazy_gettext("Det finns en bestämmelse för det här, om din bedömning leder dit."),
    ),
    (
        "provning",
        ("needs_assessment", "needs_answer"),
        lazy_gettext("Kan lämnas ut efter skadeprövning eller med samtycke"),
        lazy_gettext(
            "Ingen särskild bestämmelse. Pröva mot just den mottagaren om någon lider men, "
            "eller inhämta samtycke."
        ),
    ),
    (
        "kraver",
        ("needs_request", "needs_approval", "needs_consent"),
        lazy_gettext("Kräver begäran, samtycke eller godkännande"),
        lazy_gettext("Någon annan än du behöver göra något först."),
    ),
    (
        "inte",
        ("none", "stop"),
        lazy_gettext("Kan inte lämnas ut"),
        lazy_gettext("Ingen väg är öppen på de omständigheter som är kända."),
    ),
)


def note_line(found: Considered | NotePage) -> NoteLineView:
    """The note as the head of the page names it."""
    line = found.note if isinstance(found, Considered) else found.line
    persons = (
        found.persons
        if isinstance(found, Considered)
        else {one.subject.id: one for one in found.persons}
    )
    return NoteLineView(
        id=line.id,
        case_id=found.case.id,
        reference=found.case.reference,
        title=line.head.title,
        category=category_label(line.head.category),
        version=line.version,
        written_at=line.written_at,
        persons=tuple(person_labels(line.head.described, persons).values()),
    )


def groups(answers: Iterable[AnswerView]) -> list[Group]:
    """The answers by kind, those that can leave first. Empty groups are left out."""
    every = list(answers)
    found = [
        Group(
            id=id_,
            heading=heading,
            about=about,
            answers=tuple(one for one in every if _group(one) in codes),
        )
        for id_, codes, heading, about in _GROUPS
    ]
    return [group for group in found if group.answers]


def _group(view: AnswerView) -> str:
    waits = view.code in ("needs_assessment", "needs_answer")
    return "special" if waits and view.special else view.code


def decision_page(
    law: Law, considered: Considered, typed: Typed, asked: Asked, *, actor: Actor, at: datetime
) -> DecisionPage:
    """One recipient's page, with the fields for what has been typed so far."""
    only = considered.answers[0]
    view = answer_view(law, only, considered.persons)
    described = considered.note.head.described
    circumstances = disclosure_form.circumstances(typed, described)
    in_order = sorted(view.persons, key=lambda one: described.index(one.subject_id))
    persons = tuple(person_grounds(law, considered, one, circumstances) for one in in_order)
    held = actor.delegation_for("disclose")
    return DecisionPage(
        note=note_line(considered),
        asked=asked,
        purpose=purpose_label(asked.purpose),
        answer=view,
        advice=advice(law, view),
        persons=persons,
        consents=_consents(considered, view),
        ask_investigation=bool(typed.value("investigation_open"))
        or any(
            step.condition == "inquiry_open"
            for person in view.persons
            for step in person.decision.questions
        ),
        out_of_the_ordinary=quiet_questions(law, only),
        several_secrecies=any(len(one.decision.applicable) > 1 for one in view.persons),
        approval=approval_box(law, considered, reader=actor.staff_id),
        in_person=tuple(f"{one.name}, {one.title}" for one in considered.in_person),
        facts_first=any(one.facts_first for one in persons),
        said_unusual=any(typed.value(fact) == "yes" for fact in QUIET_FACTS),
        can_be_tried=all(one.here for one in persons),
        delegation=held.item if held else None,
        sent=tuple(
            SentBefore(arrives_at=one.arrives_at, arrived=one.state(at) == "arrived")
            for one in considered.sent
        ),
        undo_minutes=max(1, round(actor.organisation.undo_seconds / 60))
        if actor.organisation.undo_seconds
        else 0,
        unprotected=any("receiver_unprotected" in one.decision.flags for one in view.persons),
        on=in_order[0].decision.on,
        pack=f"{in_order[0].decision.pack_id} {in_order[0].decision.pack_version}",
        protected=any(
            considered.persons[one].subject.identity.protected == "yes" for one in described
        ),
    )


def _consents(considered: Considered, view: AnswerView) -> tuple[ConsentState, ...]:
    conditions = {
        "subject": lazy_gettext("Samtycke från personen själv"),
        "guardian": lazy_gettext("Samtycke från vårdnadshavarna"),
    }
    facts = considered.answers[0].facts
    found = []
    for person in view.persons:
        known = facts[person.subject_id].person
        for giver, state in (
            ("subject", known.subject_consent),
            ("guardian", known.guardian_consent),
        ):
            if state in CONSENT_STATES:
                found.append(
                    ConsentState(
                        label=person.label, giver=conditions[giver], state=CONSENT_STATES[state]
                    )
                )
    return tuple(found)
