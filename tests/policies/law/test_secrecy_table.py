"""Every kind of note that an organisation can write has an answer in the secrecy table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from policies import Decision, Law

Ask = Callable[..., Decision]

DAYS = [date(2025, 3, 31), date(2025, 12, 31), date(2026, 11, 23), date(2027, 1, 1)]
OUTSIDE = {"PERSON", "PERSON_SELF", "PERSON_GUARDIAN", "COURT"}
"""Kinds that only receive; a stop is the right answer for them."""
LATER = {"KFM", "REPORTER_P", "SKV", "STATE"}
"""Kinds that report concerns only from 2026, and hold nothing about a report before that."""


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_category_lacks_a_row_at_its_holders(packaged: Law, ask: Ask, day: date) -> None:
    silent = []
    for code, category in packaged.vocabulary.categories.items():
        every = set(packaged.vocabulary.kinds) - OUTSIDE
        holders = every if category.holders == ("*",) else set(category.holders)
        for holder in sorted(holders):
            for identifiable in ("yes", "no"):
                item = {"identifiable": identifiable}
                decision = ask(holder, "SOC", code, on=day, item=item, purpose="own_task")
                early = code == "K28" and holder in LATER and day.year < 2026
                if any(stop.id == "S-0" for stop in decision.stops) and not early:
                    silent.append((holder, code, identifiable))
    assert silent == []


def rules(decision: Decision) -> set[str]:
    return {secrecy.rule for secrecy in decision.applicable}


@pytest.mark.parametrize(
    ("holder", "category", "rule", "presumption"),
    [
        ("SCHOOL_M", "K2", "OSL 23:2/st2", "WEAK"),
        ("SCHOOL_M_EH", "K3", "OSL 23:2/st1", "STRONG"),
        ("SCHOOL_M_MED", "K4", "OSL 25:1", "STRONG"),
        ("SCHOOL_M", "K5", "OSL 23:2/st3", "VERY_WEAK"),
        ("PRE", "K6", "OSL 23:1", "STRONG"),
        ("FRITIDSHEM", "K7", "OSL 23:3/st2", "WEAK"),
        ("SCHOOL_I", "K9", "skollagen 29:14/st2", "STRONG"),
        ("SOC", "K11", "OSL 26:1", "STRONG"),
        ("SOC", "K11_BESKED", "OSL 26:1", "STRONG"),
        ("SOC_FAMILY", "K12", "OSL 26:3", "ABSOLUTE"),
        ("SOC_P", "K14", "SoL 17:11", "STRONG"),
        ("REGION", "K15", "OSL 25:1", "STRONG"),
        ("HEALTH_P", "K16", "PSL 6:12", "STRONG"),
        ("POLICE", "K17", "OSL 35:1", "STRONG"),
        ("POLICE", "K21", "OSL 35:3", "ABSOLUTE"),
        ("LEISURE", "K28", "OSL 40:7g", "STRONG"),
        ("STATE", "K_ANNAN", "OSL 8:1", "ABSOLUTE"),
    ],
)
def test_a_category_has_its_secrecy_rule(
    ask: Ask, holder: str, category: str, rule: str, presumption: str
) -> None:
    (found,) = ask(holder, "SOC", category).applicable
    assert (found.rule, found.presumption) == (rule, presumption)


@pytest.mark.parametrize(
    ("holder", "category", "item"),
    [
        ("SCHOOL_M", "K1", {}),
        ("LEISURE", "K33", {}),
        ("CRIMEPREV", "K33", {}),
        ("SOC", "K34", {"identifiable": "no"}),
        ("POLICE", "K34", {"identifiable": "no"}),
    ],
)
def test_what_is_not_secret_says_so(
    ask: Ask, holder: str, category: str, item: dict[str, str]
) -> None:
    decision = ask(holder, "SCHOOL_M", category, item=item)
    assert decision.applicable == ()
    assert "T-0" in {rule.id for rule in decision.fired}


@pytest.mark.parametrize(
    ("item", "person", "added"),
    [
        ({"health_serious": "yes"}, {}, {"OSL 21:1"}),
        ({"health_serious": "unknown"}, {}, {"OSL 21:1"}),
        ({"contact_kind": "phone"}, {"protected": "yes"}, {"OSL 21:3", "OSL 21:3a"}),
        ({"contact_kind": "phone"}, {"protected": "unknown"}, {"OSL 21:3", "OSL 21:3a"}),
        ({"contact_known": False}, {"protected": "yes"}, {"OSL 21:3", "OSL 21:3a"}),
        ({"concern_report": "yes"}, {}, {"OSL 40:7g"}),
        ({"origin": "POLICE", "investigation": "yes"}, {}, {"OSL 18:1", "OSL 18:3"}),
        ({"intelligence": "yes"}, {}, {"OSL 18:2"}),
        ({"investigation": "unknown"}, {}, {"OSL 18:1"}),
    ],
)
def test_an_attribute_makes_an_open_observation_secret(
    ask: Ask, item: dict[str, object], person: dict[str, str], added: set[str]
) -> None:
    decision = ask("LEISURE", "SCHOOL_M", "K33", item=item, person=person)
    assert added <= rules(decision)
    assert decision.outcome not in ("must", "may")


def test_where_a_child_in_care_is_staying_has_secrecy_of_its_own_towards_the_guardian_only(
    packaged: Law, ask: Ask
) -> None:
    both = {"OSL 26:1", "OSL 26:2"}
    for recipient in packaged.vocabulary.kinds:
        towards = both if recipient == "PERSON_GUARDIAN" else {"OSL 26:1"}
        assert rules(ask("SOC", recipient, "K13")) == towards, recipient


def test_the_report_of_concern_is_secret_at_the_reporter_only_from_2026(ask: Ask) -> None:
    before = ask("LEISURE", "SCHOOL_M", "K28", on=date(2025, 12, 31))
    after = ask("LEISURE", "SCHOOL_M", "K28", on=date(2026, 1, 1))
    assert rules(before) == set()
    assert rules(after) == {"OSL 40:7g"}
    assert "U7" in after.cautions


def test_an_independent_school_changes_secrecy_with_the_year(ask: Ask) -> None:
    before = ask("SCHOOL_I", "SOC", "K9", on=date(2026, 12, 31))
    after = ask("SCHOOL_I", "SOC", "K9", on=date(2027, 1, 1))
    assert rules(before) == {"skollagen 29:14/st2"}
    assert rules(after) == {"OSL 23:2/st1"}


@pytest.mark.parametrize(
    ("sender", "category"),
    [
        ("SCHOOL_I_MED", "K4"),
        ({"kind": "PRE", "is_authority": "no"}, "K6"),
        ({"kind": "FRITIDSHEM", "is_authority": "no"}, "K7"),
    ],
)
def test_what_the_reform_of_2027_means_for_an_independent_schools_nurse_and_preschool_is_not_read(
    ask: Ask, sender: str | dict[str, str], category: str
) -> None:
    before = ask(sender, "SOC", category, on=date(2026, 12, 31))
    after = ask(sender, "SOC", category, on=date(2027, 1, 1))
    assert rules(before) == rules(after)
    assert "SCHOOL_2027" not in before.cautions
    assert "SCHOOL_2027" in after.cautions


@pytest.mark.parametrize("holder", ["SKV", "KFM", "STATE", "REPORTER_P"])
def test_only_a_duty_opens_what_somebody_without_rules_of_its_own_here_knows(
    packaged: Law, ask: Ask, every_statement: tuple[str, ...], holder: str
) -> None:
    person = {"age": 9, "subject_consent": "given", "guardian_consent": "given"}
    for recipient in packaged.vocabulary.kinds:
        decision = ask(holder, recipient, "K_ANNAN", person=person, says=every_statement)
        effects = {rule.effect for rule in decision.fired}
        opened = decision.covers["OSL 8:1"] != ()
        assert opened == (recipient == "SOC"), recipient
        assert not opened or "duty_own" in effects
        assert "OWN_SECRECY" in decision.cautions


def test_a_school_of_a_natural_person_keeps_its_duty_of_silence(ask: Ask) -> None:
    sender = {"kind": "SCHOOL_I", "is_authority": "no"}
    decision = ask(sender, "SOC", "K9", on=date(2027, 1, 1))
    assert rules(decision) == {"skollagen 29:14/st2"}


@pytest.mark.parametrize("recipient", ["LEISURE", "CRIMEPREV"])
@pytest.mark.parametrize(
    ("sender", "category"),
    [("SOC", "K11"), ("REGION", "K15"), ("POLICE", "K17"), ("SCHOOL_M_EH", "K3")],
)
def test_leisure_and_coordinators_are_warned_about(
    ask: Ask, sender: str, category: str, recipient: str
) -> None:
    assert "receiver_unprotected" in ask(sender, recipient, category).flags


@pytest.mark.parametrize("recipient", ["SOC", "POLICE", "REGION", "SCHOOL_M_EH"])
def test_a_recipient_with_secrecy_of_its_own_needs_no_warning(ask: Ask, recipient: str) -> None:
    assert "receiver_unprotected" not in ask("SCHOOL_M", recipient, "K2").flags


def test_a_school_is_warned_about_what_comes_from_social_services(ask: Ask) -> None:
    assert "receiver_unprotected" in ask("SOC", "SCHOOL_M", "K11").flags
    assert "receiver_unprotected" not in ask("SCHOOL_M", "SCHOOL_M", "K2").flags


@pytest.mark.parametrize(
    ("recipient", "warned"),
    [
        *(("SCHOOL_M", False), ("LEISURE", False), ("STATE", False)),
        *(("SCHOOL_I", True), ("REPORTER_P", True)),
    ],
)
def test_the_answer_to_a_reporter_is_secret_at_an_authority_that_reported(
    ask: Ask, recipient: str, warned: bool
) -> None:
    asked = {"purpose": "feedback", "initiative": "request", "says": ["recipient_reported"]}
    feedback = ask("SOC", recipient, "K11_BESKED", **asked)
    assert ("receiver_unprotected" in feedback.flags) == warned
    assert "receiver_unprotected" in ask("SOC", recipient, "K11", **asked).flags
    before = ask("SOC", recipient, "K11_BESKED", on=date(2025, 12, 31), **asked)
    assert "receiver_unprotected" in before.flags


def test_no_assessment_of_feedback_is_asked_for_but_of_the_answer_to_a_reporter(
    packaged: Law, ask: Ask
) -> None:
    about = {"recipient_reported", "feedback_not_inappropriate"}
    asking = set()
    for code, category in packaged.vocabulary.categories.items():
        if {"SOC", "*"} & {*category.holders}:
            decision = ask("SOC", "SCHOOL_M", code, purpose="feedback", initiative="request")
            if about & {step.condition for step in decision.questions}:
                asking.add(code)
    assert asking == {"K11_BESKED"}


def test_a_leisure_unit_inside_social_services_has_its_secrecy(ask: Ask) -> None:
    inside = {"kind": "LEISURE", "own_secrecy": ["OSL 26:1"]}
    assert rules(ask(inside, "SCHOOL_M", "K33")) == {"OSL 26:1"}
    flags = ask("SOC", inside, "K11").flags
    assert "receiver_unprotected" not in flags


def test_a_picture_of_an_ongoing_operation_is_secret_though_it_names_nobody(ask: Ask) -> None:
    for investigation in ("yes", "unknown"):
        item = {"identifiable": "no", "investigation": investigation}
        assert rules(ask("POLICE", "SCHOOL_M", "K34", item=item)) == {"OSL 18:1"}
