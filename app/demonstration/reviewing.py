"""Loggkontroll in the demonstration: a round under way, and a question that waits for Karin."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from app.demonstration.moments import Moment
from app.demonstration.signed_in import WorldFault
from app.demonstration.world import Step, World, made
from app.domain.actor import Actor
from app.flows.answer_round import ItemAsked, ask_about_item
from app.flows.draw_round import RoundDrawn, draw_round
from app.flows.see_round import RoundSeen, RoundsSeen, see_round, see_rounds


@dataclass(frozen=True, kw_only=True)
class DrawRound(Step):
    """Draw the month's round."""

    def carry_out(self, world: World, actor: Actor) -> None:
        """Draw it. The same world gives the same draw."""
        seed = sha256(b"demonstration").digest()
        made(draw_round(actor, seed=seed, **world.hands), RoundDrawn)


@dataclass(frozen=True, kw_only=True)
class AskColleague(Step):
    """Put a question about something in the round to the one who did it."""

    about: str
    """Name of the colleague."""
    question: str

    def carry_out(self, world: World, actor: Actor) -> None:
        """Ask about the first of their items."""
        rounds = made(see_rounds(actor, due_day=7, **world.hands), RoundsSeen).rounds
        seen = made(see_round(rounds[0].id, actor, part="items", **world.hands), RoundSeen)
        for one in seen.items:
            member = seen.staff.get(one.item.staff_id)
            if member is not None and member.name == self.about:
                asked = ask_about_item(one.item.id, self.question, actor, **world.hands)
                made(asked, ItemAsked)
                return
        raise WorldFault(f"the round holds nothing that {self.about} did")


STEPS: tuple[Step, ...] = (
    DrawRound(on=Moment(1, "17:05"), by="birgitta"),
    AskColleague(
        on=Moment(1, "17:20"),
        by="birgitta",
        about="Karin Fryksmed",
        question="Vad behövde du ärendet till den här dagen?",
    ),
)
