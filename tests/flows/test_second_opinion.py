"""At the gate two engines must agree; a difference, an absence or a fault keeps the note in."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.domain.ids import INSTALLATION
from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.install import Operator, no_second_opinion
from app.records.audit_view import entries_of_organisation
from policies import Facts
from policies.second_opinion import SecondOpinion


class Says:
    """Another engine that answers as it is told to."""

    engine = "stand-in 1"

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def lets_out(self, facts: Mapping[str, Facts]) -> bool:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[return-value]


def advised(town, adviser):
    return replace(town, law=town.law.with_adviser(adviser))


def test_a_note_that_both_engines_let_out_leaves_and_the_log_says_so(town, last_detail) -> None:
    town = advised(town, SecondOpinion(town.law))
    case = town.case()
    assert isinstance(town.disclose(town.assessed(case, town.note(case))), Disclosed)
    said = last_detail(case)["second_opinion"]
    assert said["agrees"] is True
    assert said["engine"].startswith("cedar 4.")


def test_where_nobody_is_asked_the_log_says_that(town, last_detail) -> None:
    case = town.case()
    assert isinstance(town.disclose(town.assessed(case, town.note(case))), Disclosed)
    assert last_detail(case)["second_opinion"] == {"engine": "", "agrees": None}


@pytest.mark.parametrize(
    ("answer", "reason", "agrees"),
    [
        (False, "second_opinion_differs", False),
        (None, "second_opinion_differs", False),
        (1, "second_opinion_differs", False),
        (ValueError("broken"), "second_opinion_missing", None),
    ],
)
def test_anything_but_a_yes_keeps_the_note_in(town, last_detail, answer, reason, agrees) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    before = len(town.entries())
    outcome = advised(town, Says(answer)).disclose(order)
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == reason
    assert outcome.decision.outcome == "may"
    assert town.ops()[before:] == ["note.disclosure_refused"]
    detail = last_detail(case)
    assert detail["reason"] == reason
    assert detail["second_opinion"]["agrees"] is agrees
    assert "broken" not in str(detail)
    town.later(hours=1)
    # What was assessed is kept: once the engines agree nothing need be written again.
    again = town.disclose(town.order(order.intent.note_id, about=town.subject_of(case)))
    assert isinstance(again, Disclosed)


def test_without_the_engine_nothing_leaves(town, last_detail, monkeypatch) -> None:
    town = advised(town, SecondOpinion(town.law))
    monkeypatch.setitem(sys.modules, "cedarpy", None)
    case = town.case()
    outcome = town.disclose(town.assessed(case, town.note(case)))
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "second_opinion_missing"
    assert last_detail(case)["second_opinion"]["fault"] == "SecondOpinionFault"


def test_the_other_engine_is_not_asked_about_what_the_rules_keep_in(town) -> None:
    town = advised(town, Says(AssertionError("asked")))
    case = town.case()
    outcome = town.disclose(town.order(town.note(case)))
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "law"


def test_a_start_without_a_second_opinion_is_in_the_log(town) -> None:
    operator = Operator(name="ops", ring=town.rings.current(INSTALLATION))
    no_second_opinion(operator, at=town.at, store=town.store)
    with town.store.look(at=town.at) as tx:
        ops = [entry.op for entry in entries_of_organisation(tx, INSTALLATION)]
    assert ops[0] == "installation.no_second_opinion"
