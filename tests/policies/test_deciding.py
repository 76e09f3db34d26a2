"""What the engine answers, circumstance by circumstance, on the small pack."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from policies import Decision, Facts, Law, Party, decide, decide_note, decision_bytes

Make = Callable[..., Facts]


def ways(decision: Decision) -> set[frozenset[str]]:
    return {
        frozenset(s.condition if s.value else f"not:{s.condition}" for s in way)
        for way in decision.missing
    }


def test_a_permission_whose_conditions_hold_gives_may(law: Law, facts_like: Make) -> None:
    decision = decide(law, facts_like(person={"statements": {"risk": "yes"}}))
    assert decision.outcome == "may"
    assert decision.covers == {"OSL 26:1": ("P-18a",)}
    assert decision.fired[0].cite == ("OSL 10 kap. 18 a §",)


def test_an_unanswered_statement_is_a_step_and_a_question(law: Law, facts_like: Make) -> None:
    decision = decide(law, facts_like())
    assert decision.outcome == "needs"
    assert frozenset({"risk"}) in ways(decision)
    assert "risk" in {step.condition for step in decision.questions}


def test_a_recorded_no_is_never_suggested_again(law: Law, facts_like: Make) -> None:
    decision = decide(law, facts_like(person={"statements": {"risk": "no"}}))
    assert all("risk" not in way for way in ways(decision))
    assert "risk" not in {step.condition for step in decision.questions}


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_a_settled_consent_is_never_suggested_again(law: Law, facts_like: Make, state: str) -> None:
    decision = decide(law, facts_like(person={"guardian_consent": state}))
    assert all("guardian_ok" not in way for way in ways(decision))


@pytest.mark.parametrize("state", ["not_asked", "expired", "lapsed_18", "out_of_scope"])
def test_a_consent_that_can_still_be_given_is_suggested(
    law: Law, facts_like: Make, state: str
) -> None:
    decision = decide(law, facts_like(person={"guardian_consent": state}))
    assert frozenset({"guardian_ok"}) in ways(decision)


def test_a_refused_approval_is_never_suggested_again(law: Law, facts_like: Make) -> None:
    refused = facts_like(item={"investigation": "yes"}, approvals={"boss_ok": "no"})
    assert decide(law, refused).outcome == "stop"


def test_every_secrecy_rule_is_opened_on_its_own(law: Law, facts_like: Make) -> None:
    facts = facts_like(item={"category": "K15"}, person={"statements": {"risk": "yes"}})
    decision = decide(law, facts)
    assert decision.outcome == "needs"
    assert decision.covers == {"OSL 25:1": (), "OSL 26:1": ("P-18a",)}
    assert "U16" in decision.cautions


def test_two_grounds_can_cover_two_secrecy_rules(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        sender={"kind": "SOC", "own_secrecy": ["OSL 35:1"]},
        person={"statements": {"risk": "yes"}, "guardian_consent": "given"},
    )
    decision = decide(law, facts)
    assert decision.outcome == "may"
    assert decision.covers == {"OSL 26:1": ("C-2", "P-18a"), "OSL 35:1": ("C-2",)}


def test_a_prohibition_can_ask_which_secrecy_the_sender_has_of_its_own(
    law: Law, facts_like: Make
) -> None:
    struck = []
    for own in ([], ["OSL 26:3"], ["OSL 26:3", "OSL 35:1"]):
        facts = facts_like(sender={"kind": "SCHOOL", "own_secrecy": own}, item={"category": "K3"})
        struck.append("H-5" in {rule.id for rule in decide(law, facts).strikes})
    assert struck == [False, False, True]


def test_own_secrecy_that_the_pack_does_not_know_stops(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        sender={"kind": "SOC", "own_secrecy": ["OSL 99:9"]}, person={"statements": {"risk": "yes"}}
    )
    assert decide(law, facts).outcome == "stop"


def test_no_row_for_the_category_means_stop(law: Law, facts_like: Make) -> None:
    decision = decide(law, facts_like(item={"category": "K99"}))
    assert decision.outcome == "stop"
    assert [rule.id for rule in decision.stops] == ["S-0"]


def test_a_category_nobody_has_heard_of_means_stop(law: Law, facts_like: Make) -> None:
    facts = facts_like()
    item = msgspec.structs.replace(facts.item, category="K1000")
    assert decide(law, msgspec.structs.replace(facts, item=item)).outcome == "stop"


def test_what_the_table_says_is_not_secret_may_leave(law: Law, facts_like: Make) -> None:
    decision = decide(law, facts_like(sender={"kind": "SCHOOL"}, item={"category": "K1"}))
    assert decision.outcome == "may"
    assert [rule.id for rule in decision.fired] == ["T-0"]
    assert decision.applicable == ()


def test_an_unknown_that_decides_whether_it_is_secret_is_asked(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        sender={"kind": "SCHOOL"}, item={"category": "K1"}, person={"protected": "unknown"}
    )
    decision = decide(law, facts)
    assert decision.outcome == "needs"
    assert frozenset({"not:protected"}) in ways(decision)
    assert "unknown_facts" in decision.flags


def test_a_duty_gives_must_whatever_the_consent(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        recipient={"kind": "SOC"},
        person={"statements": {"fares_badly": "yes"}, "guardian_consent": "refused"},
    )
    assert decide(law, facts).outcome == "must"


def test_a_duty_to_tell_what_is_not_secret_is_still_a_duty(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        sender={"kind": "SCHOOL"},
        recipient={"kind": "SOC"},
        item={"category": "K1"},
        person={"statements": {"fares_badly": "yes"}},
    )
    decision = decide(law, facts)
    assert decision.outcome == "must"
    assert [rule.id for rule in decision.fired] == ["D-1", "T-0"]


def test_a_duty_whose_statement_is_unanswered_is_pending_and_consent_is_not_asked(
    law: Law, facts_like: Make
) -> None:
    decision = decide(law, facts_like(sender={"kind": "SCHOOL"}, recipient={"kind": "SOC"},
                                      item={"category": "K3"}))  # fmt: skip
    assert "duty_pending" in decision.flags
    assert frozenset({"fares_badly"}) in ways(decision)
    assert all("guardian_ok" not in way for way in ways(decision))


def test_consent_is_suggested_once_the_duty_is_ruled_out(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        sender={"kind": "SCHOOL"},
        recipient={"kind": "SOC"},
        item={"category": "K3"},
        person={"statements": {"fares_badly": "no"}},
    )
    decision = decide(law, facts)
    assert "duty_pending" not in decision.flags
    assert frozenset({"guardian_ok"}) in ways(decision)


def test_a_strike_rules_out_the_ground_it_names_and_no_other(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        item={"committed_crime": "yes", "crime": "assault", "crime_stage": "completed"},
        person={"statements": {"risk": "yes"}},
    )
    decision = decide(law, facts)
    assert decision.outcome == "may"
    assert [(s.id, s.strikes) for s in decision.strikes] == [("H-4", ("P-18a",))]
    assert decision.covers == {"OSL 26:1": ("P-23", "P-23b")}
    assert {near.id: near.struck_by for near in decision.near}["P-18a"] == ("H-4",)


def test_a_strike_fires_on_an_unknown(law: Law, facts_like: Make) -> None:
    facts = facts_like(item={"committed_crime": "unknown"}, person={"statements": {"risk": "yes"}})
    decision = decide(law, facts)
    assert decision.outcome == "needs"
    assert frozenset({"not:committed"}) in ways(decision)


def test_a_stop_that_an_approval_cures_becomes_a_step(law: Law, facts_like: Make) -> None:
    facts = facts_like(item={"investigation": "yes"}, person={"statements": {"risk": "yes"}})
    decision = decide(law, facts)
    assert [stop.id for stop in decision.stops] == ["H-11"]
    assert ways(decision) == {frozenset({"boss_ok", "harmless"})}


def test_an_unknown_that_only_a_stop_turns_on_is_flagged(law: Law, facts_like: Make) -> None:
    for answer, flagged in (("unknown", True), ("no", False)):
        facts = facts_like(item={"investigation": answer}, person={"statements": {"risk": "yes"}})
        assert ("unknown_facts" in decide(law, facts).flags) is flagged


def test_a_duty_that_is_known_not_to_be_about_this_is_not_asked_about(
    law: Law, facts_like: Make
) -> None:
    for age, asked in ((17, True), (30, False)):
        decision = decide(law, facts_like(recipient={"kind": "SOC"}, case_subject_age=age))
        assert ("fares_badly" in {step.condition for step in decision.questions}) is asked


def test_a_stop_blocks_a_duty_and_says_so(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        recipient={"kind": "SOC"},
        item={"investigation": "yes"},
        person={"statements": {"fares_badly": "yes"}},
        approvals={"boss_ok": "no"},
    )
    decision = decide(law, facts)
    assert decision.outcome == "stop"
    assert "duty_blocked" in decision.flags


def test_a_blocked_duty_is_not_called_pending(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        recipient={"kind": "SOC"},
        item={"investigation": "yes"},
        person={"statements": {"fares_badly": "yes"}},
    )
    decision = decide(law, facts)
    assert decision.outcome == "needs"
    assert decision.flags == ("duty_blocked",)


def test_a_stop_that_is_only_a_question_does_not_block_a_duty(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        recipient={"kind": "SOC"},
        item={"investigation": "unknown"},
        person={"statements": {"fares_badly": "yes"}},
    )
    decision = decide(law, facts)
    assert [stop.id for stop in decision.stops] == ["H-11"]
    assert decision.flags == ("unknown_facts",)


def test_a_duty_about_what_no_row_settles_is_blocked(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        recipient={"kind": "SOC"},
        item={"category": "K99"},
        person={"statements": {"fares_badly": "yes"}},
    )
    assert decide(law, facts).flags == ("duty_blocked",)


def test_a_duty_that_opens_nothing_that_applies_is_no_duty_here(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        sender={"kind": "SCHOOL"},
        item={"category": "K1", "investigation": "yes", "contact_kind": "phone"},
        initiative="request",
        requester_verified="yes",
    )
    decision = decide(law, facts)
    assert [secrecy.rule for secrecy in decision.applicable] == ["OSL 18:1"]
    assert not {"duty_blocked", "duty_pending"} & set(decision.flags)
    assert decision.fired == ()


def test_a_protected_address_goes_by_a_separate_channel_under_a_duty(
    law: Law, facts_like: Make
) -> None:
    facts = facts_like(
        item={"contact_kind": "home_address"},
        person={"protected": "yes"},
        initiative="request",
        requester_verified="yes",
    )
    decision = decide(law, facts)
    assert decision.outcome == "must"
    assert "separate_channel" in decision.flags


def test_a_protected_address_is_struck_from_consent(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        item={"contact_kind": "home_address"},
        person={"protected": "yes", "guardian_consent": "given"},
        initiative="own",
        requester_verified="yes",
    )
    decision = decide(law, facts)
    assert decision.outcome == "needs"
    assert all("asked" in way for way in ways(decision))


def test_a_recipient_without_the_secrecy_is_flagged(law: Law, facts_like: Make) -> None:
    facts = facts_like(recipient={"kind": "LEISURE"}, person={"guardian_consent": "given"})
    decision = decide(law, facts)
    assert decision.outcome == "may"
    assert decision.flags == ("receiver_unprotected",)
    assert not decision.applicable[0].follows


def test_a_recipient_with_a_rule_of_its_own_is_not_flagged(law: Law, facts_like: Make) -> None:
    facts = facts_like(
        recipient={"kind": "LEISURE", "own_secrecy": ["OSL 26:1"]},
        person={"guardian_consent": "given"},
    )
    assert decide(law, facts).flags == ()


def test_the_rule_of_the_day_decides(law: Law, facts_like: Make) -> None:
    said = {"statements": {"risk": "yes"}}
    assert decide(law, facts_like(on=date(2025, 3, 31), person=said)).outcome == "needs"
    assert decide(law, facts_like(on=date(2025, 4, 1), person=said)).outcome == "may"


@pytest.mark.parametrize(
    ("on", "outcome"),
    [
        (date(2029, 2, 27), "may"),
        (date(2029, 2, 28), "none"),
        (date(2029, 3, 1), "none"),
    ],
)
def test_one_born_on_29_february_is_21_on_28_february_where_that_ends_a_permission(
    law: Law, facts_like: Make, on: date, outcome: str
) -> None:
    person = {
        "born": date(2008, 2, 29),
        "statements": {"risk": "yes", "harmless": "no"},
        "subject_consent": "refused",
    }
    decision = decide(law, facts_like(on=on, person=person))
    assert decision.outcome == outcome
    assert ("LEAP" in decision.cautions) == (on == date(2029, 2, 28))


@pytest.mark.parametrize(
    ("on", "outcome"), [(date(2026, 2, 28), "needs"), (date(2026, 3, 1), "may")]
)
def test_one_born_on_29_february_is_18_on_1_march_where_that_is_required(
    law: Law, facts_like: Make, on: date, outcome: str
) -> None:
    person = {"born": date(2008, 2, 29), "subject_consent": "given"}
    assert decide(law, facts_like(on=on, person=person)).outcome == outcome


def test_an_unknown_birth_date_is_asked_by_the_weakest_answer_that_helps(
    law: Law, facts_like: Make
) -> None:
    facts = facts_like(person={"born": None, "statements": {"risk": "yes"}})
    decision = decide(law, facts)
    assert frozenset({"under_21"}) in ways(decision)
    assert all("under_18" not in way for way in ways(decision) if "guardian_ok" not in way)


def test_contradictory_answers_are_never_suggested_together(law: Law, facts_like: Make) -> None:
    facts = facts_like(person={"born": None}, item={"category": "K15"}, purpose=None)
    for way in ways(decide(law, facts)):
        assert not {"adult", "under_18"} <= way
        assert not {"to_care", "to_prevent"} <= way


def test_the_one_who_decides_can_be_changed(law: Law, facts_like: Make) -> None:
    school = {"kind": "SCHOOL"}
    facts = facts_like(sender=school, item={"category": "K3"}, decider_role="admin")
    assert frozenset({"head_decides", "outweighs"}) not in ways(decide(law, facts))
    pressed = facts_like(
        sender=school,
        recipient={"kind": "POLICE", "is_authority": "no"},
        item={"category": "K3"},
        decider_role="admin",
        person={"statements": {"outweighs": "yes"}},
    )
    assert frozenset({"head_decides"}) in ways(decide(law, pressed))


def test_one_who_has_refused_to_decide_is_not_suggested(law: Law, facts_like: Make) -> None:
    for role in (None, "admin"):
        facts = facts_like(
            sender={"kind": "SCHOOL"},
            recipient={"kind": "POLICE", "is_authority": "no"},
            item={"category": "K3"},
            decider_role=role,
            approvals={"head_decides": "no"},
            person={"statements": {"outweighs": "yes"}},
        )
        assert all("head_decides" not in way for way in ways(decide(law, facts)))


def test_a_note_is_answered_by_its_worst_person(law: Law, facts_like: Make) -> None:
    may = facts_like(person={"statements": {"risk": "yes"}})
    none = facts_like(
        person={"age": 40, "subject_consent": "refused", "statements": {"harmless": "no"}}
    )
    note = decide_note(law, {"child": may, "father": none})
    assert note.outcome == "none"
    assert note.by_person["child"].outcome == "may"


def test_a_note_about_nobody_is_a_fault(law: Law) -> None:
    with pytest.raises(ValueError, match="at least one person"):
        decide_note(law, {})


def test_a_decision_replays_byte_for_byte(law: Law, facts_like: Make) -> None:
    facts = facts_like(item={"investigation": "unknown"}, purpose=None)
    first = decision_bytes(decide(law, facts))
    stored = msgspec.json.decode(msgspec.json.encode(facts), type=Facts)
    assert decision_bytes(decide(law, stored)) == first
    assert msgspec.json.decode(first, type=Decision) == decide(law, facts)


def test_facts_refuse_a_field_they_do_not_know() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `colour`"):
        msgspec.convert(
            {"kind": "SOC", "unit": "a", "authority": "b", "is_authority": "yes", "colour": "x"},
            Party,
        )
