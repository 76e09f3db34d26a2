"""The mistakes that would hurt somebody. Each test is one of them, tried as hard as it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import product
from typing import Any

import msgspec
import pytest

from app.domain.delegation_form import DECISIONS
from policies import Decision, Law, decide, decision_bytes
from policies.roles import IN_PERSON, deciding_in_person
from policies.scenarios import facts_of_answer, packaged_scenarios

Ask = Callable[..., Decision]

CRIME_FIGHTERS = ["POLICE", "PROS", "SAPO", "EBM", "TULL", "KBV", "SKV"]
PURPOSES = ["prevent_crime", "investigate_crime", "care_or_support", "own_task", "feedback"]
GIVEN = {"subject_consent": "given", "guardian_consent": "given"}
ROBBERY = {"committed_crime": "yes", "crime": "ran", "crime_stage": "completed"}
LAWFUL = ("must", "may")


def opened_by(decision: Decision, secrecy: str) -> set[str]:
    return set(decision.covers.get(secrecy, ()))


def whole_families(law: Law, *families: str) -> set[str]:
    return {rule.id for rule in law.rules.values() if rule.version_of in families}


def tried_hard(
    ask: Ask,
    every_statement: tuple[str, ...],
    every_approval: dict[str, str],
    sender: str,
    category: str,
    recipients: list[str],
    **more: Any,
) -> Iterator[Decision]:
    """Everything is stated, approved and asked for; only the law can say no."""
    for recipient, purpose, committed in product(recipients, PURPOSES, ("yes", "no")):
        item = {"committed_crime": committed, "crime": "ran", "crime_stage": "completed"}
        yield ask(
            sender,
            recipient,
            category,
            item={**item, **more.get("item", {})},
            person=more.get("person"),
            says=every_statement,
            approvals=every_approval,
            purpose=purpose,
            initiative="request",
            requester_verified="yes",
            decider_role="principal",
        )


# Social services


def test_social_services_information_never_leaves_by_the_general_clause(
    packaged: Law, ask: Ask, every_statement: tuple[str, ...], every_approval: dict[str, str]
) -> None:
    for decision in tried_hard(
        ask, every_statement, every_approval, "SOC", "K11", list(packaged.vocabulary.kinds)
    ):
        assert not opened_by(decision, "OSL 26:1") & whole_families(packaged, "P-27")


@pytest.mark.parametrize("committed", ["yes", "unknown"])
def test_the_crime_fighting_rule_never_opens_social_services_for_a_committed_crime(
    packaged: Law,
    ask: Ask,
    every_statement: tuple[str, ...],
    every_approval: dict[str, str],
    committed: str,
) -> None:
    for purpose in PURPOSES:
        decision = ask(
            *("SOC", "POLICE", "K11"),
            item={**ROBBERY, "committed_crime": committed},
            says=every_statement,
            approvals=every_approval,
            purpose=purpose,
        )
        assert not opened_by(decision, "OSL 26:1") & whole_families(packaged, "P-15a")


@pytest.mark.parametrize("recipient", ["POLICE", "SCHOOL_M", "LEISURE", "CRIMEPREV"])
def test_the_crime_fighting_rule_from_social_services_waits_for_a_supervisor(
    ask: Ask, recipient: str
) -> None:
    decision = ask(
        *("SOC", recipient, "K11"),
        item={"committed_crime": "no"},
        person={"age": 22},
        says=["needed_for_purpose", "no_predominant_reasons"],
        denies=["clear_no_harm"],
        purpose="prevent_crime",
    )
    assert decision.outcome == "needs"
    assert ["supervisor_approval"] in [[step.condition for step in way] for way in decision.missing]
    assert {"U1", "U2", "U14"} <= set(decision.cautions)


def test_a_refused_approval_is_not_asked_for_again(ask: Ask) -> None:
    decision = ask(
        *("SOC", "SCHOOL_M", "K11"),
        item={"committed_crime": "no"},
        person={"age": 22, "subject_consent": "refused"},
        says=["needed_for_purpose", "no_predominant_reasons"],
        denies=["clear_no_harm"],
        approvals={"supervisor_approval": "no"},
        purpose="prevent_crime",
    )
    assert decision.outcome == "none"


@pytest.mark.parametrize("recipient", ["SCHOOL_M", "LEISURE", "REGION", "CRIMEPREV", "PROS"])
def test_the_rule_on_young_people_at_risk_reaches_no_one_but_its_receivers(
    packaged: Law, ask: Ask, every_statement: tuple[str, ...], recipient: str
) -> None:
    decision = ask("SOC", recipient, "K11", item={"committed_crime": "no"}, says=every_statement)
    assert not opened_by(decision, "OSL 26:1") & whole_families(packaged, "P-18a")


@pytest.mark.parametrize(
    "unknown",
    [{"case_subject_age": 16, "person": {"born": None}}, {"item": {}}],
    ids=["age", "crime"],
)
def test_the_rule_on_young_people_at_risk_needs_known_facts(
    ask: Ask, unknown: dict[str, Any]
) -> None:
    says = ["risk_of_crime", "not_inappropriate"]
    known = {"item": {"committed_crime": "no"}, "says": says}
    assert "P-18a" in {rule.id for rule in ask("SOC", "POLICE", "K11", **known).fired}
    decision = ask("SOC", "POLICE", "K11", **{**known, **unknown})
    assert "P-18a" not in {rule.id for rule in decision.fired}
    assert decision.outcome == "needs"


# Health care


@pytest.mark.parametrize("sender", ["REGION", "SCHOOL_M_MED"])
def test_health_information_never_reaches_the_police_by_the_wrong_rules(
    packaged: Law,
    ask: Ask,
    every_statement: tuple[str, ...],
    every_approval: dict[str, str],
    sender: str,
) -> None:
    category = {"REGION": "K15", "SCHOOL_M_MED": "K4"}[sender]
    wrong = whole_families(packaged, "P-15a", "P-18a", "P-24", "P-27", "D-3", "D-4", "D-6")
    for decision in tried_hard(
        ask, every_statement, every_approval, sender, category, CRIME_FIGHTERS
    ):
        assert not opened_by(decision, "OSL 25:1") & wrong


@pytest.mark.parametrize("holder", [("SOC", "K11"), ("SCHOOL_M", "K2"), ("CRIMEPREV", "K33")])
def test_health_information_is_not_easier_to_tell_because_another_holds_it(
    packaged: Law,
    ask: Ask,
    every_statement: tuple[str, ...],
    every_approval: dict[str, str],
    holder: tuple[str, str],
) -> None:
    wrong = whole_families(packaged, "P-15a", "P-18a", "P-24", "P-27", "D-3", "D-4")
    for decision in tried_hard(
        ask,
        every_statement,
        every_approval,
        *holder,
        CRIME_FIGHTERS,
        item={"origin": "REGION", "health_serious": "yes"},
    ):
        assert not {rule for ids in decision.covers.values() for rule in ids} & wrong


def test_a_theft_is_not_serious_enough_for_health_care(ask: Ask) -> None:
    decision = ask(
        *("REGION", "POLICE", "K15"),
        item={"committed_crime": "yes", "crime": "stold", "crime_stage": "completed"},
        says=["crime_suspected", "relevant_to_investigation"],
        purpose="investigate_crime",
    )
    assert opened_by(decision, "OSL 25:1") == set()


def test_an_unknown_crime_is_not_serious_enough_for_health_care(ask: Ask) -> None:
    decision = ask(
        *("REGION", "POLICE", "K15"),
        item={"committed_crime": "yes"},
        says=["crime_suspected", "relevant_to_investigation"],
        purpose="investigate_crime",
    )
    assert opened_by(decision, "OSL 25:1") == set()


# Protected persons


@pytest.mark.parametrize("protected", ["yes", "unknown"])
@pytest.mark.parametrize("contact", ["home_address", "phone", "workplace", "whereabouts"])
def test_a_protected_address_leaves_by_duty_only_and_apart(
    packaged: Law,
    ask: Ask,
    every_statement: tuple[str, ...],
    every_approval: dict[str, str],
    protected: str,
    contact: str,
) -> None:
    duties = {r.id for r in packaged.rules.values() if r.effect.startswith("duty")}
    for sender, category in (("SOC", "K11"), ("SCHOOL_M", "K5"), ("REGION", "K15")):
        for decision in tried_hard(
            ask,
            every_statement,
            every_approval,
            sender,
            category,
            ["POLICE", "SOC", "SCHOOL_M", "LEISURE", "REGION", "PERSON", "PERSON_GUARDIAN"],
            item={"contact_kind": contact},
            person={"protected": protected, **GIVEN},
        ):
            if decision.outcome in LAWFUL:
                assert {r for ids in decision.covers.values() for r in ids} <= duties
            assert "separate_channel" in decision.flags


def test_an_unanswered_question_of_contact_data_blocks_a_protected_person(ask: Ask) -> None:
    decision = ask(
        *("LEISURE", "SCHOOL_M", "K33"),
        item={"contact_known": False},
        person={"protected": "yes", **GIVEN},
    )
    assert decision.outcome not in LAWFUL


def test_the_duty_to_report_is_alive_for_a_protected_child(ask: Ask) -> None:
    decision = ask(
        *("SCHOOL_M", "SOC", "K5"),
        item={"contact_kind": "home_address"},
        person={"protected": "yes"},
        says=["child_fares_badly"],
    )
    assert decision.outcome == "must"
    assert "separate_channel" in decision.flags


@pytest.mark.parametrize("recipient", ["PERSON_GUARDIAN", "PERSON", "SCHOOL_M", "LEISURE"])
def test_the_shelters_address_leaves_with_nobodys_consent(
    ask: Ask, every_statement: tuple[str, ...], recipient: str
) -> None:
    decision = ask("SOC", recipient, "K27", person=GIVEN, says=every_statement)
    assert decision.outcome not in LAWFUL


# Duties and consent


@pytest.mark.parametrize(
    ("sender", "category"),
    [
        *(("SCHOOL_M", "K2"), ("SCHOOL_M_EH", "K3"), ("SCHOOL_M_MED", "K4"), ("SCHOOL_I", "K9")),
        *(("REGION", "K15"), ("POLICE", "K17"), ("FRITIDSHEM", "K7"), ("PRE", "K6")),
    ],
)
def test_consent_is_never_asked_for_where_a_report_of_concern_may_be_due(
    ask: Ask, sender: str, category: str
) -> None:
    decision = ask(sender, "SOC", category, purpose="protect_child")
    assert "duty_pending" in decision.flags
    assert {step.kind for way in decision.missing for step in way}.isdisjoint({"consent"})


def test_consent_is_never_asked_for_where_an_inquiry_is_open(ask: Ask) -> None:
    decision = ask(
        "SCHOOL_M_EH", "SOC", "K3", denies=["child_fares_badly"], investigation_open="yes"
    )
    assert "duty_pending" in decision.flags
    assert {step.kind for way in decision.missing for step in way}.isdisjoint({"consent"})


@pytest.mark.parametrize("state", ["refused", "withdrawn", "not_asked", "given"])
def test_the_duty_to_report_does_not_depend_on_consent(ask: Ask, state: str) -> None:
    person = {"subject_consent": state, "guardian_consent": state}
    assert ask("REGION", "SOC", "K15", person=person, says=["child_fares_badly"]).outcome == "must"


def test_the_duty_to_report_does_not_wait_for_a_purpose_or_a_decider(ask: Ask) -> None:
    decision = ask("SCHOOL_M", "SOC", "K2", says=["child_fares_badly"], decider_role="case_worker")
    assert decision.outcome == "must"


def test_a_report_of_concern_gives_no_right_to_tell_the_police(ask: Ask) -> None:
    for sender, category in (("REGION", "K15"), ("SCHOOL_M", "K2"), ("SCHOOL_M_EH", "K3")):
        decision = ask(sender, "POLICE", category, says=["child_fares_badly"])
        assert decision.outcome not in LAWFUL


@pytest.mark.parametrize("recipient", ["SCHOOL_M", "LEISURE", "REGION", "POLICE", "PERSON"])
def test_a_guardians_consent_is_worth_nothing_at_18(ask: Ask, recipient: str) -> None:
    person = {"age": 18, "guardian_consent": "given"}
    decision = ask("SOC", recipient, "K11", item={"committed_crime": "no"}, person=person)
    assert decision.outcome not in LAWFUL
    assert decision.covers == {"OSL 26:1": ()}


def test_one_guardians_no_is_no_consent(ask: Ask) -> None:
    person = {"age": 8, "guardian_consent": "refused"}
    decision = ask("SCHOOL_M", "REGION", "K2", person=person, denies=["harm_not_assumed"])
    assert "guardian_consent" not in {s.condition for way in decision.missing for s in way}


@pytest.mark.parametrize("state", ["withdrawn", "expired", "lapsed_18", "out_of_scope", "unknown"])
def test_a_consent_that_is_not_in_force_opens_nothing(ask: Ask, state: str) -> None:
    person = {"age": 30, "subject_consent": state}
    assert ask("REGION", "SCHOOL_M", "K15", person=person).covers == {"OSL 25:1": ()}


@pytest.mark.parametrize("secret", ["yes", "unknown"])
def test_a_guardian_cannot_waive_what_is_or_may_be_secret_from_the_guardian(
    ask: Ask, secret: str
) -> None:
    person = {"age": 9, "guardian_consent": "given", "secrecy_towards_guardian": secret}
    decision = ask("SOC", "SCHOOL_M", "K11", item={"committed_crime": "no"}, person=person)
    assert decision.covers == {"OSL 26:1": ()}


# Police


@pytest.mark.parametrize("recipient", ["SOC", "SCHOOL_M", "PERSON_SELF", "PROS", "LEISURE"])
def test_criminal_records_leave_with_nothing_at_all(
    ask: Ask, every_statement: tuple[str, ...], every_approval: dict[str, str], recipient: str
) -> None:
    for decision in tried_hard(
        ask, every_statement, every_approval, "POLICE", "K21", [recipient], person=GIVEN
    ):
        assert decision.outcome == "stop"


@pytest.mark.parametrize("investigation", ["yes", "unknown"])
def test_nobody_but_the_police_releases_what_may_be_their_investigation(
    ask: Ask, every_statement: tuple[str, ...], investigation: str
) -> None:
    for recipient in ("SOC", "SCHOOL_M", "LEISURE", "PERSON"):
        decision = ask(
            *("CRIMEPREV", recipient, "K33"),
            item={"origin": "POLICE", "investigation": investigation},
            person=GIVEN,
            says=every_statement,
            purpose="own_task",
        )
        assert decision.outcome not in LAWFUL


def test_a_blocked_duty_is_told(ask: Ask) -> None:
    item = {"origin": "POLICE", "investigation": "yes"}
    decision = ask("LEISURE", "SOC", "K33", item=item)
    assert decision.outcome == "stop"
    assert "duty_blocked" in decision.flags


def test_who_gave_the_tip_leaves_by_duty_only_and_apart(
    ask: Ask, every_statement: tuple[str, ...]
) -> None:
    item = {"reporter_identity": "yes", "committed_crime": "no"}
    refused = ask("POLICE", "SCHOOL_M", "K17", item=item, says=every_statement, person=GIVEN)
    assert refused.outcome not in LAWFUL
    told = ask("POLICE", "SOC", "K17", item=item, says=["needs_social_action"])
    assert told.outcome == "must"
    assert "separate_channel" in told.flags


# Schools


def test_the_counsellors_information_is_inside_the_head_teachers_duty(ask: Ask) -> None:
    decision = ask(
        *("SCHOOL_M_EH", "POLICE", "K3"),
        says=["needed_in_crime_fighting", "no_predominant_reasons"],
        decider_role="principal",
        initiative="request",
    )
    assert decision.outcome == "must"


def test_nobody_but_the_head_teacher_decides_under_the_head_teachers_duty(ask: Ask) -> None:
    decision = ask(
        *("SCHOOL_M", "POLICE", "K2"),
        says=["needed_in_crime_fighting", "no_predominant_reasons"],
        decider_role="case_worker",
        initiative="request",
    )
    assert decision.outcome == "needs"
    assert ["principal_decides"] in [[s.condition for s in way] for way in decision.missing]


@pytest.mark.parametrize("sender", [("POLICE", "K17"), ("SCHOOL_M", "K2"), ("SOC", "K11")])
def test_an_independent_school_is_no_authority_before_2027(
    packaged: Law,
    ask: Ask,
    every_statement: tuple[str, ...],
    every_approval: dict[str, str],
    sender: tuple[str, str],
) -> None:
    decision = ask(
        *(sender[0], "SCHOOL_I", sender[1]),
        on=date(2026, 12, 31),
        item={"committed_crime": "no"},
        says=every_statement,
        approvals=every_approval,
        purpose="prevent_crime",
    )
    opened = {rule for ids in decision.covers.values() for rule in ids}
    assert not opened & whole_families(packaged, "P-15a", "P-27")


def test_the_police_asking_is_no_ground_by_itself(ask: Ask) -> None:
    decision = ask("SCHOOL_M", "POLICE", "K2", initiative="request", requester_verified="yes")
    assert decision.outcome == "needs"
    assert decision.covers == {"OSL 23:2/st2": ()}


# Everybody


@pytest.mark.parametrize("day", [date(2025, 3, 31), date(2027, 1, 1)], ids=str)
def test_nothing_secret_leaves_while_nothing_is_answered(
    packaged: Law, ask: Ask, day: date
) -> None:
    kinds = packaged.vocabulary.kinds
    for code, category in packaged.vocabulary.categories.items():
        holders = ("SOC", "LEISURE") if category.holders == ("*",) else category.holders
        for holder, recipient in product(holders, kinds):
            decision = ask(holder, recipient, code, on=day)
            if decision.outcome in LAWFUL:
                open_to_all = not decision.applicable
                assert open_to_all or recipient == "PERSON_SELF", (holder, recipient, code)


def test_an_agreement_is_never_a_ground(ask: Ask) -> None:
    with_, without = (
        ask("SOC", "SCHOOL_M", "K11", item={"committed_crime": "no"}, agreement=answer)
        for answer in ("yes", "no")
    )
    assert with_.covers == without.covers == {"OSL 26:1": ()}


def test_leaving_out_the_name_does_not_help_when_the_person_can_be_recognised(ask: Ask) -> None:
    for identifiable in ("yes", "unknown"):
        decision = ask("SOC", "SCHOOL_M", "K34", item={"identifiable": identifiable})
        assert decision.outcome not in LAWFUL


def test_an_administrator_reads_no_notes(packaged: Law) -> None:
    acts = set(packaged.vocabulary.roles["administrator"].acts)
    about_notes = {a for a in packaged.vocabulary.acts if "note" in a or "deliver" in a}
    assert about_notes
    assert not acts & (about_notes | {"disclose", "assess", "review_audit", "export_audit"})


@pytest.mark.parametrize(
    "statement",
    [
        *("risk_of_crime", "risk_of_terrorism", "risk_of_violence_close", "immediate_danger"),
        *("pupil_suspected_school_crime", "obvious_precedence", "necessary_own_task"),
        "mature_to_decide_alone",
    ],
)
def test_an_assessment_on_circumstances_asks_for_one(packaged: Law, statement: str) -> None:
    assert packaged.vocabulary.conditions[statement].min_circumstances >= 1


def test_a_report_of_concern_asks_for_no_proof(packaged: Law) -> None:
    assert packaged.vocabulary.conditions["child_fares_badly"].min_circumstances == 0


def test_an_agreement_that_begins_or_ends_changes_no_answer(packaged: Law) -> None:
    told = [
        facts_of_answer(packaged, scenario, answer)
        for scenario in packaged_scenarios()
        for answer in scenario.answer
    ]
    for facts in told:
        answers = {
            decision_bytes(decide(packaged, msgspec.structs.replace(facts, agreement=state)))
            for state in ("yes", "no", "unknown")
        }
        assert len(answers) == 1


def test_nobody_but_a_head_teacher_decides_in_person_and_no_delegation_hands_it_on(
    packaged: Law,
) -> None:
    assert deciding_in_person(packaged) == ("principal",)
    asked = [c for c in packaged.vocabulary.conditions.values() if c.fact == "decider.role"]
    assert [condition.value for condition in asked] == ["principal"]
    assert IN_PERSON not in DECISIONS


def test_a_patient_cannot_consent_to_what_is_kept_from_the_patient(ask: Ask) -> None:
    person = {"age": 41, "subject_consent": "given"}
    decision = ask("REGION", "PERSON_SELF", "K15", person=person, denies=["no_particular_weight"])
    assert decision.outcome == "none"


def test_consent_is_asked_for_where_the_head_teachers_duty_excepts_the_school_nurse(
    ask: Ask,
) -> None:
    # The duty would open the floor rule on serious health, but never health secrecy itself.
    decision = ask(
        *("SCHOOL_M_MED", "POLICE", "K4"),
        item={"health_serious": "yes", "committed_crime": "no"},
        person={"age": 19},
        purpose="investigate_crime",
        initiative="request",
        decider_role="principal",
        says=["needed_in_crime_fighting", "no_predominant_reasons"],
    )
    assert [[step.condition for step in way] for way in decision.missing] == [["subject_consent"]]


@pytest.mark.parametrize(
    ("sender", "category"), [("SCHOOL_M_MED", "K4"), ("SCHOOL_M", "K31"), ("LEISURE", "K32")]
)
def test_what_section_8_excepts_is_outside_the_duty_whole_while_an_investigation_is_open(
    packaged: Law, ask: Ask, every_statement: tuple[str, ...], sender: str, category: str
) -> None:
    # The police's consent to the rest is another matter: the duty opens none of it.
    duties = whole_families(packaged, "D-3", "D-4")
    decision = ask(
        *(sender, "POLICE", category),
        item={"investigation": "yes", "committed_crime": "no"},
        person={"age": 19, "subject_consent": "given"},
        says=every_statement,
        initiative="request",
        decider_role="principal",
    )
    assert not {rule.id for rule in decision.fired} & duties
    assert opened_by(decision, "OSL 18:1") & duties == set()


@pytest.mark.parametrize(
    ("origin", "strike"), [("SOC", "H5-origin-soc"), ("REGION", "H5-origin"), (None, None)]
)
def test_that_a_duty_is_read_away_from_what_is_not_secret_is_told_with_its_uncertainty(
    ask: Ask, origin: str | None, strike: str | None
) -> None:
    item = {"origin": origin, "health_serious": "no", "committed_crime": "no"}
    decision = ask("LEISURE", "POLICE", "K33", item=item, purpose="prevent_crime")
    assert decision.outcome == "may"
    told = {rule.id: rule.strikes for rule in decision.strikes}
    assert told == ({strike: ("D-3",)} if strike else {})
    assert "U3" in decision.cautions


def test_that_an_independent_school_counts_as_an_authority_is_told_with_its_uncertainty(
    ask: Ask,
) -> None:
    """Also where it would receive, on whatever ground.

    Law: OSL 2 kap. 3 a §, skollagen 29 kap. 14 §
    """
    for day, uncertain in ((date(2026, 12, 31), False), (date(2027, 1, 1), True)):
        decision = ask("POLICE", "SCHOOL_I", "K17", on=day)
        assert ("OWNER" in decision.cautions) == uncertain
    private = ask("POLICE", {"kind": "SCHOOL_I", "is_authority": "no"}, "K17", on=day)
    assert "OWNER" not in private.cautions
