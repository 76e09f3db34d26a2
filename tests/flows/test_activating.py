"""A rule pack is proposed by one, examined, and activated by another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest
import sqlalchemy

from app.domain.actor import Actor
from app.domain.ids import new_id
from app.domain.staff import RoleGrant
from app.flows import examine_pack as examining
from app.flows.active_law import ActiveLaw
from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.examine_pack import Compared, Examined, NotExamined, Trying, examine_pack
from app.flows.install import grant_role
from app.flows.not_found import NotFound
from app.flows.propose_pack import NotProposed, PackFaulty, propose_pack
from app.flows.replay_decision import Replayed, replay_decision
from app.flows.settle_pack import (
    NotSettled,
    PackList,
    ProposalView,
    Settled,
    settle_pack,
    view_packs,
    view_proposal,
)
from app.records.case import case_key
from app.records.disclosure import disclosure
from app.records.pack_activation import pack_hash_in_use
from app.records.pack_proposal import pack_proposal
from app.records.rule_pack import rule_pack
from policies import PackError, Problem, load, pack_contents
from policies.cedar_facts import CedarError
from policies.second_opinion import SecondOpinion
from tests.flows import packs
from tests.flows.packs import examine, examined, examiner, jurist, law_of, propose
from tests.flows.town import EVER, Town, operator_of

NEVER = "01a207a2-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "find", packs.find_once)


@pytest.fixture
def maja(town: Town) -> Actor:
    return jurist(town, "Maja Rätt")


@pytest.fixture
def olle(town: Town) -> Actor:
    return jurist(town, "Olle Lag", "police")


def view(town: Town, proposal: str, who: Actor) -> ProposalView:
    found = view_proposal(proposal, who, **town.hands)
    assert isinstance(found, ProposalView)
    return found


def disclosed(town: Town, reference: str = "SN 2026/0001") -> str:
    case = town.case(reference=reference)
    made = town.disclose(town.assessed(case, town.note(case)))
    assert isinstance(made, Disclosed)
    town.later(seconds=1)
    return made.disclosure_id


def settle(town: Town, proposal: str, who: Actor, act: str = "activate") -> object:
    return settle_pack(proposal, act, who, **town.hands)  # type: ignore[arg-type]


def in_use(town: Town) -> str | None:
    with town.store.look(at=town.at) as tx:
        return pack_hash_in_use(tx)


def test_two_persons_take_new_rules_in_use_and_the_log_has_the_hash(
    town: Town, maja: Actor, olle: Actor
) -> None:
    contents = packs.narrower()
    new = law_of(contents)
    mine = ActiveLaw(town.store, load())
    assert mine.now(town.at).law.sha256 == load().sha256
    made = examined(town, maja, contents)
    assert settle(town, made, olle) == Settled(made)
    assert in_use(town) == new.sha256
    found = mine.now(town.at)
    assert (found.usable, found.law.sha256) == (True, new.sha256)
    assert town.entries("police")[-1].op == "pack.activated"
    seen = view_packs(maja, **town.hands)
    assert isinstance(seen, PackList)
    assert [(one.n, one.sha256, one.activated_by) for one in seen.activations] == [
        (1, new.sha256, olle.staff_id),
        (0, load().sha256, None),
    ]


def test_what_narrows_and_which_decisions_would_be_otherwise_are_found(
    town: Town, maja: Actor
) -> None:
    made = disclosed(town)
    town.later(days=1)
    proposal = propose(town, maja, packs.narrower())
    steps = examine(town, proposal)
    assert isinstance(steps[0], Compared)
    assert steps[1:] == [Trying(1, 1), Examined()]
    seen = view(town, proposal, maja)
    assert seen.findings is not None
    assert seen.findings.comparison.widenings == ()
    cells = {(c.sender, c.recipient) for c in seen.findings.comparison.narrowings}
    assert ("SOC", "POLICE") in cells
    assert seen.trials == {("soc", "closed"): 1}
    (change,) = seen.changes
    assert (change.decision_id, change.before, change.after) == (made, "may", "needs")


def test_a_decision_that_stays_the_same_is_counted_as_the_same(town: Town, maja: Actor) -> None:
    disclosed(town)
    seen = view(town, examined(town, maja, packs.reworded()), maja)
    assert (seen.trials, seen.changes) == ({("soc", "same"): 1}, ())


def refused(town: Town, **answers: str) -> None:
    """A refusal by the law, where everything but this is answered yes."""
    case = town.case(reference="SN 2026/0090")
    said = dict.fromkeys(town.statements("P-18a"), "yes") | answers
    order = town.order(
        town.note(case),
        answers={name: answer for name, answer in said.items() if answer},
        about=town.subject_of(case),
    )
    assert isinstance(town.disclose(order), NotDisclosed)
    town.later(days=1)


def test_a_refusal_that_would_be_let_through_is_found(town: Town, maja: Actor) -> None:
    refused(town, risk_of_crime="")
    proposal = propose(town, maja, packs.wider(explained=True))
    assert examine(town, proposal)[1:] == [Trying(1, 1), Examined()]
    seen = view(town, proposal, maja)
    assert seen.trials == {("soc", "opened"): 1}
    (change,) = seen.changes
    assert (change.tried, change.before, change.after) == ("opened", "needs", "may")
    assert (change.recipient_id, change.pack) == ("police", load().sha256)


def test_a_refusal_that_stays_one_is_counted_as_the_same(town: Town, maja: Actor) -> None:
    refused(town, risk_of_crime="")
    seen = view(town, examined(town, maja, packs.reworded()), maja)
    assert (seen.trials, seen.changes) == ({("soc", "same"): 1}, ())


def test_what_was_refused_for_another_reason_than_the_law_is_not_closed(
    town: Town, maja: Actor
) -> None:
    """The recipient had it already: the law let it, and would not any more."""
    case = town.case()
    note = town.note(case)
    assert isinstance(town.disclose(town.assessed(case, note)), Disclosed)
    town.later(minutes=5)
    again = town.disclose(town.order(note, about=town.subject_of(case)))
    assert isinstance(again, NotDisclosed)
    assert again.reason == "already_sent"
    town.later(days=1)
    seen = view(town, examined(town, maja, packs.narrower()), maja)
    assert seen.trials == {("soc", "closed"): 1, ("soc", "otherwise"): 1}


def test_disclosures_and_refusals_are_tried_in_the_order_they_were_made(
    town: Town, maja: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining, "BATCH", 1)
    disclosed(town, "SN 2026/0001")
    refused(town, risk_of_crime="")
    disclosed(town, "SN 2026/0002")
    proposal = propose(town, maja, packs.narrower())
    assert examine(town, proposal)[1:] == [*(Trying(n, 3) for n in (1, 2, 3)), Examined()]
    seen = view(town, proposal, maja)
    assert seen.trials == {("soc", "closed"): 2, ("soc", "same"): 1}
    assert [one.tried for one in seen.changes] == ["closed", "closed"]


def test_a_decision_more_than_a_year_old_is_not_made_again(town: Town, maja: Actor) -> None:
    disclosed(town)
    town.later(days=365)
    seen = view(town, examined(town, maja, packs.reworded()), maja)
    assert seen.trials == {}


def test_what_cannot_be_answered_is_counted_with_why(town: Town, maja: Actor) -> None:
    for number in range(3):
        disclosed(town, f"SN 2026/{number:04}")
    case = town.case(reference="SN 2026/0099")
    # The note has no such version, so the law is never asked.
    town.disclose(town.order(town.note(case), version=2))
    with town.store.engine.begin() as connection:
        ids = connection.execute(
            sqlalchemy.select(disclosure.c.id, disclosure.c.case_id).order_by(disclosure.c.id)
        ).all()
        connection.execute(sqlalchemy.delete(case_key).where(case_key.c.case_id == ids[0].case_id))
        connection.execute(
            sqlalchemy.update(disclosure).where(disclosure.c.id == ids[1].id).values(facts=b"cut")
        )
    town.later(days=1)
    seen = view(town, examined(town, maja, packs.reworded()), maja)
    assert seen.trials == {
        ("soc", "erased"): 1,
        ("soc", "sealed"): 1,
        ("soc", "same"): 1,
        ("soc", "refused"): 1,
    }


def test_more_decisions_than_one_step_takes_are_made_again_in_several(
    town: Town, maja: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining, "BATCH", 2)
    for number in range(3):
        disclosed(town, f"SN 2026/{number:04}")
    proposal = propose(town, maja, packs.reworded())
    steps = examine(town, proposal)
    assert steps[1:] == [Trying(2, 3), Trying(3, 3), Examined()]
    assert view(town, proposal, maja).trials == {("soc", "same"): 3}


def test_a_step_that_somebody_else_has_taken_is_not_taken_again(
    town: Town, maja: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    disclosed(town)
    proposal = propose(town, maja, packs.reworded())
    examine_pack(proposal, examiner(town), at=town.at)
    first = examining.next_decisions

    def slow(*given, **named):  # type: ignore[no-untyped-def]
        found = first(*given, **named)
        monkeypatch.setattr(examining, "next_decisions", first)
        if found:
            examine_pack(proposal, examiner(town), at=town.at)
        return found

    monkeypatch.setattr(examining, "next_decisions", slow)
    with_other = examine_pack(proposal, examiner(town), at=town.at)
    assert with_other == NotExamined("nothing_to_do")
    assert view(town, proposal, maja).trials == {("soc", "same"): 1}


def test_a_widening_without_a_reviewed_reason_is_refused(
    town: Town, maja: Actor, olle: Actor
) -> None:
    proposal = propose(town, maja, packs.wider(explained=False))
    assert examine(town, proposal)[-1] == Compared(6, ("P-18a",))
    assert settle(town, proposal, olle) == NotSettled("unexplained")
    assert in_use(town) == load().sha256
    assert town.entries("police")[-1].res == "deny"


def test_a_widening_with_a_reviewed_reason_is_activated(
    town: Town, maja: Actor, olle: Actor
) -> None:
    proposal = examined(town, maja, packs.wider(explained=True))
    seen = view(town, proposal, olle)
    assert seen.findings is not None
    assert [(one.rule, one.reviewer) for one in seen.findings.reasons] == [
        ("P-18a", "Jurist Påhittad")
    ]
    assert settle(town, proposal, olle) == Settled(proposal)


def test_nobody_activates_what_they_have_proposed(town: Town, maja: Actor) -> None:
    proposal = examined(town, maja, packs.reworded())
    assert settle(town, proposal, maja) == NotSettled("own_proposal")
    assert in_use(town) == load().sha256


def test_nor_as_somebody_in_another_organisation(town: Town, maja: Actor, olle: Actor) -> None:
    granted = RoleGrant(
        id=new_id(town.at),
        staff_id=maja.staff_id,
        organisation_id="police",
        role="lawyer",
        period=EVER,
    )
    grant_role(granted, operator_of(town), at=town.at, store=town.store)
    elsewhere = replace(maja, organisation=olle.organisation)
    proposal = examined(town, maja, packs.reworded())
    assert settle(town, proposal, elsewhere) == NotSettled("own_proposal")


def test_the_database_too_refuses_one_person(town: Town, maja: Actor) -> None:
    proposal = examined(town, maja, packs.reworded())
    with pytest.raises(sqlalchemy.exc.IntegrityError), town.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.update(pack_proposal)
            .where(pack_proposal.c.id == proposal)
            .values(state="activated", settled_by=maja.staff_id)
        )


def test_what_is_not_examined_is_not_activated(town: Town, maja: Actor, olle: Actor) -> None:
    proposal = propose(town, maja, packs.reworded())
    assert settle(town, proposal, olle) == NotSettled("not_examined")
    examine_pack(proposal, examiner(town), at=town.at)
    assert settle(town, proposal, olle) == NotSettled("not_examined")


def test_what_was_compared_with_a_pack_that_is_not_in_use_any_more_is_not_activated(
    town: Town, maja: Actor, olle: Actor
) -> None:
    first = examined(town, maja, packs.reworded("2027.1.1"))
    second = examined(town, maja, packs.reworded("2027.1.2"))
    assert settle(town, first, olle) == Settled(first)
    town.law = law_of(packs.reworded("2027.1.1"))
    assert settle(town, second, olle) == NotSettled("stale")
    assert view(town, second, olle).stale


def test_what_is_activated_is_not_activated_again_nor_withdrawn(
    town: Town, maja: Actor, olle: Actor
) -> None:
    proposal = examined(town, maja, packs.reworded())
    settle(town, proposal, olle)
    assert settle(town, proposal, olle) == NotSettled("settled")
    assert settle(town, proposal, maja, "withdraw") == NotSettled("settled")


def test_a_withdrawn_proposal_is_not_activated(town: Town, maja: Actor, olle: Actor) -> None:
    proposal = examined(town, maja, packs.reworded())
    assert settle(town, proposal, maja, "withdraw") == Settled(proposal)
    assert settle(town, proposal, olle) == NotSettled("settled")
    assert examine_pack(proposal, examiner(town), at=town.at) == NotExamined("nothing_to_do")


def test_a_kept_pack_that_was_changed_after_it_was_examined_is_not_activated(
    town: Town, maja: Actor, olle: Actor
) -> None:
    contents = packs.reworded()
    proposal = examined(town, maja, contents)
    with town.store.engine.begin() as connection:
        other = connection.execute(
            sqlalchemy.select(rule_pack.c.content).where(rule_pack.c.sha256 == load().sha256)
        ).scalar_one()
        connection.execute(
            sqlalchemy.update(rule_pack)
            .where(rule_pack.c.sha256 == law_of(contents).sha256)
            .values(content=other)
        )
    assert settle(town, proposal, olle) == NotSettled("pack_damaged")
    assert in_use(town) == load().sha256


def test_a_kept_pack_that_was_changed_before_is_not_examined(town: Town, maja: Actor) -> None:
    proposal = propose(town, maja, packs.reworded())
    with town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.update(rule_pack).values(content=b"no pack"))
    assert examine_pack(proposal, examiner(town), at=town.at) == NotExamined("damaged")
    assert town.entries()[-1].op == "pack.examine_refused"


@pytest.mark.parametrize("role", ["case_worker", "supervisor", "board_secretary"])
def test_who_may_neither_propose_nor_activate_finds_nothing(
    town: Town, maja: Actor, role: str
) -> None:
    other = jurist(town, "Någon Annan", "soc", role)
    proposal = examined(town, maja, packs.reworded())
    assert isinstance(settle(town, proposal, other), NotFound)
    assert isinstance(settle(town, proposal, other, "withdraw"), NotFound)
    assert isinstance(view_proposal(proposal, other, **town.hands), NotFound)
    assert isinstance(view_packs(other, **town.hands), NotFound)
    refused = propose_pack(
        packs.reworded("2027.3.3"), other, token="", packaged=load(), **town.hands
    )
    assert isinstance(refused, NotFound)
    assert in_use(town) == load().sha256


def test_a_role_that_has_ended_activates_nothing(town: Town, maja: Actor, olle: Actor) -> None:
    from app.records.role_grant import role_grant

    proposal = examined(town, maja, packs.reworded())
    with town.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.delete(role_grant).where(role_grant.c.staff_id == olle.staff_id)
        )
    assert isinstance(settle(town, proposal, olle), NotFound)


def test_a_proposal_that_does_not_exist_is_not_found(town: Town, olle: Actor) -> None:
    assert isinstance(settle(town, NEVER, olle), NotFound)
    assert isinstance(view_proposal(NEVER, olle, **town.hands), NotFound)


def test_others_decisions_are_counted_and_not_shown(town: Town, maja: Actor, olle: Actor) -> None:
    disclosed(town)
    proposal = examined(town, maja, packs.narrower())
    seen = view(town, proposal, olle)
    assert seen.trials == {("soc", "closed"): 1}
    assert seen.changes == ()


def test_every_fault_of_a_pack_is_told_with_file_and_line(town: Town, maja: Actor) -> None:
    contents = packs.reworded()
    rules = contents["rules/permissions.toml"].decode()
    line = rules[: rules.index('effect = "permit"')].count("\n") + 1
    contents["rules/permissions.toml"] = rules.replace(
        'effect = "permit"', 'effect = "permitted"', 1
    ).encode()
    contents["secrecy.toml"] = b"[[secrecy\n"
    outcome = propose_pack(contents, maja, token="", packaged=load(), **town.hands)
    assert isinstance(outcome, PackFaulty)
    places = {(one.file, one.line) for one in outcome.problems}
    assert {("rules/permissions.toml", line), ("secrecy.toml", 1)} <= places
    assert (town.ops()[-1], town.entries()[-1].res) == ("pack.propose_refused", "deny")


def test_files_that_could_not_be_read_are_told(town: Town, maja: Actor) -> None:
    fault = PackError([Problem("roles.toml", 0, "cannot be read: Permission denied")])
    outcome = propose_pack(fault, maja, token="", packaged=load(), **town.hands)
    assert outcome == PackFaulty(fault.problems)


@pytest.mark.parametrize("act", ["propose_pack", "activate_pack"])
def test_a_pack_after_which_no_other_could_come_is_refused(
    town: Town, maja: Actor, act: str
) -> None:
    outcome = propose_pack(packs.without_act(act), maja, token="", packaged=load(), **town.hands)
    assert isinstance(outcome, PackFaulty)
    assert act in str(outcome.problems[0])


def test_a_pack_without_an_act_that_the_service_asks_about_is_refused(
    town: Town, maja: Actor
) -> None:
    contents = packs.without_act("read_export")
    roles = contents["roles.toml"].decode()
    start = roles.index('[[act]]\ncode = "read_export"')
    contents["roles.toml"] = (roles[:start] + roles[roles.index("[[act]]", start + 1) :]).encode()
    contents["roles.toml"] = contents["roles.toml"].replace(b'["read_export"]', b'["read_note"]')
    outcome = propose_pack(contents, maja, token="", packaged=load(), **town.hands)
    assert isinstance(outcome, PackFaulty)
    assert "'read_export'" in str(outcome.problems[0])


def test_rules_that_the_second_engine_cannot_read_are_told_before_they_stop_everything(
    town: Town, maja: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.law = town.law.with_adviser(SecondOpinion(town.law))

    def cannot(_self: SecondOpinion, _on: date, sender: str) -> None:
        if sender == "SOC":
            raise CedarError("no twin for that")

    monkeypatch.setattr(SecondOpinion, "prepared", cannot)
    never_examined = packs.reworded("2031.1.1")
    outcome = propose_pack(never_examined, maja, token="", packaged=load(), **town.hands)
    assert isinstance(outcome, PackFaulty)
    assert "cannot read the rules for SOC" in str(outcome.problems[0])


def test_rules_that_it_reads_are_proposed(town: Town, maja: Actor) -> None:
    town.law = town.law.with_adviser(SecondOpinion(town.law))
    assert propose(town, maja, packs.reworded())


def test_a_scenario_that_is_no_text_is_told(town: Town, maja: Actor) -> None:
    contents = packs.reworded()
    contents["scenarios/nekat/x.toml"] = b'title = "a"\n\xff'
    outcome = propose_pack(contents, maja, token="", packaged=load(), **town.hands)
    assert outcome == PackFaulty((Problem("scenarios/nekat/x.toml", 2, "is not UTF-8 text"),))


def test_the_pack_in_use_cannot_be_proposed(town: Town, maja: Actor) -> None:
    outcome = propose_pack(dict(pack_contents()), maja, token="", packaged=load(), **town.hands)
    assert outcome == NotProposed("in_use")


def test_a_version_is_not_used_again_so_that_an_old_reason_explains_nothing_new(
    town: Town, maja: Actor
) -> None:
    contents = packs.reworded(load().version)
    outcome = propose_pack(contents, maja, token="", packaged=load(), **town.hands)
    assert outcome == NotProposed("same_version")


def test_the_same_pack_is_not_proposed_twice(town: Town, maja: Actor, olle: Actor) -> None:
    contents = packs.reworded()
    first = propose(town, maja, contents, token="t" * 36)
    assert propose(town, maja, contents, token="t" * 36) == first, "the same form sent again"
    outcome = propose_pack(contents, olle, token="", packaged=load(), **town.hands)
    assert outcome == NotProposed("already_proposed")


def test_the_decisions_of_before_are_replayed_to_the_byte(
    town: Town, maja: Actor, olle: Actor
) -> None:
    before = disclosed(town)
    settle(town, examined(town, maja, packs.narrower()), olle)
    outcome = replay_decision(
        before, operator_of(town), at=town.at, store=town.store, rings=town.rings
    )
    assert isinstance(outcome, Replayed)
    assert (outcome.identical, outcome.pack) == (True, load().sha256)


def test_of_two_activations_at_once_one_is_made(town: Town, maja: Actor, olle: Actor) -> None:
    made = [examined(town, maja, packs.reworded(f"2027.1.{number}")) for number in (1, 2)]
    start, outcomes = Barrier(2), []

    def activate(proposal: str) -> None:
        start.wait()
        outcomes.append(settle(town, proposal, olle))

    threads = [Thread(target=activate, args=(proposal,)) for proposal in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(one).__name__ for one in outcomes) == ["NotSettled", "Settled"]
    assert NotSettled("stale") in outcomes
    seen = view_packs(maja, **town.hands)
    assert isinstance(seen, PackList)
    assert [one.n for one in seen.activations] == [1, 0]


def test_the_same_proposal_activated_twice_at_once_is_activated_once(
    town: Town, maja: Actor, olle: Actor
) -> None:
    other = jurist(town, "Anna Regel", "school")
    proposal = examined(town, maja, packs.reworded())
    start, outcomes = Barrier(2), []

    def activate(who: Actor) -> None:
        start.wait()
        outcomes.append(settle(town, proposal, who))

    threads = [Thread(target=activate, args=(who,)) for who in (olle, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert NotSettled("settled") in outcomes
    assert Settled(proposal) in outcomes


def test_a_disclosure_and_an_activation_at_once_come_one_after_the_other(
    town: Town, maja: Actor, olle: Actor
) -> None:
    """The gate holds the pack in use until it is done, or waits and then finds another."""
    contents = packs.narrower()
    proposal = examined(town, maja, contents)
    case = town.case()
    order = town.assessed(case, town.note(case))
    start, outcomes = Barrier(2), []

    def disclose() -> None:
        start.wait()
        outcomes.append(town.disclose(order))

    def activate() -> None:
        start.wait()
        outcomes.append(settle(town, proposal, olle))

    threads = [Thread(target=disclose), Thread(target=activate)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (told,) = (one for one in outcomes if not isinstance(one, Settled))
    ops = [one.op for one in sorted(town.entries() + town.entries("police"), key=lambda e: e.n)]
    if isinstance(told, Disclosed):
        assert ops.index("note.disclosed") < ops.index("pack.activated")
    else:
        assert told.reason == "pack_not_in_use"  # type: ignore[attr-defined]
        assert ops.index("pack.activated") < ops.index("note.disclosure_refused")
