"""What a harm test finds not to be secret must be given on request, as what never was secret.

Law: OSL 6 kap. 5 §
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from policies import Facts, Law, decide

Make = Callable[..., Facts]
Tables = dict[str, dict[str, Any]]


@pytest.fixture
def with_a_duty_that_opens_nothing(tables: Tables, load_tables: Callable[[Tables], Law]) -> Law:
    """The small pack with OSL 6:5: what is not secret is given on request."""
    duty = copy.deepcopy(tables["rules/duties.toml"]["rule"][0])
    duty |= {"id": "D-14", "version_of": "D-14", "effect": "duty_request", "to": ["*"]}
    duty |= {"all": ["asked", "risk"]}
    del duty["opens"]
    tables["rules/duties.toml"]["rule"].append(duty)
    return load_tables(tables)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (("harmless", "risk"), "must"),
        (("harmless",), "may"),
        (("risk",), "needs"),
        # A permission opens what is secret; it does not say that the item is not.
        (("outweighs", "risk"), "may"),
    ],
)
def test_what_a_harm_test_finds_not_to_be_secret_is_given_on_request_as_what_never_was(
    with_a_duty_that_opens_nothing: Law, facts_like: Make, said: tuple[str, ...], outcome: str
) -> None:
    facts = facts_like(
        sender={"kind": "SCHOOL"},
        item={"category": "K3"},
        initiative="request",
        person={"statements": dict.fromkeys(said, "yes")},
    )
    decision = decide(with_a_duty_that_opens_nothing, facts)
    assert decision.outcome == outcome
    assert ("D-14" in {rule.id for rule in decision.fired}) == (outcome == "must")


def test_whether_it_hinders_the_work_is_asked_once_the_harm_test_is_done(
    with_a_duty_that_opens_nothing: Law, facts_like: Make
) -> None:
    asked: list[set[str]] = []
    answers: tuple[dict[str, str], ...] = ({}, {"harmless": "yes"})
    for said in answers:
        facts = facts_like(
            sender={"kind": "SCHOOL"},
            recipient={"kind": "LEISURE"},
            item={"category": "K3"},
            initiative="request",
            person={"statements": said},
        )
        decision = decide(with_a_duty_that_opens_nothing, facts)
        asked.append({step.condition for step in decision.questions})
    before, after = asked
    assert "risk" not in before
    assert after == {"risk"}
    assert "duty_pending" in decision.flags
    assert [near.id for near in decision.near if near.unmet == ("risk",)] == ["D-14"]


def test_one_secrecy_rule_that_a_permission_opens_keeps_the_item_secret(
    with_a_duty_that_opens_nothing: Law, facts_like: Make
) -> None:
    """Ward data opened by a permission, the rest tested: together a permission, and no duty."""
    facts = facts_like(
        recipient={"kind": "LEISURE"},
        sender={"kind": "SOC", "own_secrecy": ["OSL 35:1"]},
        item={"category": "K15"},
        purpose="care",
        initiative="request",
        person={
            "age": 19,
            "subject_consent": "given",
            "statements": {"harmless": "yes", "risk": "yes"},
        },
    )
    assert decide(with_a_duty_that_opens_nothing, facts).outcome == "may"


def test_a_permission_that_opens_nothing_here_is_no_ground_for_what_is_not_secret(
    tables: Tables, load_tables: Callable[[Tables], Law], facts_like: Make
) -> None:
    rules = tables["rules/permissions.toml"]["rule"]
    permit = copy.deepcopy(next(one for one in rules if one["id"] == "P-27"))
    none: dict[str, Any] = {"opens": ["OSL 26:1"], "not_opens": ["OSL 26:1"], "all": []}
    rules.append({**permit, **none, "id": "P-9", "version_of": "P-9"})
    law = load_tables(tables)
    facts = facts_like(
        sender={"kind": "SCHOOL"},
        item={"category": "K3"},
        person={"statements": {"harmless": "yes"}},
    )
    decision = decide(law, facts)
    assert {rule.id for rule in decision.fired} == {"T-1"}
