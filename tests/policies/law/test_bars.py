"""When a strike or a stop stands in the way, and the nearest case in which it must not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import pytest

from policies import Decision

Ask = Callable[..., Decision]
Facts = Mapping[str, Any]

POLICE_ITEM: Facts = {"item": {"origin": "POLICE", "investigation": "yes"}}
CONTACT: Facts = {"item": {"contact_kind": "phone"}, "person": {"protected": "yes"}}
CONSENTED: Facts = {"person": {"subject_consent": "given", "guardian_consent": "given"}}
HEALTH: Facts = {"item": {"origin": "REGION", "health_serious": "yes"}}


class Bar(NamedTuple):
    """A strike or stop, a case where it stands in the way, and changes that take it away."""

    rule: str
    place: tuple[str, str, str]
    stands: Facts
    lifts: tuple[Facts, ...]


def day(text: str) -> Facts:
    return {"on": date.fromisoformat(text)}


BARS = [
    Bar("H2", ("SOC", "SCHOOL_M", "K11"), {}, ({"sender": "SCHOOL_M", "category": "K2"},)),
    Bar(
        *("H3", ("REGION", "SCHOOL_M", "K15"), {}),
        (day("2025-11-30"), {"sender": "SCHOOL_M", "category": "K2"}),
    ),
    Bar("H3", ("REGION", "SCHOOL_M", "K15"), day("2025-12-01"), ()),
    Bar(
        *("H3-private", ("SCHOOL_M", "SCHOOL_I", "K2"), {}),
        (day("2027-01-01"), day("2025-11-30"), {"recipient": "SCHOOL_M"}),
    ),
    Bar("H3-private", ("SCHOOL_M", "SCHOOL_I", "K2"), day("2025-12-01"), ()),
    Bar("H4-age", ("SOC", "POLICE", "K11"), {"person": {"age": 21}}, ({"person": {"age": 20}},)),
    Bar(
        *("H4-committed", ("SOC", "POLICE", "K11"), {"item": {"committed_crime": "yes"}}),
        ({"item": {"committed_crime": "no"}},),
    ),
    Bar(
        *("H5", ("SCHOOL_M_MED", "POLICE", "K4"), {}),
        (day("2025-03-31"), {"sender": "SCHOOL_M", "category": "K2"}),
    ),
    Bar("H5", ("SCHOOL_M_MED", "POLICE", "K4"), day("2025-04-01"), ()),
    Bar(
        *("H5-nurse", ("SCHOOL_M_MED", "POLICE", "K4"), {"item": {"health_serious": "yes"}}),
        (day("2025-03-31"), {"sender": "SCHOOL_M_EH", "category": "K3"}, {"recipient": "SOC"}),
    ),
    Bar(
        *("H5-stored", ("LEISURE", "POLICE", "K31"), {"item": {"investigation": "yes"}}),
        (day("2025-03-31"), {"category": "K33"}, {"recipient": "SOC"}),
    ),
    Bar(
        *("H5-origin", ("CRIMEPREV", "POLICE", "K33"), HEALTH),
        (day("2025-03-31"), {"item": {"origin": "SCHOOL_M", "health_serious": "yes"}}),
    ),
    Bar("H5-origin", ("CRIMEPREV", "POLICE", "K33"), {**HEALTH, **day("2025-04-01")}, ()),
    Bar(
        *("H5-origin-soc", ("CRIMEPREV", "POLICE", "K33")),
        {"item": {"origin": "SOC", "health_serious": "yes"}},
        (day("2025-03-31"), HEALTH),
    ),
    Bar(
        *("H5-origin-soc", ("CRIMEPREV", "POLICE", "K33")),
        *({"item": {"origin": "SOC", "health_serious": "yes"}, **day("2025-04-01")}, ()),
    ),
    Bar(
        *("D-8-LUL6-age", ("POLICE", "SOC", "K17")),
        {"item": {"committed_crime": "yes"}, "person": {"age": 18}},
        ({"person": {"age": 17}}, {"item": {"committed_crime": "no"}}),
    ),
    Bar(
        *("D-8-LUL34-age", ("PROS", "SOC", "K17")),
        {"item": {"committed_crime": "yes"}, "person": {"age": 15}},
        ({"person": {"age": 14}, "item": {"committed_crime": "yes"}},),
    ),
    Bar(
        *("D-9-age", ("SOC", "PROS", "K11")),
        {"person": {"age": 18}, "purpose": "investigate_crime"},
        ({"person": {"age": 17}}, {"purpose": "prevent_crime"}, {"recipient": "TULL"}),
    ),
    Bar("H6", ("POLICE", "SOC", "K21"), {}, ({"category": "K17"},)),
    Bar("H7", ("SOC_FAMILY", "POLICE", "K12"), {}, ({"sender": "SOC", "category": "K11"},)),
    Bar(
        *("H8", ("SCHOOL_M", "LEISURE", "K5"), CONTACT),
        (
            {"item": {"contact_kind": None}, "person": {"protected": "yes"}},
            {"item": {"contact_kind": "phone"}, "person": {"protected": "no"}},
        ),
    ),
    Bar(
        *("H8", ("SCHOOL_M", "LEISURE", "K5")),
        *({"item": {"contact_kind": "phone"}, "person": {"protected": "unknown"}}, ()),
    ),
    Bar(
        "H8", ("SOC", "PERSON_GUARDIAN", "K11"), CONTACT, ({**CONTACT, "recipient": "PERSON_SELF"},)
    ),
    Bar("H8", ("SOC", "PERSON", "K11"), {**CONTACT, "requester_verified": "yes"}, ()),
    Bar(
        *("H8-self", ("SOC", "PERSON_SELF", "K11"), CONTACT),
        (
            {**CONTACT, "requester_verified": "yes"},
            {"item": {"contact_kind": "phone"}, "person": {"protected": "no"}},
            {**CONTACT, "recipient": "PERSON"},
        ),
    ),
    Bar(
        *("H8-self-placement", ("SOC", "PERSON_SELF", "K13"), {}),
        ({"requester_verified": "yes"}, {"category": "K11"}, {"recipient": "PERSON_GUARDIAN"}),
    ),
    Bar(
        *("H8-self-placement-channel", ("SOC", "PERSON_SELF", "K13")),
        {"requester_verified": "yes"},
        ({"category": "K11"}, {"recipient": "PERSON_GUARDIAN"}),
    ),
    Bar(
        *("T-12_1-patient", ("REGION", "PERSON_SELF", "K15"), {}),
        ({"recipient": "PERSON"}, {"sender": "SOC", "category": "K11"}),
    ),
    Bar("H8-shelter", ("SOC", "SCHOOL_M", "K27"), {}, (day("2024-03-31"), {"category": "K11"})),
    Bar("H8-shelter", ("SOC", "SCHOOL_M", "K27"), day("2024-04-01"), ()),
    Bar(
        *("H8-shelter-address", ("SOC", "SCHOOL_M", "K11")),
        {"item": {"contact_kind": "sheltered_address"}},
        (day("2024-03-31"), {"item": {"contact_kind": "phone"}}),
    ),
    Bar(
        *("H8-shelter-address", ("SOC", "SCHOOL_M", "K11")),
        *({"item": {"contact_kind": "sheltered_address"}, **day("2024-04-01")}, ()),
    ),
    Bar(
        *("H8-register", ("SKV", "SCHOOL_M", "K26"), {"person": {"protected": "yes"}}),
        ({"person": {"protected": "no"}},),
    ),
    Bar(
        *("H8-placement", ("SOC", "PERSON_GUARDIAN", "K13"), {}),
        ({"category": "K11"}, {"recipient": "REGION"}, {"recipient": "PERSON_SELF"}),
    ),
    Bar(
        *("H13-placement", ("SOC", "SCHOOL_M", "K13"), CONSENTED),
        ({"category": "K11"}, {"recipient": "PERSON_SELF"}),
    ),
    Bar(
        *("H9", ("SOC", "SCHOOL_M", "K11"), {"item": {"reporter_identity": "yes"}}),
        ({"item": {"reporter_identity": "no"}},),
    ),
    Bar(
        *("H9", ("POLICE", "SCHOOL_M", "K17"), {"item": {"reporter_identity": "unknown"}}),
        ({"item": {"reporter_identity": "no"}},),
    ),
    Bar(
        *("H11", ("LEISURE", "SOC", "K33"), POLICE_ITEM),
        (
            {"item": {"origin": "POLICE", "investigation": "no"}},
            {"item": {"investigation": "yes"}},
        ),
    ),
    Bar(
        *("H11-back", ("CRIMEPREV", "POLICE", "K33"), POLICE_ITEM),
        (
            {"item": {"origin": "POLICE", "investigation": "no"}},
            {"item": {"investigation": "yes"}},
            {**POLICE_ITEM, "approvals": {"police_release": "yes"}},
        ),
    ),
    Bar(
        *("H11-intelligence", ("CRIMEPREV", "SOC", "K33"), {"item": {"intelligence": "yes"}}),
        ({"item": {"intelligence": "no"}},),
    ),
    Bar(
        *("H11-marked", ("SOC", "SCHOOL_M", "K11"), {"item": {"investigation": "yes"}}),
        ({"item": {"investigation": "no"}},),
    ),
    Bar(
        *("H13", ("SOC", "SCHOOL_M", "K11")),
        {"person": {"age": 9, "secrecy_towards_guardian": "yes"}},
        ({"person": {"age": 9, "secrecy_towards_guardian": "no"}},),
    ),
    Bar(
        *("H13-adult", ("SOC", "SCHOOL_M", "K11"), {"person": {"age": 18}}),
        ({"person": {"age": 17}},),
    ),
    Bar("H13-public", ("POLICE", "SCHOOL_M", "K18"), CONSENTED, ({"category": "K17"},)),
    Bar(
        *("H15", ("REGION", "POLICE", "K15"), {}),
        ({"recipient": "SOC"}, {"sender": "SCHOOL_M", "category": "K2"}),
    ),
    Bar(
        *("H15-origin", ("SOC", "POLICE", "K11"), {"item": {"origin": "REGION"}}),
        ({"item": {"origin": "SCHOOL_M"}}, {"item": {}}),
    ),
]


def standing(ask: Ask, bar: Bar, facts: Facts) -> set[str]:
    asked = dict(facts)
    sender, recipient, category = bar.place
    decision = ask(
        asked.pop("sender", sender),
        asked.pop("recipient", recipient),
        asked.pop("category", category),
        **asked,
    )
    return {rule.id for rule in (*decision.strikes, *decision.stops)}


@pytest.mark.parametrize("bar", [pytest.param(b, id=f"{b.rule} {dict(b.stands)}") for b in BARS])
def test_it_stands_in_the_way(ask: Ask, bar: Bar) -> None:
    assert bar.rule in standing(ask, bar, bar.stands)


@pytest.mark.parametrize(
    ("bar", "change"),
    [pytest.param(b, c, id=f"{b.rule} with {dict(c)}") for b in BARS for c in b.lifts],
)
def test_it_stands_in_the_way_of_nothing_else(ask: Ask, bar: Bar, change: Facts) -> None:
    assert bar.rule not in standing(ask, bar, {**bar.stands, **change})


def test_a_childs_own_report_of_concern_is_not_stopped_by_an_investigation_of_its_own(
    ask: Ask,
) -> None:
    item = {"investigation": "yes"}
    decision = ask("LEISURE", "SOC", "K33", item=item, says=["child_fares_badly"])
    assert decision.outcome == "must"
