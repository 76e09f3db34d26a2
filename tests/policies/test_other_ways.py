"""What else can be done lawfully is asked of the rules, and a recorded no is never suggested."""

from __future__ import annotations

from datetime import date

import pytest

import policies
from policies import Law, OtherWay, decide, other_ways
from policies.coded import facts_of_codes

TODAY = date(2026, 11, 23)
SETTLED = {
    "contact_kind": "none",
    "committed_crime": "no",
    "investigation": "no",
    "reporter_identity": "no",
    "concern_report": "no",
    "health_serious": "no",
    "protected": "no",
    "secrecy_towards_guardian": "no",
}


@pytest.fixture(scope="module")
def law() -> Law:
    return policies.load()


def _ways(law: Law, **codes: str) -> dict[str, list[OtherWay]]:
    facts = facts_of_codes(law, {**SETTLED, **codes}, today=TODAY)
    found: dict[str, list[OtherWay]] = {}
    for way in other_ways(law, facts, decide(law, facts)):
        found.setdefault(way.kind, []).append(way)
    return found


SCHOOL = {"from": "SCHOOL_M", "to": "LEISURE", "category": "K2", "purpose": "coordinate_support"}


def test_a_child_who_may_fare_badly_is_reported_to_social_services(law: Law) -> None:
    (way,) = _ways(law, **SCHOOL, age="16")["duty"]
    assert way.facts.recipient.kind == "SOC"
    assert way.rules == ("D-1",)


def test_no_report_of_an_adult(law: Law) -> None:
    assert "duty" not in _ways(law, **SCHOOL, age="18")


def test_no_report_that_has_been_assessed_as_not_needed(law: Law) -> None:
    codes = {**SCHOOL, "age": "16", "said-child_fares_badly": "no"}
    assert "duty" not in _ways(law, **codes)


def test_social_services_are_not_told_to_report_to_themselves(law: Law) -> None:
    codes = {"from": "SOC", "to": "SCHOOL_M", "category": "K11", "age": "16"}
    assert "duty" not in _ways(law, **codes)


def test_consent_is_suggested_until_somebody_has_said_no(law: Law) -> None:
    assert "consent" in _ways(law, **SCHOOL, age="18")
    assert "consent" not in _ways(law, **SCHOOL, age="18", subject_consent="refused")


def test_consent_is_not_suggested_where_a_duty_may_apply(law: Law) -> None:
    codes = {"from": "SCHOOL_M", "to": "SOC", "category": "K2", "age": "16"}
    assert "consent" not in _ways(law, **codes)


def test_a_request_turns_on_the_head_teachers_duty(law: Law) -> None:
    codes = {"from": "SCHOOL_M", "to": "POLICE", "category": "K2", "age": "16"}
    codes |= {"purpose": "investigate_crime", "role": "principal"}
    (way,) = _ways(law, **codes)["request"]
    assert way.facts.initiative == "request"
    assert "D-4" in way.rules
    assert "request" not in _ways(law, **codes, initiative="request", requester_verified="yes")


def test_a_question_that_identifies_nobody_can_be_asked(law: Law) -> None:
    (way,) = _ways(law, **SCHOOL, age="16")["deidentified"]
    assert way.decision.outcome == "may"
    assert "deidentified" not in _ways(law, **SCHOOL, age="16", identifiable="no")
