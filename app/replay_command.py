"""`sluss replay DECISION`: the same facts and the pack of that day must give the same bytes."""

from __future__ import annotations

import json

from app.demonstration.terminal import say
from app.flows.replay_decision import NotReplayed, replay_decision
from app.main import House

_WHY = {
    "unknown": "there is no decision with the id {id}; the log's entry of a disclosure, or of a "
    "refusal by the law, names it",
    "pack_missing": "the pack {pack} that decided it has not been kept, so it cannot be replayed",
    "pack_damaged": "the kept pack {pack} is not what its hash says; the database has been changed",
}


def replay(house: House, decision_id: str, *, operator: str, as_json: bool) -> int:
    """Prints what came out. 0 when every byte is the same, 1 otherwise."""
    outcome = replay_decision(
        decision_id,
        house.operator(operator),
        at=house.clock(),
        store=house.store,
        rings=house.rings,
    )
    if isinstance(outcome, NotReplayed):
        why = _WHY[outcome.why].format(id=decision_id, pack=outcome.pack)
        told: dict[str, object] = {"decision": decision_id, "identical": False, "why": why}
        say(json.dumps(told) if as_json else f"not replayed: {why}")
        return 1
    told = {
        "decision": decision_id,
        "identical": outcome.identical,
        "pack": outcome.pack,
        "outcomes": list(outcome.outcomes),
        "differences": list(outcome.differences),
    }
    if as_json:
        say(json.dumps(told))
        return 0 if outcome.identical else 1
    say(f"pack {outcome.pack}")
    for number, answer in enumerate(outcome.outcomes, start=1):
        say(f"person {number}: {answer}")
    say("identical to the byte" if outcome.identical else "NOT the same:")
    for difference in outcome.differences:
        say(f"  {difference}")
    return 0 if outcome.identical else 1
