"""Rule packs that somebody has proposed: one examined, one that waits, and one with faults."""

from __future__ import annotations

from pathlib import Path

from app.flows.examine_pack import Examiner, examine_pack
from app.flows.install import Operator
from app.flows.pack_folder import PACKS
from app.flows.propose_pack import Proposed, propose_pack
from app.keys import event_sealer
from policies import load
from tests.flows import packs
from tests.flows.town import _employed
from tests.web.town import Town


def propose_rules(town: Town, state: Path) -> dict[str, str]:
    """A lawyer proposes them, at an organisation that is not the reader's."""
    for file, data in {"pack.toml": b"id = 1", "roles.toml": b"[[role"}.items():
        (state / PACKS / "trasigt").mkdir(parents=True, exist_ok=True)
        (state / PACKS / "trasigt" / file).write_bytes(data)
    operator = Operator(name="tester", ring=town.rings.current("installation"))
    police = town.organisations["polis"]
    maja = _employed("Maja Rätt", police, frozenset({"lawyer"}), operator, town.store)
    examiner = Examiner(
        organisation_id=police.id,
        actor={"staff": maja.staff_id},
        sealer=event_sealer(town.rings.current(police.id), None),
        store=town.store,
        rings=town.rings,
    )
    made = []
    for contents in (packs.wider(explained=True), packs.reworded("2027.2.1")):
        outcome = propose_pack(contents, maja, token="", packaged=load(), **town.hands)  # type: ignore[arg-type]
        assert isinstance(outcome, Proposed)
        made.append(outcome.proposal_id)
    for _ in range(3):
        examine_pack(made[0], examiner, at=town.at)
    return {"proposal": made[0], "waiting_proposal": made[1]}
