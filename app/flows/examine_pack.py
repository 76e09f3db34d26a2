"""Find out what a proposed pack changes, one bounded step at a time, so that it can be resumed.

First the two packs are compared; then the decisions of the year before the proposal are made again,
a batch a step, from their sealed facts. No transaction is held while anything is reckoned out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from app.domain.ids import new_id
from app.domain.pack_proposal import CHANGED, PackProposal, Tried
from app.flows.active_law import load_kept
from app.flows.keep_refusal import LAWFUL, rests_on
from app.flows.pack_findings import Findings, find, packed
from app.flows.sealing import open_case_key
from app.keys import EventSealer, KeyFault, Rings
from app.records.case import StoredCaseKey
from app.records.pack_proposal import (
    RecordedDecision,
    add_trials,
    count_decisions,
    count_refusals,
    insert_changes,
    keep_findings,
    keep_progress,
    mark_examined,
    next_decisions,
    proposal_of,
    trials_of,
)
from app.records.store import Store
from app.records.transaction import Transaction
from audit.canonical import Json
from audit.entry import Event
from policies import Facts, Law, NoteDecision, decide_note

BATCH = 1000
"""Decisions a step: a second or two on a slow machine."""
YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Examiner:
    """What a step is handed. `actor` runs it for an organisation, or for the installation."""

    organisation_id: str
    actor: Mapping[str, Json]
    sealer: EventSealer
    store: Store
    rings: Rings
    loaded: dict[str, Law] = field(default_factory=dict, repr=False)
    """Kept packs that have been loaded, by hash, so that a step does not load one again."""

    def law(self, sha256: str, *, at: datetime) -> Law | Literal["missing", "damaged"]:
        """A kept pack, if it is what its hash says."""
        found = self.loaded.get(sha256) or load_kept(self.store, sha256, at=at)
        if isinstance(found, Law):
            self.loaded[sha256] = found
        return found


@dataclass(frozen=True)
class Compared:
    """The packs are compared. `unexplained` are the rules that lack a reviewed reason."""

    cells: int
    unexplained: tuple[str, ...]


@dataclass(frozen=True)
class Trying:
    """More decisions remain."""

    done: int
    total: int


@dataclass(frozen=True)
class Examined:
    """Nothing more is to be found out."""


@dataclass(frozen=True)
class NotExamined:
    """It cannot go on, and why: `nothing_to_do`, or `missing` or `damaged` for a kept pack."""

    why: Literal["nothing_to_do", "missing", "damaged"]


Step = Compared | Trying | Examined | NotExamined


def examine_pack(proposal_id: str, examiner: Examiner, *, at: datetime) -> Step:
    """Take the next step of one proposal. Two at once take each step once."""
    with examiner.store.look(at=at) as tx:
        found = proposal_of(tx, proposal_id)
    if found is None or found.state not in ("proposed", "compared"):
        return NotExamined("nothing_to_do")
    new = examiner.law(found.sha256, at=at)
    if not isinstance(new, Law):
        return _not_readable(found, new, examiner, at=at)
    if found.state == "proposed":
        return _compare(found, new, examiner, at=at)
    return _try_batch(found, new, examiner, at=at)


def _not_readable(
    found: PackProposal, why: Literal["missing", "damaged"], examiner: Examiner, *, at: datetime
) -> NotExamined:
    with examiner.store.begin(at=at) as tx:
        detail: dict[str, Json] = {"reason": "pack_damaged"}
        _tell(tx, "pack.examine_refused", found, examiner, at=at, detail=detail, res="deny")
    return NotExamined(why)


def _compare(found: PackProposal, new: Law, examiner: Examiner, *, at: datetime) -> Step:
    old = examiner.law(found.against_sha256, at=at)
    if not isinstance(old, Law):
        return _not_readable(found, old, examiner, at=at)
    findings = find(old, new)
    kept = packed(findings)
    with examiner.store.begin(at=at) as tx:
        if _moved_on(tx, found):
            # Somebody else has taken the step. What is looked for is entered all the same.
            _tell(tx, "pack.step_repeated", found, examiner, at=at)
            return NotExamined("nothing_to_do")
        since, before = _year(found)
        total = count_decisions(tx, since=since, before=before)
        state: Literal["compared", "unexplained"] = (
            "unexplained" if findings.unexplained else "compared"
        )
        told = _told(findings)
        entry_id = _tell(tx, "pack.compared", found, examiner, at=at, detail=told)
        keep_findings(tx, found.id, kept, state=state, total=total, entry_id=entry_id)
    return Compared(len(findings.comparison.cells), findings.unexplained)


def _told(findings: Findings) -> dict[str, Json]:
    return {
        "widens": len(findings.comparison.widenings),
        "narrows": len(findings.comparison.narrowings),
        "unexplained": [*findings.unexplained],
    }


def _try_batch(found: PackProposal, new: Law, examiner: Examiner, *, at: datetime) -> Step:
    since, before = _year(found)
    with examiner.store.look(at=at) as tx:
        batch = next_decisions(tx, after=found.upto, since=since, before=before, most=BATCH)
    tried = [(one, *_try(new, one, examiner.rings)) for one in batch]
    with examiner.store.begin(at=at) as tx:
        if _moved_on(tx, found):
            _tell(tx, "pack.step_repeated", found, examiner, at=at)
            return NotExamined("nothing_to_do")
        if not tried:
            return _finish(tx, found, examiner, at=at)
        counts = Counter[tuple[str, str]]((one.organisation_id, what) for one, what, _ in tried)
        detail: dict[str, Json] = {"count": len(tried), "upto": batch[-1].id}
        entry_id = _tell(tx, "pack.decisions_tried", found, examiner, at=at, detail=detail)
        add_trials(tx, found.id, counts, entry_id=entry_id)
        insert_changes(tx, found.id, _changed(tried), entry_id=entry_id)
        keep_progress(tx, found.id, upto=batch[-1].id, entry_id=entry_id)
        done = sum(trials_of(tx, found.id).values())
    return Trying(done, found.total)


def _finish(tx: Transaction, found: PackProposal, examiner: Examiner, *, at: datetime) -> Step:
    since, before = _year(found)
    refused = count_refusals(tx, since=since, before=before)
    entry_id = _tell(tx, "pack.examined", found, examiner, at=at, detail={"total": found.total})
    add_trials(
        tx, found.id, {(one, "refused"): count for one, count in refused.items()}, entry_id=entry_id
    )
    mark_examined(tx, found.id, entry_id=entry_id)
    return Examined()


def _changed(
    tried: Sequence[tuple[RecordedDecision, Tried, str]],
) -> list[dict[str, str]]:
    return [
        {
            "decision_id": one.id,
            "organisation_id": one.organisation_id,
            "tried": what,
            "before": one.outcome,
            "after": after,
        }
        for one, what, after in tried
        if what in CHANGED
    ]


def _try(law: Law, one: RecordedDecision, rings: Rings) -> tuple[Tried, str]:
    """What comes of one decision under another law, and the answer if there is one."""
    facts = _facts_of(one, rings)
    if isinstance(facts, str):
        return facts, ""
    if not all(_known(law, asked) for asked in facts.values()):
        return "not_in_pack", ""
    try:
        decision = decide_note(law, facts)
    except (LookupError, ValueError):
        # The pack is checked and its words are known, so what is missing is something rarer.
        return "not_in_pack", ""
    return _compared(one, decision), decision.outcome


def _compared(one: RecordedDecision, decision: NoteDecision) -> Tried:
    """What has become of the answer. Something else than the law may have stood in the way then."""
    then, now = one.outcome in LAWFUL, decision.outcome in LAWFUL
    if now and not then:
        return "opened"
    if then and not now and not one.refused:
        return "closed"
    if decision.outcome != one.outcome:
        return "otherwise"
    return "same" if {*rests_on(decision)} == {*one.grounds} else "other_rule"


def _facts_of(one: RecordedDecision, rings: Rings) -> dict[str, Facts] | Tried:
    if one.wrapped is None or one.ring_version is None:
        return "erased"
    stored = StoredCaseKey(
        case_id=one.case_id,
        organisation_id=one.organisation_id,
        ring_version=one.ring_version,
        wrapped=one.wrapped,
    )
    try:
        plain = open_case_key(rings, stored).open_text("facts", one.id, one.facts)
    except (KeyFault, LookupError):
        return "sealed"
    try:
        return msgspec.json.decode(plain, type=dict[str, Facts])
    except msgspec.MsgspecError:
        return "old_form"


def _known(law: Law, facts: Facts) -> bool:
    """Whether the pack has the words that the question is put in."""
    words = law.vocabulary
    return (
        facts.sender.kind in words.kinds
        and facts.recipient.kind in words.kinds
        and facts.item.category in words.categories
        and (facts.purpose is None or facts.purpose in words.purposes)
        and facts.person.statements.keys() | facts.approvals.keys() <= words.conditions.keys()
    )


def _year(found: PackProposal) -> tuple[datetime, datetime]:
    return found.proposed_at - YEAR, found.proposed_at


def _moved_on(tx: Transaction, found: PackProposal) -> bool:
    """Whether another has taken the step. Holds the proposal until the end."""
    now = proposal_of(tx, found.id, hold=True)
    return now is None or (now.state, now.upto) != (found.state, found.upto)


def _tell(
    tx: Transaction,
    op: str,
    found: PackProposal,
    examiner: Examiner,
    *,
    at: datetime,
    detail: Mapping[str, Json] | None = None,
    res: Literal["allow", "deny"] = "allow",
) -> str:
    event = Event(
        id=new_id(at),
        op=op,
        res=res,
        org=examiner.organisation_id,
        actor=examiner.actor,
        object={"proposal": found.id},
        detail={"version": found.version, "sha256": found.sha256, **(detail or {})},
        pol=found.sha256,
    )
    tx.record(event, sealer=examiner.sealer)
    return event.id
