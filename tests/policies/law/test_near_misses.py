"""What each ground needs, written down apart from the rules: take one thing away and it is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import pytest

from policies import Decision

Ask = Callable[..., Decision]
Facts = Mapping[str, Any]

OWN: Facts = {"initiative": "own"}
ASKED: Facts = {"initiative": "request"}
VERIFIED: Facts = {"initiative": "request", "requester_verified": "yes"}
PRINCIPAL: Facts = {"decider_role": "principal"}
TEACHER: Facts = {"decider_role": "case_worker"}
UNVERIFIED: tuple[Facts, ...] = ({"requester_verified": "no"}, {"requester_verified": "unknown"})
PRESENT: Facts = {"item": {"presence_only": "yes"}}
MORE: tuple[Facts, ...] = (
    {"item": {"presence_only": "no"}},
    {"item": {"presence_only": "unknown"}},
)
AHEAD: Facts = {"item": {"committed_crime": "no"}}
BEHIND: Facts = {"item": {"committed_crime": "yes", "crime": "grov_misshandel"}}
UNSAID: Facts = {"item": {"committed_crime": "unknown"}}
SAME: Facts = {"same_authority": True}
APART: Facts = {"same_authority": False}
CLOSED: tuple[Facts, ...] = ({"investigation_open": "no"}, {"investigation_open": "unknown"})


def aged(years: int, case: int | None = None) -> Facts:
    return {"person": {"age": years}, "case_subject_age": years if case is None else case}


def purpose(code: str) -> Facts:
    return {"purpose": code}


def crime(
    code: str, *, victim: str = "no", stage: str = "completed", committed: str = "yes"
) -> Facts:
    item = {"committed_crime": committed, "crime": code, "crime_stage": stage}
    return {"item": {**item, "victim_under_18": victim}}


def person(**about: str) -> Facts:
    return {"person": about}


def private(kind: str) -> Facts:
    return {"sender": {"kind": kind, "is_authority": "no"}}


class Ground(NamedTuple):
    """A ground, a case in which it holds, and what takes it away."""

    rule: str
    place: tuple[str, str, str]
    holds: tuple[Facts, ...]
    says: tuple[str, ...]
    """Assessments, each of which it needs."""
    breaks: tuple[Facts, ...]


RISK = ("risk_of_crime", "not_inappropriate")
SUSPECTED = ("crime_suspected",)
SCHOOL_POLICE = ("SCHOOL_M", "POLICE", "K2")
SOC_POLICE = ("SOC", "POLICE", "K11")
CARE_POLICE = ("REGION", "POLICE", "K15")
CARE_SOC = ("REGION", "SOC", "K15")
SOC_CARE = ("SOC", "REGION", "K11")
FEEDBACK = ("recipient_reported",)
SUPPORT = purpose("care_or_support")
ELSE = purpose("access")
PREVENT = purpose("prevent_crime")
CHILD = crime("sexuellt_overgrepp", victim="yes")

GROUNDS = [
    Ground("D-1", ("SCHOOL_M", "SOC", "K2"), (), ("child_fares_badly",), (aged(18),)),
    Ground("D-1-family", ("SOC_FAMILY", "SOC", "K12"), (), ("child_abused_at_home",), (aged(18),)),
    Ground(
        *("D-2", ("SCHOOL_M_EH", "SOC", "K3"), ({"investigation_open": "yes"},)),
        *(("may_matter_for_protection",), (aged(18), *CLOSED)),
    ),
    Ground(
        *("D-3", ("CRIMEPREV", "POLICE", "K33"), ()),
        *(("needed_in_crime_fighting", "secrecy_not_clearly_heavier"), ()),
    ),
    Ground(
        *("D-4", ("SCHOOL_M", "PROS", "K2"), (ASKED, PRINCIPAL)),
        *(("needed_in_crime_fighting", "no_predominant_reasons"), (OWN, TEACHER)),
    ),
    Ground(
        *("D-4b", SCHOOL_POLICE, (OWN, PRINCIPAL)),
        *(("needed_in_crime_fighting", "no_predominant_reasons"), (TEACHER,)),
    ),
    Ground(
        *("D-5", ("SOC", "PROS", "K11"), (ASKED, {"item": {"contact_kind": "phone"}})),
        ("needed_in_crime_fighting", "no_exceptional_reasons"),
        (OWN, {"item": {"contact_kind": "whereabouts"}}, {"item": {"contact_kind": None}}),
    ),
    Ground(
        *("D-6", SCHOOL_POLICE, (PRINCIPAL,)),
        *(("pupil_suspected_school_crime", "no_predominant_reasons"), (TEACHER,)),
    ),
    Ground("D-7", CARE_POLICE, (VERIFIED, PRESENT), (), (OWN, *UNVERIFIED, *MORE)),
    Ground("D-7-soc", SOC_POLICE, (VERIFIED, PRESENT), (), (OWN, *UNVERIFIED, *MORE)),
    Ground("D-8", ("POLICE", "SOC", "K17"), (), ("needs_social_action",), ()),
    Ground(
        *("D-8-LUL6", ("PROS", "SOC", "K17"), (crime("ran"),), ("reasonably_suspected",)),
        (aged(18), crime("ran", committed="no"), UNSAID, {"item": {"crime": None}}),
    ),
    Ground(
        *("D-8-LUL34", ("POLICE", "SOC", "K17"), (crime("stold"), aged(14)), SUSPECTED),
        (aged(15), crime("stold", committed="no"), UNSAID),
    ),
    Ground(
        *("D-9", ("SOC", "PROS", "K11"), (VERIFIED, purpose("investigate_crime"))),
        *(("asked_in_juvenile_case",), (OWN, aged(18), *UNVERIFIED, PREVENT)),
    ),
    Ground(
        *("D-10", ("SOC", "SCHOOL_M", "K11_BESKED"), (ASKED, purpose("feedback"))),
        *((*FEEDBACK, "feedback_not_inappropriate"), (OWN, ELSE)),
    ),
    Ground(
        *("D-11", ("SCHOOL_M", "SCHOOL_I", "K2"), (purpose("school_transition"),)),
        *(("pupil_moves_to_recipient", "needed_for_transition"), (ELSE,)),
    ),
    Ground(
        *("D-12", ("SCHOOL_M", "SOC", "K2"), (purpose("schooling"),), ("pupil_suspended",)),
        (aged(18), ELSE),
    ),
    Ground(
        *("P-2", ("SOC", "SCHOOL_M", "K11"), (purpose("own_task"),), ("necessary_own_task",)),
        (ELSE, private("SOC")),
    ),
    Ground(
        *("P-2-police", ("POLICE", "SCHOOL_I", "K17"), (PREVENT,), ("necessary_own_task",)),
        (SUPPORT, private("POLICE")),
    ),
    Ground("P-8", ("SCHOOL_M", "SCHOOL_M_EH", "K2"), (SAME,), ("needed_in_same_board",), (APART,)),
    Ground("P-8", ("SCHOOL_M", "EDUCATION", "K2"), (SAME,), ("needed_in_same_board",), (APART,)),
    Ground("P-8", ("EDUCATION", "SCHOOL_M", "K2"), (SAME,), ("needed_in_same_board",), (APART,)),
    Ground(
        *("P-8-pupil-health", ("SCHOOL_M_EH", "SCHOOL_M", "K3"), (SAME,)),
        *(("needed_in_same_board",), (APART,)),
    ),
    Ground("P-8-soc", ("SOCFIELD", "SOC", "K11"), (SAME,), ("needed_in_same_board",), (APART,)),
    Ground(
        *("P-15a", ("SCHOOL_M", "CRIMEPREV", "K2"), (PREVENT,)),
        *(("needed_for_purpose", "no_predominant_reasons"), (SUPPORT, private("SCHOOL_M"))),
    ),
    Ground(
        *("P-15a-26_1", SOC_POLICE),
        (PREVENT, AHEAD, {"approvals": {"supervisor_approval": "yes"}}),
        ("needed_for_purpose", "no_predominant_reasons"),
        (
            *(SUPPORT, purpose("investigate_crime"), BEHIND, UNSAID),
            *({"approvals": {}}, private("SOC")),
        ),
    ),
    Ground("P-18a", ("SOC", "TULL", "K11"), (AHEAD,), RISK, (aged(21), BEHIND, UNSAID)),
    Ground(
        *("P-18b", ("REGION", "SAPO", "K15"), (AHEAD, purpose("prevent_terrorism"))),
        *(("risk_of_terrorism",), (PREVENT, BEHIND, UNSAID)),
    ),
    Ground(
        *("P-18c", CARE_POLICE),
        (crime("grov_misshandel", committed="no"), purpose("prevent_violence")),
        ("risk_of_violence_close", "not_inappropriate"),
        (PREVENT, BEHIND, crime("ran", committed="no"), crime("olaga_hot", committed="no")),
    ),
    Ground(
        *("P-19", CARE_POLICE, (purpose("stop_drunk_driving"),), ("imminent_drunk_driving",)),
        (PREVENT,),
    ),
    Ground(
        *("P-20", SOC_POLICE, (purpose("immediate_danger"),)),
        *(("found_by_staff", "immediate_danger"), (aged(18), PREVENT)),
    ),
    Ground(
        *("P-21", CARE_POLICE, (CHILD,), SUSPECTED),
        (
            crime("sexuellt_overgrepp", victim="no"),
            crime("sexuellt_overgrepp", victim="unknown"),
            crime("ran", victim="yes"),
            crime("sexuellt_overgrepp", victim="yes", committed="no"),
        ),
    ),
    Ground(
        *("P-22", SOC_POLICE, (crime("overlatelse_narkotika", victim="yes"),), SUSPECTED),
        (
            crime("overlatelse_narkotika", victim="no"),
            crime("stold", victim="yes"),
            crime("overlatelse_narkotika", victim="yes", committed="no"),
        ),
    ),
    Ground(
        *("P-22a", ("REGION", "SAPO", "K15"), (crime("terroristbrott"),), SUSPECTED),
        (crime("ran"), crime("terroristbrott", committed="no")),
    ),
    Ground(
        *("P-23", CARE_POLICE, (crime("grov_stold"),)),
        ("crime_suspected", "relevant_to_investigation"),
        (crime("stold"), crime("grov_stold", stage="attempt"), crime("ran", committed="no")),
    ),
    Ground(
        *("P-24", SCHOOL_POLICE, (crime("misshandel"),), SUSPECTED),
        (
            *(crime("misshandel", committed="no"), UNSAID, {"item": {"crime": None}}),
            private("SCHOOL_M"),
        ),
    ),
    Ground("P-25_12", CARE_SOC, (SUPPORT,), ("needed_for_care",), (aged(18), ELSE)),
    Ground("P-26_9", SOC_CARE, (SUPPORT,), ("needed_for_care",), (aged(18), ELSE)),
    *(
        Ground(
            *(f"{family}-{suffix}", place, (SUPPORT, aged(30), person(**{fact: "yes"}))),
            *(("needed_for_care",), (ELSE, person(**{fact: "no"}), person(**{fact: "unknown"}))),
        )
        for family, place in (("P-25_12", CARE_SOC), ("P-26_9", SOC_CARE))
        for suffix, fact in (
            *(("misuse", "substance_misuse"), ("compulsory", "compulsory_care")),
            ("pregnant", "pregnant"),
        )
    ),
    Ground("P-25_13", CARE_SOC, (SUPPORT,), ("cannot_consent_needs_care",), (ELSE,)),
    Ground(
        *("P-25_13a", ("SCHOOL_M_MED", "SCHOOL_M_EH", "K4"), (SAME, SUPPORT)),
        *(("required_for_pupil_support",), (APART, ELSE)),
    ),
    Ground(
        *("P-25_13a-support", ("SCHOOL_M_MED", "SCHOOL_M", "K4"), (SAME, SUPPORT)),
        *(("required_for_pupil_support", "recipient_gives_special_support"), (APART, ELSE)),
    ),
    Ground(
        *("P-26_9a", ("SOC", "SCHOOL_M", "K11_BESKED"), (purpose("feedback"),), FEEDBACK),
        (ELSE,),
    ),
    Ground(
        *("P-35_10c", ("POLICE", "SOC", "K17"), (purpose("prevent_terrorism"),)),
        *(("terror_interest_prevails",), (PREVENT,)),
    ),
    Ground(
        *("P-27", ("SCHOOL_M_EH", "REGION", "K3"), (), ("obvious_precedence",)),
        (private("SCHOOL_M_EH"), {"recipient": {"kind": "SCHOOL_I"}}),
    ),
    Ground("T-1", ("SOC", "SCHOOL_M", "K11"), (), ("clear_no_harm",), ()),
    Ground("T-1-weak", ("SCHOOL_M", "REGION", "K2"), (), ("harm_not_assumed",), ()),
    Ground("T-1-special", ("SCHOOL_M", "REGION", "K5"), (), ("no_special_reason",), ()),
    Ground("T-1-18_1", ("POLICE", "SCHOOL_M", "K18"), (), ("no_harm_to_operation",), ()),
    Ground("T-1-18_2", ("POLICE", "TULL", "K19"), (), ("clear_no_harm_to_intelligence",), ()),
    Ground(
        *("T-2", ("SOC", "SCHOOL_I", "K11"), (), ("reservation_removes_risk",)),
        ({"recipient": {"kind": "SCHOOL_I", "is_authority": "yes"}}, private("SOC")),
    ),
    Ground(
        *("T-1-18_3", ("CRIMEPREV", "PROS", "K33")),
        ({"item": {"investigation": "yes"}, "approvals": {"police_release": "yes"}},),
        (),
        ({"approvals": {}}, {"approvals": {"police_release": "no"}}),
    ),
    Ground(
        *("T-3", ("SOC", "PERSON", "K11"), ()),
        *(("recipient_is_party", "no_particular_weight"), ()),
    ),
    Ground(
        *("T-12_3", ("SCHOOL_M_MED", "PERSON_GUARDIAN", "K4"), ()),
        ("guardian_decides_matter", "no_considerable_harm_if_told"),
        (
            aged(18),
            person(secrecy_towards_guardian="yes"),
            person(secrecy_towards_guardian="unknown"),
        ),
    ),
]
BOTH = person(subject_consent="given", guardian_consent="given")
NO_SUBJECT = person(subject_consent="not_asked")
NO_GUARDIAN = person(guardian_consent="not_asked")
SECRET = person(secrecy_towards_guardian="yes")
PLACE = ("REGION", "SCHOOL_M", "K15")
CONSENTS = [
    Ground("C-adult", PLACE, (BOTH, aged(18)), (), (aged(17), NO_SUBJECT)),
    Ground(
        *("C-15_17", PLACE, (BOTH, aged(15)), ()),
        (aged(14), aged(18), NO_SUBJECT, NO_GUARDIAN, SECRET),
    ),
    Ground(
        *("C-15_17-mature", PLACE, (BOTH, aged(15)), ("mature_to_decide_alone",)),
        (aged(14), aged(18), NO_SUBJECT),
    ),
    Ground(
        *("C-12_14", PLACE, (BOTH, aged(12)), ("child_view_heard",)),
        (aged(11), aged(15), NO_GUARDIAN, SECRET),
    ),
    Ground(
        *("C-12_14-mature", PLACE, (BOTH, aged(12)), ("mature_to_decide_alone",)),
        (aged(11), aged(15), NO_SUBJECT),
    ),
    Ground("C-under_12", PLACE, (BOTH, aged(11)), (), (aged(12), NO_GUARDIAN, SECRET)),
]


def dated(version: str, on: date, also: tuple[str, ...] = ()) -> Ground:
    """An older version of a ground: the same case on an earlier day, with what it then asked."""
    newer = next(ground for ground in GROUNDS if ground.rule == version.split("@")[0])
    holds = (*newer.holds, {"on": on})
    return newer._replace(rule=version, holds=holds, says=(*newer.says, *also))


MARCH, JUNE, DECEMBER = date(2025, 3, 31), date(2025, 6, 30), date(2025, 12, 31)
PREVENTS = ("can_help_prevent",)
OLDER = [
    *(dated("D-1@2001", JUNE), dated("D-1@2025-07", DECEMBER)),
    *(dated("D-2@2001", JUNE), dated("D-2@2025-07", DECEMBER)),
    *(dated("D-7-soc@2001", JUNE), dated("D-8@1984", DECEMBER)),
    dated("P-18a@2020", MARCH, PREVENTS)._replace(place=SOC_POLICE),
    dated("P-18a@2013", date(2020, 7, 31), PREVENTS)._replace(place=SOC_POLICE),
    *(dated("P-18b@2020", MARCH, PREVENTS), dated("P-18c@2021", MARCH, PREVENTS)),
    dated("P-21@2009", MARCH),
    dated("P-23@2009", MARCH)._replace(
        holds=(crime("grov_misshandel"), {"on": MARCH}),
        breaks=(crime("grov_stold"), crime("ran", stage="attempt"), crime("ran", committed="no")),
    ),
    dated("P-24@2009", MARCH, ("other_than_fine",)),
    dated("P-26_9a@2013", JUNE),
    dated("D-11@preschool", date(2026, 7, 1))._replace(
        rule="D-11-preschool", place=("PRE", "SCHOOL_M", "K6")
    ),
]
EVERY = [*GROUNDS, *CONSENTS, *OLDER]


def merged(parts: tuple[Facts, ...]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            together = isinstance(value, dict) and name in ("item", "person")
            out[name] = {**out.get(name, {}), **value} if together else value
    return out


def fired(ask: Ask, ground: Ground, says: tuple[str, ...], *more: Facts) -> set[str]:
    facts = merged((*ground.holds, *more))
    sender, recipient, category = ground.place
    sender, recipient = facts.pop("sender", sender), facts.pop("recipient", recipient)
    decision = ask(sender, recipient, category, says=says, **facts)
    return {rule.id for rule in decision.fired}


@pytest.mark.parametrize("ground", EVERY, ids=lambda g: g.rule)
def test_it_holds_when_nothing_is_missing(ask: Ask, ground: Ground) -> None:
    assert ground.rule in fired(ask, ground, ground.says)


@pytest.mark.parametrize(
    ("ground", "missing"),
    [pytest.param(g, s, id=f"{g.rule} without {s}") for g in EVERY for s in g.says],
)
def test_it_needs_each_assessment(ask: Ask, ground: Ground, missing: str) -> None:
    says = tuple(statement for statement in ground.says if statement != missing)
    assert ground.rule not in fired(ask, ground, says)


@pytest.mark.parametrize(
    ("ground", "change"),
    [pytest.param(g, c, id=f"{g.rule} with {dict(c)}") for g in EVERY for c in g.breaks],
)
def test_it_needs_each_fact(ask: Ask, ground: Ground, change: Facts) -> None:
    assert ground.rule not in fired(ask, ground, ground.says, change)
