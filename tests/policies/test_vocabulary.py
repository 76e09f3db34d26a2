"""What the facts answer, above all where they do not know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from policies import Facts, Law
from policies.masks import Readings
from policies.pack import Condition
from policies.vocabulary import FACTS, Age, Tables, age_on, fact_named

Make = Callable[..., Facts]


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2005, 11, 24), date(2026, 11, 23), Age(20, 20)),
        (date(2005, 11, 23), date(2026, 11, 23), Age(21, 21)),
        (date(2005, 11, 22), date(2026, 11, 23), Age(21, 21)),
        (date(2008, 2, 29), date(2026, 2, 27), Age(17, 17)),
        (date(2008, 2, 29), date(2026, 2, 28), Age(17, 18)),
        (date(2008, 2, 29), date(2026, 3, 1), Age(18, 18)),
        (date(2008, 2, 29), date(2028, 2, 28), Age(19, 19)),
        (date(2008, 2, 29), date(2028, 2, 29), Age(20, 20)),
        (date(1900, 2, 28), date(2026, 2, 28), Age(126, 126)),
        (date(2026, 11, 23), date(2026, 11, 23), Age(0, 0)),
        (date(2026, 11, 24), date(2026, 11, 23), None),
        (None, date(2026, 11, 23), None),
    ],
)
def test_an_age_is_whole_years_and_has_two_readings_on_one_day(
    born: date | None, on: date, age: Age | None
) -> None:
    assert age_on(born, on) == age


@pytest.mark.parametrize(
    ("fact", "changes", "value"),
    [
        ("sender.kind", {}, "SOC"),
        ("recipient.is_authority", {"recipient": {"is_authority": "unknown"}}, None),
        ("recipient.is_authority", {}, True),
        ("sender.own_secrecy", {}, frozenset()),
        (
            *("sender.own_secrecy", {"sender": {"kind": "SOC", "own_secrecy": ["OSL 35:1"]}}),
            frozenset({"OSL 35:1"}),
        ),
        ("same_authority", {}, False),
        ("same_authority", {"same_authority": True}, True),
        ("same_unit", {}, False),
        ("same_municipality", {}, None),
        ("item.category", {}, "K11"),
        ("item.committed_crime", {}, False),
        ("item.committed_crime", {"item": {"committed_crime": "unknown"}}, None),
        ("item.is_contact_data", {}, False),
        ("item.is_contact_data", {"item": {"contact_kind": "phone"}}, True),
        ("item.is_contact_data", {"item": {"contact_known": False}}, None),
        ("item.contact_kind", {"item": {"contact_kind": "phone"}}, "phone"),
        ("item.contact_kind", {}, ""),
        ("item.contact_kind", {"item": {"contact_known": False}}, None),
        ("item.origin", {}, ""),
        ("item.origin", {"item": {"origin": "POLICE"}}, "POLICE"),
        ("crime.code", {}, None),
        ("crime.chapter", {"item": {"crime": "assault"}}, "BrB 3"),
        ("crime.min_months", {"item": {"crime": "assault"}}, 18),
        ("crime.imprisonment", {"item": {"crime": "theft"}}, True),
        ("crime.completed", {}, None),
        ("crime.completed", {"item": {"crime_stage": "attempt"}}, False),
        ("person.age", {}, Age(17, 17)),
        ("person.age", {"person": {"born": None}}, None),
        ("case_subject.age", {}, Age(17, 17)),
        ("consent.subject", {}, "not_asked"),
        ("consent.subject", {"person": {"subject_consent": "unknown"}}, None),
        ("purpose", {"purpose": None}, None),
        ("initiative", {"initiative": "unknown"}, None),
        ("decider.role", {"decider_role": "principal"}, "principal"),
        ("statement.risk", {}, None),
        ("statement.risk", {"person": {"statements": {"risk": "no"}}}, False),
        ("approval.boss_ok", {"approvals": {"boss_ok": "yes"}}, True),
    ],
)
def test_a_fact_is_read(
    law: Law, facts_like: Make, fact: str, changes: dict[str, Any], value: object
) -> None:
    found = fact_named(fact)
    assert found is not None
    facts = facts_like(**changes)
    assert found.read(facts, law.snapshot(facts.on).tables) == value


def test_a_crime_without_a_scale_on_the_day_is_unknown(law: Law, facts_like: Make) -> None:
    found = fact_named("crime.min_months")
    assert found is not None
    facts = facts_like()
    item = msgspec.structs.replace(facts.item, crime="unheard of")
    unheard = msgspec.structs.replace(facts, item=item)
    assert found.read(unheard, law.snapshot(facts.on).tables) is None


@pytest.mark.parametrize(
    ("crime", "stage", "serious"),
    [
        ("theft", "completed", False),
        ("theft", "unknown", False),
        ("fire", "completed", True),
        ("fire", "attempt", False),
        ("fire", "unknown", None),
        ("assault", "attempt", True),
        ("assault", "unknown", True),
        (None, "completed", None),
    ],
)
def test_an_attempt_needs_a_graver_crime_than_the_completed_one(
    law: Law, facts_like: Make, crime: str | None, stage: str, serious: bool | None
) -> None:
    facts = facts_like(item={"crime": crime, "crime_stage": stage})
    tables = law.snapshot(facts.on).tables
    assert FACTS["crime.threshold_23"].read(facts, tables) is serious


@pytest.mark.parametrize(
    ("months", "completed", "attempted"),
    [(0, False, False), (5, False, False), (6, True, False), (11, True, False), (12, True, True)],
)
def test_the_floors_of_10_23_are_six_months_and_for_an_attempt_twelve(
    packaged: Law, months: int, completed: bool, attempted: bool
) -> None:
    tables = packaged.snapshot(date(2026, 11, 23)).tables
    scale = msgspec.structs.replace(next(iter(tables.crimes.values())), min_months=months)
    known = Tables({"made up": scale}, tables.parameters)
    threshold = FACTS["crime.threshold_23"]
    for stage, serious in (("completed", completed), ("attempt", attempted)):
        facts = _about("made up", stage)
        assert threshold.read(facts, known) is serious
    unsaid = completed if completed is attempted else None
    assert threshold.read(_about("made up", "unknown"), known) is unsaid


@pytest.mark.parametrize(
    ("day", "months", "attempted"),
    [(date(2025, 3, 31), 12, 24), (date(2025, 4, 1), 6, 12)],
)
def test_the_floors_of_10_23_were_lowered_in_april_2025(
    packaged: Law, day: date, months: int, attempted: int
) -> None:
    known = packaged.snapshot(day).tables.parameters
    assert known["crime_months_10_23_completed"] == months
    assert known["crime_months_10_23_attempt"] == attempted


def _about(crime: str, stage: str) -> Facts:
    party = {"kind": "SOC", "unit": "u", "authority": "a", "is_authority": "yes"}
    item = {"category": "K11", "crime": crime, "crime_stage": stage}
    return msgspec.convert(
        {
            "on": date(2026, 11, 23),
            "sender": party,
            "recipient": party,
            "item": item,
            "person": {},
        },
        Facts,
    )


@pytest.mark.parametrize("name", ["", "person", "person.colour", "statement.", "statement"])
def test_there_is_no_such_fact(name: str) -> None:
    assert fact_named(name) is None


@pytest.mark.parametrize(("fact", "value"), [("purpose", 18), ("person.age", "eighteen")])
def test_to_compare_what_is_no_number_is_a_fault(
    law: Law, facts_like: Make, fact: str, value: int | str
) -> None:
    facts = facts_like()
    words = {"sv": "", "en": ""}
    young = Condition(name="young", source="system", fact=fact, op="<", value=value, **words)
    readings = Readings((young,), law.snapshot(facts.on).tables)
    with pytest.raises(TypeError, match="young: < needs numbers, got"):
        readings.read(facts)
