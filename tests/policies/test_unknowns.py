"""What is open in a question: which answers there can be, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from policies import Facts, Law, unknowns
from policies.unknowns import Component, Pattern, Unknowns, find_unknowns, is_unknown

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
    monkeypatch.setattr(unknowns, "_MOST_KEPT", 2)
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
