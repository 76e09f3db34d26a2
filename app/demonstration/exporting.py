"""Exports in the demonstration: one that has been ordered and waits for somebody else."""

from __future__ import annotations

from dataclasses import dataclass

from app.demonstration.moments import Moment
from app.demonstration.world import Step, World, made
from app.domain.actor import Actor
from app.domain.export_terms import ExportTerms
from app.flows.export_orders import ExportOrdered, order_export


@dataclass(frozen=True, kw_only=True)
class OrderExport(Step):
    """Order an export of the whole organisation's log."""

    recipient: str
    purpose: str

    def carry_out(self, world: World, actor: Actor) -> None:
        """Order it."""
        terms = ExportTerms(
            kind="organisation",
            case_id=None,
            day_from=None,
            day_until=None,
            recipient=self.recipient,
            purpose=self.purpose,
        )
        made(order_export(terms, actor, token=world.token(), **world.hands), ExportOrdered)


STEPS: tuple[Step, ...] = (
    OrderExport(
        on=Moment(1, "14:20"),
        by="birgitta",
        recipient="Kommunrevisionen i Sunne",
        purpose="Årlig kontroll av hur nämnden lämnar ut uppgifter",
    ),
)
