"""Keep what a refusal rests on, sealed as a disclosure's is, so that it can be decided again."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.refusal import Refusal
from app.flows.sealing import seal_decision, seal_facts
from app.keys import CaseKey
from app.records.refusal import insert_refusal
from app.records.transaction import Transaction
from policies import Facts, NoteDecision

LAWFUL = ("must", "may")


def keep_refusal(
    tx: Transaction,
    made: Refusal,
    facts: Mapping[str, Facts],
    decision: NoteDecision,
    *,
    key: CaseKey,
    entry_id: str,
) -> None:
    """Add the refusal with its facts and the law's answer, both sealed under the case key."""
    insert_refusal(
        tx,
        made,
        decision=seal_decision(key, made.id, decision),
        facts=seal_facts(key, made.id, facts),
        entry_id=entry_id,
    )


def rests_on(decision: NoteDecision) -> tuple[str, ...]:
    """The rules an answer rests on: those that open, or those that stand in the way of opening."""
    persons = decision.by_person.values()
    if decision.outcome in LAWFUL:
        return tuple(dict.fromkeys(rule.id for one in persons for rule in one.fired))
    return tuple(dict.fromkeys(rule.id for one in persons for rule in one.stops + one.strikes))
