"""How the log tells of a disclosure: made, refused, or asked for twice."""

from __future__ import annotations

from datetime import datetime
from typing import TypeGuard

from app.domain.actor import Actor
from app.domain.disclosure import Disclosure, DisclosureOrder
from app.flows.happened import happened
from app.flows.keep_assessments import told
from app.flows.keep_refusal import LAWFUL, rests_on
from app.flows.second_opinion import SecondOpinion
from app.records.delivery import StoredDelivery
from audit.canonical import Json
from audit.entry import Event
from policies import NoteDecision


def disclosed(
    made: Disclosure,
    order: DisclosureOrder,
    copy: StoredDelivery,
    decision: NoteDecision,
    actor: Actor,
    *,
    approvals: tuple[str, ...],
    second: SecondOpinion,
    at: datetime,
) -> Event:
    """The note left. `ct` and `wr` bind the very copy that was sealed."""
    delegation = actor.delegation_for("disclose")
    return happened(
        "note.disclosed",
        "allow",
        actor,
        at=at,
        case=made.case_id,
        about={"note": made.note_id, "version": made.version},
        detail={
            **_asked(order),
            "outcome": made.outcome,
            "delegation": delegation.item if delegation else "",
            "disclosure": made.id,
            "approvals": [*approvals],
            "consents": [*made.consents],
            "arrives_at": made.arrives_at.isoformat(),
            "second_opinion": second.told(),
        },
        rules=made.grounds,
        pack=_pack(decision),
        ct=copy.ct_hash,
        wr=copy.wraps_hash,
    )


def refused(
    order: DisclosureOrder,
    actor: Actor,
    *,
    case_id: str,
    version: int,
    reason: str,
    refusal_id: str,
    decision: NoteDecision | None,
    second: SecondOpinion | None = None,
    at: datetime,
) -> Event:
    """Nothing left. `rules` are those that stood in the way, if any did by name."""
    decisions = decision.by_person.values() if decision else ()
    in_the_way = (rule.id for one in decisions for rule in one.stops + one.strikes)
    return happened(
        "note.disclosure_refused",
        "deny",
        actor,
        at=at,
        case=case_id,
        about={"note": order.intent.note_id, "version": version},
        detail={
            **_asked(order),
            "reason": reason,
            "outcome": decision.outcome if decision else "",
            # Names what is kept of it, where the law was asked; older entries do not have it.
            **({"refusal": refusal_id} if refusal_id else {}),
            **({"second_opinion": second.told()} if second else {}),
            # No rule stood in the way: what it would have rested on is told here instead.
            **({"would_rest_on": [*rests_on(decision)]} if _lawful(decision) else {}),
        },
        rules=tuple(dict.fromkeys(in_the_way)),
        pack=_pack(decision) if decision else None,
    )


def repeated(
    order: DisclosureOrder, disclosure_id: str, actor: Actor, *, case_id: str, at: datetime
) -> Event:
    """The same form came again and disclosed nothing more."""
    return happened(
        "note.disclosure_repeated",
        "deny",
        actor,
        at=at,
        case=case_id,
        about={"note": order.intent.note_id},
        detail={"disclosure": disclosure_id},
    )


def _asked(order: DisclosureOrder) -> dict[str, Json]:
    intent = order.intent
    return {
        "recipient": intent.recipient_id,
        "purpose": intent.purpose,
        "initiative": intent.initiative,
        "request": intent.request_reference,
        **told(order),
        # Told only where it is so: it is out of the ordinary, and older entries do not have it.
        **({"out_of_the_ordinary": [*sorted(intent.quiet)]} if intent.quiet else {}),
    }


def _lawful(decision: NoteDecision | None) -> TypeGuard[NoteDecision]:
    return decision is not None and decision.outcome in LAWFUL


def _pack(decision: NoteDecision) -> str | None:
    return next((one.pack_sha256 for one in decision.by_person.values()), None)
