"""What is open in a question: which answers there can be, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from policies import Facts, Law, unknowns
from policies.unknowns import (
    Component,
    Pattern,
    Unknowns,
    born_on_for_age,
    find_unknowns,
    is_unknown,
    put,
)
from policies.vocabulary import Age, age_on

Make = Callable[..., Facts]
Tables = dict[str, dict[str, Any]]
A, B, ELSE = 1, 2, 4
STEALING = {"crime": "theft", "crime_stage": "completed"}
"""With this and what is known of an ordinary question nothing is open."""


def found(law: Law, facts: Facts) -> Unknowns:
    snapshot = law.snapshot(facts.on)
    return find_unknowns(snapshot, facts, snapshot.readings.read(facts))


def of(*patterns: Pattern) -> Unknowns:
    return Unknowns((Component(A | B, patterns),), A | B, A | B, A | B)


def test_what_follows_from_every_answer_follows_from_none_that_is_about_something_else() -> None:
    either_way_a = of(Pattern(A, A), Pattern(A | B, A | B))
    assert either_way_a.consequence(ELSE, 0) == (ELSE, 0)
    assert either_way_a.consequence(B, 0) == (A | B, 0)
    assert either_way_a.consequence(0, B) == (A, B)


def test_what_cannot_be_answered_at_all_hinders_nothing_else() -> None:
    assert of().consistent(ELSE, 0)
    assert of().consistent(0, ELSE)
    assert not of().consistent(A, 0)
    assert not of().consistent(0, B)


@pytest.fixture
def with_only(
    small_tables: Callable[[], Tables], load_tables: Callable[[Tables], Law]
) -> Callable[[str], Law]:
    """The small pack, with one crime."""

    def make(crime: str) -> Law:
        tables = small_tables()
        every = tables["parameters.toml"]["crime"]
        tables["parameters.toml"]["crime"] = [one for one in every if one["code"] == crime]
        return load_tables(tables)

    return make


def test_what_is_yes_whatever_is_answered_cannot_become_no(
    with_only: Callable[[str], Law], facts_like: Make
) -> None:
    # Assault passes the threshold, attempted or completed.
    law = with_only("assault")
    item = {"committed_crime": "yes", "crime_stage": "completed"}
    here = found(law, facts_like(item=item, person={"protected": "unknown"}))
    bits = law.snapshot(date(2026, 11, 23)).bits
    assert here.can_yes == bits["serious"] | bits["against_life"] | bits["protected"]
    assert here.can_no == bits["protected"]


def test_facts_that_share_what_is_not_said_are_answered_together(
    with_only: Callable[[str], Law], facts_like: Make
) -> None:
    # Arson passes the threshold only when completed, and it is in no chapter that is asked about.
    law = with_only("fire")
    here = found(law, facts_like(item={"committed_crime": "yes", "crime_stage": "unknown"}))
    bits = law.snapshot(date(2026, 11, 23)).bits
    assert here.can_yes == bits["serious"]
    assert here.can_no == bits["serious"] | bits["against_life"]


def test_the_first_condition_of_the_vocabulary_is_answered_as_any_other(
    law: Law, facts_like: Make
) -> None:
    facts = facts_like(item=STEALING, recipient={"kind": "POLICE", "is_authority": "unknown"})
    first = law.snapshot(facts.on).bits["to_authority"]
    assert first == 1
    assert found(law, facts)[1:] == (first, first, first)


def test_what_is_known_is_no_question_though_a_part_of_it_is_not_said(
    law: Law, facts_like: Make
) -> None:
    # Stealing passes no threshold, attempted or completed.
    facts = facts_like(item={"crime": "theft", "crime_stage": "unknown"})
    snapshot = law.snapshot(facts.on)
    assert not snapshot.bits["serious"] & snapshot.readings.read(facts).maybe
    assert found(law, facts) == Unknowns((), 0, 0, 0)


def test_nobody_can_answer_which_day_a_leaper_has_a_birthday(law: Law, facts_like: Make) -> None:
    facts = facts_like(date(2026, 2, 28), item=STEALING, person={"born": date(2008, 2, 29)})
    assert law.snapshot(facts.on).readings.read(facts).leap
    assert found(law, facts) == Unknowns((), 0, 0, 0)


def test_no_more_questions_are_kept_than_there_is_room_for(
    law: Law, facts_like: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policies.keeping.MOST_KEPT", 2)
    answers = law.snapshot(date(2026, 11, 23)).answers
    answers.clear()
    kept = []
    for age in (15, 18, 30):
        found(law, facts_like(item=STEALING, person={"age": age}))
        kept.append(len(answers))
    assert kept == [1, 2, 1]


@pytest.mark.parametrize(
    ("kind", "known", "is_open"),
    [(None, False, True), (None, True, False), ("phone", False, False), ("phone", True, False)],
)
def test_contact_data_is_open_until_it_is_named_or_said_not_to_be_any(
    facts_like: Make, kind: str | None, known: bool, is_open: bool
) -> None:
    item = msgspec.structs.replace(facts_like().item, contact_kind=kind, contact_known=known)
    facts = msgspec.structs.replace(facts_like(), item=item)
    assert is_unknown(facts, "item.contact_kind") is is_open


@pytest.mark.parametrize(("limit", "ages"), [(18, [17, 18]), (1, [0, 1]), (0, [0])])
def test_an_unknown_birth_is_tried_just_on_each_side_of_an_age(
    law: Law, facts_like: Make, limit: int, ages: list[int]
) -> None:
    asked: Any = SimpleNamespace(tests_of=lambda _: ((A, None, limit),))
    facts = facts_like()
    born = unknowns._births(asked, facts, "person.age")
    assert [age_on(day, facts.on) for day in born] == [Age(age, age) for age in ages]


def test_a_made_up_birth_on_a_leap_day_is_the_day_before_in_another_year() -> None:
    assert born_on_for_age(date(2024, 6, 8), 17) == date(2007, 2, 28)


@pytest.mark.parametrize(("answer", "kind"), [("phone", "phone"), ("", None)])
def test_what_contact_data_it_is_can_be_answered(
    facts_like: Make, answer: str, kind: str | None
) -> None:
    item = put(facts_like(), "item.contact_kind", answer).item
    assert (item.contact_kind, item.contact_known) == (kind, True)
