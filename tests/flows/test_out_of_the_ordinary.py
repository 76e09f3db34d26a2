"""The gate with what is out of the ordinary: private use, standing access, a breach of the GDPR.

Each tells of a disclosure that would leave, and of the same one where a yes changes the answer.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.disclosure import QUIET_FACTS, DisclosureOrder
from app.flows.disclose_note import Disclosed, NotDisclosed


def said(order: DisclosureOrder, *facts: str) -> DisclosureOrder:
    return replace(order, intent=replace(order.intent, quiet=frozenset(facts)))


@pytest.mark.parametrize(
    ("fact", "rule"), [("private_use", "H10"), ("standing_access", "H12")], ids=["H10", "H12"]
)
def test_what_would_leave_is_stopped(town, fact: str, rule: str) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    refused = town.disclose(said(order, fact))
    assert isinstance(refused, NotDisclosed)
    decision = refused.decision.by_person[town.subject_of(case)]
    assert decision.outcome == "stop"
    assert [stop.id for stop in decision.stops] == [rule]
    assert town.ops()[-1] == "note.disclosure_refused"
    assert isinstance(town.disclose(order), Disclosed)


def test_an_expected_breach_of_the_gdpr_is_a_secrecy_of_its_own_to_open(town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    refused = town.disclose(said(order, "gdpr_breach_assumed"))
    assert isinstance(refused, NotDisclosed)
    decision = refused.decision.by_person[town.subject_of(case)]
    assert "OSL 21:7" in {one.rule for one in decision.applicable}
    assert "OSL 21:7" not in {code for code, rules in decision.covers.items() if rules}
    assert isinstance(town.disclose(order), Disclosed)


@pytest.mark.parametrize("fact", ["private_use", "standing_access"])
def test_no_duty_leaves_either(town, fact: str) -> None:
    case = town.case(town.kurator, reference="EH 2026/1")
    note = town.note(case, town.kurator, category="K3")
    answers = dict.fromkeys(town.statements("D-1"), "yes")
    order = town.order(note, "soc", "protect_child", answers=answers, about=town.subject_of(case))
    assert isinstance(town.disclose(said(order, fact), town.kurator), NotDisclosed)
    assert isinstance(town.disclose(order, town.kurator), Disclosed)


def test_the_entry_tells_what_was_out_of_the_ordinary(town, last_detail) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    town.disclose(said(order, *QUIET_FACTS))
    assert last_detail(case)["out_of_the_ordinary"] == sorted(QUIET_FACTS)
    town.disclose(order)
    assert "out_of_the_ordinary" not in last_detail(case)
