"""The form for writing and correcting a note: what it asks, and how it is read.

Nothing is marked beforehand. A question left open counts as not known, which opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from app.domain.note import NoteAttributes, NoteChoices, NoteDraft, NoteText, parse_note
from app.domain.problem import Problem
from app.domain.subject import CasePerson
from app.web.forms import Typed
from app.web.law_words import Choice, category_choices, kind_label, label, question, vocabulary
from app.web.person_words import person_choices

INTELLIGENCE = "K19"
"""Those who can hold police intelligence must say of each note whether it is that."""

ALWAYS_ASKED = (
    "committed_crime",
    "investigation",
    "reporter_identity",
    "concern_report",
    "health_serious",
)
SELDOM_ASKED = ("identifiable", "presence_only", "intelligence")
_TRI_FIELDS = (*ALWAYS_ASKED, *SELDOM_ASKED, "victim_under_18")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question with Ja, Nej and Vet inte."""

    field: str
    text: str


@dataclass(frozen=True, kw_only=True)
class NoteForm:
    """What the form asks of somebody in an organisation of one kind, in the reader's language."""

    categories: list[Choice]
    persons: list[Choice | tuple[str, str, str]]
    contact_kinds: list[Choice]
    questions: tuple[Question, ...]
    seldom: tuple[Question, ...]
    victim: Question
    crimes: list[Choice]
    stages: list[Choice]
    origins: list[Choice]
    answers: list[Choice]


def note_form(kind: str, persons: tuple[CasePerson, ...]) -> NoteForm:
    """The form's words."""
    words = vocabulary()
    by_name = sorted((label(crime), code) for code, crime in words.crimes.items())
    return NoteForm(
        categories=category_choices(kind),
        persons=person_choices(persons),
        contact_kinds=[
            ("none", str(gettext("Nej, ingen kontaktuppgift"))),
            *(
                (code, str(gettext("Ja: %(kind)s", kind=label(term))))
                for code, term in words.contact_kinds.items()
            ),
            ("unknown", str(gettext("Vet inte"))),
        ],
        questions=_questions(ALWAYS_ASKED),
        seldom=_questions(SELDOM_ASKED),
        victim=_questions(("victim_under_18",))[0],
        crimes=[(code, name) for name, code in by_name],
        stages=[
            ("completed", str(gettext("Fullbordat"))),
            ("attempt", str(gettext("Försök, förberedelse eller stämpling"))),
            ("unknown", str(gettext("Vet inte"))),
        ],
        origins=sorted(((code, kind_label(code)) for code in words.kinds), key=lambda one: one[1]),
        answers=[
            ("yes", str(gettext("Ja"))),
            ("no", str(gettext("Nej"))),
            ("unknown", str(gettext("Vet inte"))),
        ],
    )


def _questions(fields: tuple[str, ...]) -> tuple[Question, ...]:
    own = {
        "committed_crime": gettext("Rör uppgiften misstanke om ett brott som redan har begåtts?")
    }
    return tuple(
        Question(field=name, text=str(own.get(name) or question(f"item.{name}"))) for name in fields
    )


def parse(typed: Typed, kind: str) -> NoteDraft | list[Problem]:
    """The form as a draft, or everything that is wrong with it.

    Whether the persons marked are in the case is for the flow to say.
    """
    words = vocabulary()
    own = {code for code, _ in category_choices(kind)}
    described = typed.every("described")
    return parse_note(
        _unanswered_is_unknown(typed.texts(), own),
        described,
        choices=NoteChoices(
            categories=own,
            contact_kinds=words.contact_kinds,
            crimes=words.crimes,
            kinds=words.kinds,
            persons=described,
        ),
    )


def _unanswered_is_unknown(texts: Mapping[str, str], own: set[str]) -> dict[str, str]:
    """What nobody answered about intelligence is open where the item can be that.

    Elsewhere it is no: the question would otherwise shut every note of every school.
    """
    filled = dict(texts)
    if not filled.get("intelligence") and (INTELLIGENCE in own or filled.get("origin")):
        filled["intelligence"] = "unknown"
    return filled


def as_typed(note: NoteText) -> dict[str, str | list[str]]:
    """An opened note as the form that would have written it."""
    head = note.line.head
    said: NoteAttributes = head.attributes
    contact = said.contact_kind or ("none" if said.contact_known else "unknown")
    return {
        "title": head.title,
        "text": note.text,
        "category": head.category,
        "described": list(head.described),
        "contact_kind": contact,
        "crime": said.crime or "",
        "crime_stage": said.crime_stage,
        "origin": said.origin or "",
        "seen_version": str(note.line.version),
        **{name: getattr(said, name) for name in _TRI_FIELDS},
    }
