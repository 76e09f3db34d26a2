"""Every answer of the gate can be seen in the demonstration, asked of the law and not of labels."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("note", "purpose", "to", "code"),
    [
        ("elliot/kontakter", "prevent_crime", "polisen-torsby", "needs_assessment"),
        ("elliot/kvallar", "prevent_crime", "polisen-torsby", "may"),
        ("elliot/narvaro", "schooling", "sunne-skola", "none"),
        ("elliot/forundersokning", "coordinate_support", "sunne-skola", "stop"),
        ("elliot/forundersokning", "prevent_crime", "polisen-torsby", "needs_approval"),
        ("tilda/radgivning", "schooling", "sunne-skola", "needs_consent"),
        ("malte/planering", "care_or_support", "akuten-torsby", "may"),
        ("alva/adress", "prevent_crime", "polisen-torsby", "needs_request"),
        ("alva/adress", "coordinate_support", "sunne-skola", "none"),
        ("vera/oro", "protect_child", "sunne-soc", "must"),
        ("hugo/franvaro", "schooling", "torsby-skola", "may"),
        ("stina/kvall", "coordinate_support", "sunne-skola", "may"),
        ("lage/kvallar", "prevent_crime", "polisen-torsby", "may"),
        ("leon/register", "prevent_crime", "sunne-soc", "stop"),
    ],
)
def test_a_note_gives_the_answer_it_is_there_for(visit, note, purpose, to, code) -> None:
    (answer,) = visit.ask(note, purpose, to).values()
    assert {one.code for one in visit.explained(answer)} == {code}


def test_a_verified_request_about_where_someone_lives_must_be_answered(visit) -> None:
    (answer,) = visit.ask(
        "signe/bor",
        "investigate_crime",
        "polisen-torsby",
        initiative="request",
        requester_verified="yes",
    ).values()
    assert answer.decision.outcome == "must"


def test_a_young_person_of_unknown_age_leaves_a_question_of_age_open(visit) -> None:
    (answer,) = visit.ask("amir/ankomst", "prevent_crime", "polisen-torsby").values()
    (one,) = answer.decision.by_person.values()
    assert answer.decision.outcome == "needs"
    assert "person_under_21" in {step.condition for step in one.questions}


def test_someone_over_twenty_one_is_met_by_the_uncertain_rule_alone(visit) -> None:
    (answer,) = visit.ask("noah/uppdrag", "prevent_crime", "polisen-torsby").values()
    (one,) = answer.decision.by_person.values()
    assert {"U1", "U2"} <= set(one.cautions)
    assert "P-18a" in {rule for strike in one.strikes for rule in strike.strikes}


def test_assessment_and_consent_can_be_alternatives(visit) -> None:
    (answer,) = visit.ask("elliot/kontakter", "prevent_crime", "polisen-torsby").values()
    (one,) = answer.decision.by_person.values()
    kinds = [{step.kind for step in way} for way in one.missing]
    assert {"statement"} in kinds
    assert any("consent" in way for way in kinds)


def test_leisure_is_warned_of_since_secrecy_does_not_follow(visit) -> None:
    answers = visit.ask("tilda/vardag", "coordinate_support")
    warned = {
        recipient
        for recipient, answer in answers.items()
        if any("receiver_unprotected" in one.flags for one in answer.decision.by_person.values())
    }
    assert {"sunne-fritid", "sunne-bra", "sunne-skola"} <= warned
    assert not warned & {"torsby-soc", "akuten-torsby", "polisen-torsby"}


def test_a_protected_address_takes_a_separate_channel(visit) -> None:
    (answer,) = visit.ask("alva/adress", "prevent_crime", "polisen-torsby").values()
    for one in answer.decision.by_person.values():
        assert "separate_channel" in one.flags


def test_a_duty_that_nobody_has_assessed_is_pending(visit) -> None:
    (answer,) = visit.ask("vera/samtal", "coordinate_support", "sunne-soc").values()
    (one,) = answer.decision.by_person.values()
    assert "duty_pending" in one.flags


def test_every_outcome_flag_and_kind_of_step_appears_somewhere(visit) -> None:
    outcomes, codes, flags, cautions = set(), set(), set(), set()
    for note in visit.world.notes:
        for purpose in ("coordinate_support", "prevent_crime", "protect_child"):
            for answer in visit.ask(note, purpose).values():
                outcomes.add(answer.decision.outcome)
                codes |= {one.code for one in visit.explained(answer)}
                for one in answer.decision.by_person.values():
                    flags |= set(one.flags)
                    cautions |= set(one.cautions)
    assert outcomes == {"must", "may", "needs", "stop", "none"}
    assert codes >= {
        "needs_answer",
        "needs_assessment",
        "needs_request",
        "needs_approval",
        "needs_consent",
    }
    assert flags >= {
        "duty_pending",
        "duty_blocked",
        "unknown_facts",
        "receiver_unprotected",
        "separate_channel",
    }
    assert cautions >= {"U1", "U2", "U14", "U16"}
