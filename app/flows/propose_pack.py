"""Propose a rule pack: everything wrong with it is told, and nothing of it counts yet.

Law: OSL 10 kap. (what may be disclosed changes with the rules, so no one person changes them)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.legal_day import legal_day
from app.domain.pack_proposal import OPEN_STATES, PackProposal
from app.flows.happened import happened
from app.flows.list_approvals import may
from app.flows.not_found import NotFound, tell_not_found
from app.flows.standing import as_they_stand
from app.keys import Rings, event_sealer
from app.records.once import already_done, remember_done
from app.records.pack_activation import pack_hash_in_use
from app.records.pack_proposal import insert_proposal, proposals
from app.records.rule_pack import insert_pack
from app.records.store import Store
from app.records.transaction import Transaction
from policies import CaseError, Law, PackError, load_contents
from policies import Problem as PackProblem
from policies.scenarios import cases_in, failing_cases
from policies.second_opinion import SecondOpinion, SecondOpinionFault

PROPOSE, ACTIVATE = "propose_pack", "activate_pack"


@dataclass(frozen=True)
class Proposed:
    """It is kept, and waits to be examined."""

    proposal_id: str


@dataclass(frozen=True)
class PackFaulty:
    """It is no pack that can be used. Every problem found, each with its file and line."""

    problems: tuple[PackProblem, ...]


@dataclass(frozen=True)
class NotProposed:
    """Nothing was proposed, and why: `in_use`, `same_version`, `already_proposed`, `no_pack`."""

    reason: str


def propose_pack(
    contents: Mapping[str, bytes] | PackError,
    actor: Actor,
    *,
    token: str,
    at: datetime,
    store: Store,
    rings: Rings,
    law: Law,
    packaged: Law,
) -> Proposed | PackFaulty | NotProposed | NotFound:
    """Keep the pack and the proposal of it. `packaged` came with the software, and tells which acts
    the software asks about. A PackError stands for files that could not even be read."""
    on = legal_day(at) if law.adviser else None
    read = _read(contents, packaged, on) if may(actor, law, PROPOSE) else None
    with store.begin(at=at) as tx:
        standing = as_they_stand(tx, actor, at=at, rings=rings)
        if standing is None or read is None or not may(standing, law, PROPOSE):
            return tell_not_found(tx, "pack.not_allowed", actor, at=at, rings=rings, about={})
        teller = _Teller(tx, actor, at, rings)
        if isinstance(read, PackFaulty):
            teller.tell("pack.propose_refused", reason="faulty")
            return read
        new_law = read.law
        if done := already_done(tx, token, actor.staff_id, "propose_pack"):
            teller.tell("pack.propose_refused", new_law, reason="repeated")
            return Proposed(done)
        active = pack_hash_in_use(tx)
        if active is None or (reason := _unfit(tx, new_law, law, active)):
            teller.tell("pack.propose_refused", new_law, reason=reason if active else "no_pack")
            return NotProposed(reason if active else "no_pack")
        made = _keep(teller, read, active)
        remember_done(tx, token, actor.staff_id, "propose_pack", made, at=at)
    return Proposed(made)


def _keep(teller: _Teller, read: _Readable, active: str) -> str:
    """The pack and the proposal of it, which waits to be examined; its id."""
    law, actor, at = read.law, teller.actor, teller.at
    new = PackProposal(
        id=new_id(at),
        sha256=law.sha256,
        version=law.version,
        against_sha256=active,
        organisation_id=actor.organisation_id,
        proposed_by=actor.staff_id,
        proposed_at=at,
        state="proposed",
    )
    entry_id = teller.tell("pack.proposed", law, about=new.id)
    insert_pack(
        teller.tx,
        read.contents,
        sha256=law.sha256,
        pack_id=law.id,
        version=law.version,
        rules_sha256=law.rules_sha256,
        entry_id=entry_id,
    )
    insert_proposal(teller.tx, new, entry_id=entry_id)
    return new.id


@dataclass(frozen=True)
class _Readable:
    law: Law
    contents: Mapping[str, bytes]


def _read(
    contents: Mapping[str, bytes] | PackError, packaged: Law, on: date | None
) -> _Readable | PackFaulty:
    """The pack, if nothing is wrong with it. With `on`, another engine must read it too."""
    if isinstance(contents, PackError):
        return PackFaulty(contents.problems)
    try:
        law = load_contents(contents)
    except PackError as fault:
        return PackFaulty(fault.problems)
    problems = (*_unkeepable(contents), *_lacks(law, packaged), *_failing(law, contents))
    if on and not problems:
        problems = tuple(_unread_by_the_other(law, on))
    # A file that is no text can neither be kept nor asked about: that is told once.
    return PackFaulty(tuple(dict.fromkeys(problems))) if problems else _Readable(law, contents)


def _unkeepable(contents: Mapping[str, bytes]) -> Iterator[PackProblem]:
    """Files that could not be kept as text: the loader leaves those of scenarios unread."""
    for name, data in contents.items():
        try:
            data.decode()
        except UnicodeDecodeError as fault:
            yield PackProblem(name, data[: fault.start].count(b"\n") + 1, "is not UTF-8 text")


def _failing(law: Law, contents: Mapping[str, bytes]) -> tuple[PackProblem, ...]:
    """The pack's own cases that it does not answer as they say, or that cannot be read."""
    try:
        return tuple(failing_cases(law, cases_in(contents)))
    except PackError as fault:
        return fault.problems
    except CaseError as fault:
        return (PackProblem("scenarios", 0, str(fault)),)


def _unread_by_the_other(law: Law, on: date) -> Iterator[PackProblem]:
    """Rules that the second engine cannot read, now or later: nothing could leave by them."""
    second = SecondOpinion(law)
    for day in (on, *(edge for edge in law.edges() if edge > on)):
        for kind in law.vocabulary.kinds:
            try:
                second.prepared(day, kind)
            except SecondOpinionFault:
                return  # it is not installed, which start-up says, and no fault of the pack's
            except Exception as fault:  # noqa: BLE001 - whatever it is, nothing could be disclosed
                told = f"the second engine cannot read the rules for {kind} on {day}: {fault}"
                yield PackProblem("rules", 0, told)


def _lacks(law: Law, packaged: Law) -> tuple[PackProblem, ...]:
    """What the service cannot do without: the acts it asks about, and who can change it again."""
    words = law.vocabulary
    problems = [
        PackProblem("roles.toml", 0, f"defines no act {act!r}, which this Sluss asks about")
        for act in packaged.vocabulary.acts
        if act not in words.acts
    ]
    problems += [
        PackProblem("roles.toml", 0, f"no role can hold {act!r}, so no other pack could come after")
        for act in (PROPOSE, ACTIVATE)
        if not any(act in role.acts for role in words.roles.values())
    ]
    return tuple(problems)


def _unfit(tx: Transaction, read: Law, law: Law, active: str) -> str:
    """Why it cannot be proposed just now; empty when it can."""
    if read.sha256 == active:
        return "in_use"
    # A reason in CHANGES.toml counts for a version; one that is used again would explain anew.
    if (read.id, read.version) == (law.id, law.version):
        return "same_version"
    waiting = (one for one in proposals(tx) if one.state in OPEN_STATES)
    same = any(one.sha256 == read.sha256 and one.against_sha256 == active for one in waiting)
    return "already_proposed" if same else ""


@dataclass(frozen=True)
class _Teller:
    tx: Transaction
    actor: Actor
    at: datetime
    rings: Rings

    def tell(self, op: str, law: Law | None = None, *, about: str = "", reason: str = "") -> str:
        """Record the entry; its id."""
        event = happened(
            op,
            "deny" if reason else "allow",
            self.actor,
            at=self.at,
            about={"proposal": about},
            detail={
                "pack": law.id if law else "",
                "version": law.version if law else "",
                "sha256": law.sha256 if law else "",
                "reason": reason,
            },
            pack=law.sha256 if law else None,
        )
        ring = self.rings.current(self.actor.organisation_id)
        self.tx.record(event, sealer=event_sealer(ring, None))
        return event.id
