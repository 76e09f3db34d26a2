"""What crosses between organisations: disclosing, stopping, opening, registering, filing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from app.demonstration.signed_in import WorldFault
from app.demonstration.world import MadeDisclosure, MadeNote, Step, World, made
from app.domain.actor import Actor
from app.domain.assessment import Assessment
from app.domain.disclosure import Circumstance, DisclosureOrder, Initiative, Intent
from app.domain.legal_day import legal_day
from app.flows.ask_approval import ApprovalAsked, ask_approval
from app.flows.consider_disclosure import Considered, consider_disclosure
from app.flows.disclose_note import Disclosed, NotDisclosed, disclose_note
from app.flows.file_delivery import Filed, file_delivery
from app.flows.receive_delivery import (
    DeliveryOpened,
    Registered,
    list_deliveries,
    open_delivery,
    register_delivery,
)
from app.flows.stop_delivery import Stopped, stop_delivery


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer to a statement, about every person the note describes."""

    statement: str
    answer: Literal["yes", "no"]
    reasons: str
    circumstances: str = ""


@dataclass(frozen=True, kw_only=True)
class Ask(Step):
    """See what the law answers for a note, towards everyone."""

    note: str
    purpose: str

    def carry_out(self, world: World, actor: Actor) -> None:
        """Ask."""
        note = world.notes[self.note]
        intent = Intent(
            note_id=note.id, version=note.version, recipient_id="", purpose=self.purpose
        )
        made(consider_disclosure(intent, actor, **world.hands), Considered)


@dataclass(frozen=True, kw_only=True)
class Disclose(Step):
    """Disclose a note's newest version, or try to."""

    key: str
    note: str
    to: str
    purpose: str
    said: tuple[Said, ...] = ()
    initiative: Initiative = "own"
    open_to_guardian: bool = False
    """The official answers that no secrecy applies towards a guardian."""
    refused: bool = False
    """Whether the attempt is refused, as some rightly are."""

    def carry_out(self, world: World, actor: Actor) -> None:
        """Decide it."""
        note = world.notes[self.note]
        order = DisclosureOrder(
            intent=Intent(
                note_id=note.id,
                version=note.version,
                recipient_id=self.to,
                purpose=self.purpose,
                initiative=self.initiative,
                circumstances=self._circumstances(note.draft.described),
            ),
            assessments=tuple(
                Assessment(
                    subject_id=subject_id,
                    statement=said.statement,
                    answer=said.answer,
                    reasons=said.reasons,
                    circumstances=said.circumstances,
                )
                for said in self.said
                for subject_id in note.draft.described
            ),
            token=world.token(),
        )
        outcome = disclose_note(order, actor, **world.hands)
        if self.refused:
            made(outcome, NotDisclosed)
            return
        world.disclosures[self.key] = MadeDisclosure(
            id=made(outcome, Disclosed).disclosure_id,
            note=self.note,
            sender_id=actor.organisation_id,
            decided_at=world.at,
        )

    def _circumstances(self, described: tuple[str, ...]) -> tuple[Circumstance, ...]:
        if not self.open_to_guardian:
            return ()
        return tuple(
            Circumstance(subject_id=subject_id, fact="secrecy_towards_guardian", answer="no")
            for subject_id in described
        )


@dataclass(frozen=True, kw_only=True)
class AskApproval(Step):
    """Ask a supervisor to approve a disclosure, with what has been assessed for it."""

    note: str
    to: str
    purpose: str
    said: tuple[Said, ...]

    def carry_out(self, world: World, actor: Actor) -> None:
        """Put the question; it waits for an answer."""
        note = world.notes[self.note]
        order = DisclosureOrder(
            intent=Intent(
                note_id=note.id,
                version=note.version,
                recipient_id=self.to,
                purpose=self.purpose,
                initiative="own",
            ),
            assessments=tuple(
                Assessment(
                    subject_id=subject_id,
                    statement=said.statement,
                    answer=said.answer,
                    reasons=said.reasons,
                )
                for said in self.said
                for subject_id in note.draft.described
            ),
            token=world.token(),
        )
        made(ask_approval(order, actor, **world.hands), ApprovalAsked)


@dataclass(frozen=True, kw_only=True)
class Stop(Step):
    """Stop a disclosure before it arrives, `seconds` after it was decided."""

    key: str
    seconds: int

    def carry_out(self, world: World, actor: Actor) -> None:
        """Stop it."""
        disclosure = world.disclosures[self.key]
        world.at = disclosure.decided_at + timedelta(seconds=self.seconds)
        made(stop_delivery(disclosure.id, actor, **world.hands), Stopped)


@dataclass(frozen=True, kw_only=True)
class Open(Step):
    """Look under *Inkommet* and open what a disclosure delivered."""

    key: str

    def carry_out(self, world: World, actor: Actor) -> None:
        """Find it by sender and title, as a person would, and open it."""
        wanted = world.disclosures[self.key]
        listed = list_deliveries(actor, **world.hands)
        if not isinstance(listed, tuple):
            raise WorldFault("may not see what has arrived")
        title = world.notes[wanted.note].draft.title
        found = [
            one for one in listed if (one.sender_id, one.head.title) == (wanted.sender_id, title)
        ]
        if len(found) != 1:
            raise WorldFault(f"found {len(found)} deliveries where one was meant")
        made(open_delivery(found[0].id, actor, **world.hands), DeliveryOpened)
        world.deliveries[self.key] = found[0].id


@dataclass(frozen=True, kw_only=True)
class Register(Step):
    """Give a delivery the receiving organisation's own number."""

    key: str
    series: str
    number: str

    def carry_out(self, world: World, actor: Actor) -> None:
        """Register it."""
        reference = f"{self.series} {legal_day(world.at).year}/{self.number}"
        made(
            register_delivery(world.deliveries[self.key], reference, actor, **world.hands),
            Registered,
        )


@dataclass(frozen=True, kw_only=True)
class File(Step):
    """File a delivery into a case."""

    key: str
    note: str
    """What the note it becomes is called here: `case/name`."""
    category: str
    about: tuple[str, ...]
    """Who in the case each delivered person is."""

    def carry_out(self, world: World, actor: Actor) -> None:
        """File it."""
        case = self.note.partition("/")[0]
        described = tuple(world.subjects[case, person] for person in self.about)
        filed = made(
            file_delivery(
                world.deliveries[self.key],
                world.cases[case],
                self.category,
                actor,
                matches=described,
                **world.hands,
            ),
            Filed,
        )
        sent = world.notes[world.disclosures[self.key].note]
        world.notes[self.note] = MadeNote(
            id=filed.note_id,
            case=case,
            version=1,
            draft=replace(sent.draft, category=self.category, described=described),
        )
