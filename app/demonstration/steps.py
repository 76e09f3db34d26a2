"""What is done within one case: notes are written, corrected and read, consents recorded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from app.demonstration.invented import PEOPLE
from app.demonstration.world import MadeNote, Step, World, made
from app.domain.actor import Actor
from app.domain.consent import ConsentTerms, Form, Giver
from app.domain.legal_day import legal_day
from app.domain.note import NoteAttributes, NoteDraft
from app.domain.subject import Relation
from app.flows.add_person import PersonAdded, add_person
from app.flows.not_found import NotFound
from app.flows.open_in_emergency import OpenedInEmergency, open_in_emergency
from app.flows.read_notes import NotesRead, read_notes
from app.flows.record_consent import ConsentRecorded, Withdrawn, record_consent, withdraw_consent
from app.flows.review_trail import Trail, review_trail
from app.flows.start_case import CaseStarted, start_case
from app.flows.view_case import CasePage, view_case
from app.flows.write_note import NoteWritten, correct_note, write_note


@dataclass(frozen=True, kw_only=True)
class Start(Step):
    """Open a case on a young person."""

    case: str
    young: str
    series: str
    """What stands before the year in the case number, e.g. `SN`."""
    number: str

    def carry_out(self, world: World, actor: Actor) -> None:
        """Start it."""
        identity = PEOPLE[self.young].identity(legal_day(world.now))
        reference = f"{self.series} {legal_day(world.at).year}/{self.number}"
        started = made(
            start_case(identity, reference, actor, token=world.token(), **world.hands), CaseStarted
        )
        page = made(view_case(started.case_id, actor, **world.hands), CasePage)
        world.cases[self.case] = started.case_id
        world.subjects[self.case, self.young] = page.subject.id


@dataclass(frozen=True, kw_only=True)
class Join(Step):
    """Add a person to a case."""

    case: str
    person: str
    relation: Relation

    def carry_out(self, world: World, actor: Actor) -> None:
        """Add them."""
        added = made(
            add_person(
                world.cases[self.case],
                PEOPLE[self.person].identity(legal_day(world.now)),
                self.relation,
                actor,
                token=world.token(),
                **world.hands,
            ),
            PersonAdded,
        )
        world.subjects[self.case, self.person] = added.subject_id


@dataclass(frozen=True, kw_only=True)
class Write(Step):
    """Write a note."""

    note: str
    """`case/name`."""
    category: str
    title: str
    text: str
    about: tuple[str, ...]
    """Whom it describes."""
    says: NoteAttributes = field(default_factory=NoteAttributes)

    def carry_out(self, world: World, actor: Actor) -> None:
        """Write it."""
        case = self.note.partition("/")[0]
        draft = NoteDraft(
            title=self.title,
            text=self.text,
            category=self.category,
            attributes=self.says,
            described=tuple(world.subjects[case, person] for person in self.about),
        )
        written = made(
            write_note(world.cases[case], draft, actor, token=world.token(), **world.hands),
            NoteWritten,
        )
        world.notes[self.note] = MadeNote(
            id=written.note_id, case=case, version=written.version, draft=draft
        )


@dataclass(frozen=True, kw_only=True)
class Correct(Step):
    """Give a note another text; title, category and persons stay."""

    note: str
    text: str

    def carry_out(self, world: World, actor: Actor) -> None:
        """Add the version."""
        before = world.notes[self.note]
        draft = replace(before.draft, text=self.text)
        corrected = made(
            correct_note(
                before.id, before.version, draft, actor, token=world.token(), **world.hands
            ),
            NoteWritten,
        )
        world.notes[self.note] = replace(before, version=corrected.version, draft=draft)


@dataclass(frozen=True, kw_only=True)
class Read(Step):
    """Look at a case and open some of its notes."""

    notes: tuple[str, ...]

    def carry_out(self, world: World, actor: Actor) -> None:
        """Open them all at once."""
        case_id = world.cases[world.notes[self.notes[0]].case]
        wanted = [world.notes[note].id for note in self.notes]
        made(view_case(case_id, actor, **world.hands), CasePage)
        made(read_notes(case_id, wanted, actor, **world.hands), NotesRead)


@dataclass(frozen=True, kw_only=True)
class Agree(Step):
    """Record a consent, or a refusal of one."""

    key: str
    case: str
    person: str
    giver: Giver
    to: str
    category: str
    purpose: str
    days: int = 90
    """How long it holds."""
    form: Form = "written"
    answer: Literal["given", "refused"] = "given"

    def carry_out(self, world: World, actor: Actor) -> None:
        """Record it."""
        today = legal_day(world.at)
        terms = ConsentTerms(
            subject_id=world.subjects[self.case, self.person],
            giver=self.giver,
            answer=self.answer,
            form=self.form,
            recipient_id=self.to,
            category=self.category,
            purpose=self.purpose,
            valid_from=today,
            valid_until=today + timedelta(days=self.days),
        )
        case_id = world.cases[self.case]
        recorded = made(
            record_consent(case_id, terms, actor, token=world.token(), **world.hands),
            ConsentRecorded,
        )
        world.consents[self.key] = (case_id, recorded.consent_id)


@dataclass(frozen=True, kw_only=True)
class Withdraw(Step):
    """Withdraw a consent."""

    key: str

    def carry_out(self, world: World, actor: Actor) -> None:
        """Withdraw it."""
        made(withdraw_consent(*world.consents[self.key], actor, **world.hands), Withdrawn)


@dataclass(frozen=True, kw_only=True)
class Pry(Step):
    """Ask for a case that is not one's own, in vain."""

    case: str

    def carry_out(self, world: World, actor: Actor) -> None:
        """Ask."""
        made(view_case(world.cases[self.case], actor, **world.hands), NotFound)


@dataclass(frozen=True, kw_only=True)
class Review(Step):
    """Look at the trail of a case."""

    case: str

    def carry_out(self, world: World, actor: Actor) -> None:
        """Look."""
        trail = review_trail(
            world.cases[self.case], actor, log_keys=world.house.log_keys, **world.hands
        )
        made(trail, Trail)


@dataclass(frozen=True, kw_only=True)
class BreakGlass(Step):
    """Open a colleague's case in an emergency, and read some of its notes."""

    case: str
    reference: str
    reason: str
    notes: tuple[str, ...] = ()

    def carry_out(self, world: World, actor: Actor) -> None:
        """Open and read."""
        number = f"{self.reference}" % {"year": legal_day(world.at).year}
        opened = open_in_emergency(number, self.reason, actor, token=world.token(), **world.hands)
        made(opened, OpenedInEmergency)
        case_id = world.cases[self.case]
        if self.notes:
            made(view_case(case_id, actor, **world.hands), CasePage)
            wanted = [world.notes[note].id for note in self.notes]
            made(read_notes(case_id, wanted, actor, **world.hands), NotesRead)
