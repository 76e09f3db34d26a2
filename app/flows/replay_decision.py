"""Decide again what was decided: from the sealed facts, with the pack of its day.

The answer must be the same to the byte. What is told of it is the law's answer and never a fact
about anybody; the replay is an entry on the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.domain.ids import new_id
from app.flows.find_case import OpenCase, open_case
from app.flows.install import Operator
from app.keys import Rings
from app.records.case import case_of_organisation
from app.records.disclosure import SealedDecision, sealed_decision
from app.records.refusal import sealed_refusal
from app.records.rule_pack import PackUnreadable, kept_pack
from app.records.store import Store
from app.records.transaction import Transaction
from audit.entry import Event
from policies import Facts, Law, PackError, decide, decision_bytes, load_contents


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What came out. `differences` names, for each person by order, what is not the same."""

    decision_id: str
    pack: str
    """Hash of the pack that it was decided by."""
    outcomes: tuple[str, ...]
    """The recorded answer for each described person."""
    differences: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether every byte of every answer is the same."""
        return not self.differences


@dataclass(frozen=True)
class NotReplayed:
    """It cannot be decided again, and why: `unknown`, `pack_missing`, `pack_damaged`."""

    why: str
    pack: str = ""


def replay_decision(
    decision_id: str, operator: Operator, *, at: datetime, store: Store, rings: Rings
) -> Replayed | NotReplayed:
    """Replay one decision, a disclosure or a refusal, of any organisation. Changes nothing."""
    with store.begin(at=at) as tx:
        sealed = sealed_decision(tx, decision_id) or sealed_refusal(tx, decision_id)
        found = (
            case_of_organisation(tx, sealed.case_id, organisation_id=sealed.organisation_id)
            if sealed
            else None
        )
        if sealed is None or found is None:
            event = _event("decision.replay_not_found", operator, at=at, org="installation")
            tx.record(event, sealer=operator.sealer)
            return NotReplayed("unknown")
        opened = open_case(found, rings)
        outcome = _replay(tx, decision_id, sealed, opened)
        event = _event(
            "decision.replayed",
            operator,
            at=at,
            org=sealed.organisation_id,
            case=sealed.case_id,
            about={"decision": decision_id},
            outcome=outcome,
        )
        tx.record(event, sealer=opened.sealer)
    return outcome


def _replay(
    tx: Transaction, decision_id: str, sealed: SealedDecision, opened: OpenCase
) -> Replayed | NotReplayed:
    facts: dict[str, Facts] = msgspec.json.decode(
        opened.key.open_text("facts", decision_id, sealed.facts), type=dict[str, Facts]
    )
    lines = opened.key.open_text("decision", decision_id, sealed.decision).split(b"\n")
    recorded = [msgspec.json.decode(line) for line in lines]
    pack = str(recorded[0]["pack_sha256"])
    try:
        contents = kept_pack(tx, pack)
        if contents is None:
            return NotReplayed("pack_missing", pack)
        law = load_contents(contents)
    except (PackUnreadable, PackError):
        return NotReplayed("pack_damaged", pack)
    if law.sha256 != pack:
        return NotReplayed("pack_damaged", pack)
    return Replayed(
        decision_id=decision_id,
        pack=pack,
        outcomes=tuple(str(one["outcome"]) for one in recorded),
        differences=tuple(_differences(law, facts, lines)),
    )


def _differences(law: Law, facts: Mapping[str, Facts], lines: list[bytes]) -> list[str]:
    if len(facts) != len(lines):
        return [f"{len(facts)} persons in the facts, {len(lines)} in the decision"]
    found = []
    for number, (one, line) in enumerate(zip(facts.values(), lines, strict=True), start=1):
        again = decision_bytes(decide(law, one))
        if again == line:
            continue
        now, then = msgspec.json.decode(again), msgspec.json.decode(line)
        keys = sorted(key for key in now.keys() | then.keys() if now.get(key) != then.get(key))
        found.append(f"person {number}: {', '.join(keys) or 'the bytes alone'}")
    return found


def _event(
    op: str,
    operator: Operator,
    *,
    at: datetime,
    org: str,
    case: str | None = None,
    about: dict[str, str] | None = None,
    outcome: Replayed | NotReplayed | None = None,
) -> Event:
    same = isinstance(outcome, Replayed) and outcome.identical
    why = outcome.why if isinstance(outcome, NotReplayed) else ""
    return Event(
        id=new_id(at),
        op=op,
        res="allow" if same else "deny",
        org=org,
        actor={"operator": operator.name},
        object=dict(about or {}),
        detail={
            "identical": same,
            "differences": [*outcome.differences] if isinstance(outcome, Replayed) else [],
            "reason": why,
        },
        case=case,
        pol=outcome.pack or None if outcome else None,
    )
