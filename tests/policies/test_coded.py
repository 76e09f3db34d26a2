"""A question as codes tells the law exactly what the facts told it, and nothing about anybody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

import policies
from policies import Facts, Law, decide, decision_bytes
from policies.coded import (
    NoCodes,
    codes_of_facts,
    facts_of_codes,
    known_fields,
    wrong_codes,
)
from policies.pack import Answer, Scenario
from policies.scenarios import facts_of, granted_facts, read_scenarios

TODAY = date(2026, 11, 23)
SCENARIOS = Path(policies.__file__).parent / "scenarios"
ASKED = [
    pytest.param(scenario, answer, id=f"{scenario.id}-{answer.on}-{n}")
    for _, scenario in read_scenarios(SCENARIOS)
    for n, answer in enumerate(scenario.answer)
]
NOT_EXPRESSIBLE: frozenset[str] = frozenset()
"""Scenarios that no codes can tell. Empty, and better kept so."""


@pytest.fixture(scope="module")
def law() -> Law:
    return policies.load()


def _codes(**more: str) -> dict[str, str]:
    return {"from": "SOC", "to": "POLICE", "category": "K11", **more}


@pytest.mark.parametrize(("scenario", "answer"), ASKED)
def test_codes_get_the_answer_that_the_facts_get(
    law: Law, scenario: Scenario, answer: Answer
) -> None:
    facts = facts_of(law, scenario.facts, answer.on)
    for asked in (facts, granted_facts(facts, scenario.granted)):
        if scenario.id in NOT_EXPRESSIBLE:
            with pytest.raises(NoCodes):
                codes_of_facts(law, asked)
            continue
        codes = codes_of_facts(law, asked)
        assert wrong_codes(law, codes) == ()
        assert known_fields(law, codes) == codes
        # Byte for byte, masks of every condition included: nothing known is lost on the way.
        told = facts_of_codes(law, codes, today=answer.on)
        assert decision_bytes(decide(law, told)) == decision_bytes(decide(law, asked))


def test_no_code_is_longer_than_a_word_of_the_pack(law: Law) -> None:
    words = law.vocabulary
    known = {*words.kinds, *words.categories, *words.purposes, *words.crimes, *words.roles}
    known |= {*words.contact_kinds, "yes", "no", "unknown", "none", "own", "request"}
    known |= {"completed", "attempt", "given", "refused", "withdrawn", "out_of_scope"}
    for parameter in ASKED:
        scenario, answer = parameter.values
        codes = codes_of_facts(law, facts_of(law, scenario.facts, answer.on))
        told = {code for name, code in codes.items() if name not in ("on", "age", "child_age")}
        assert told <= known


def test_a_birth_date_leaves_an_age_and_nothing_more(law: Law) -> None:
    facts = facts_of(
        law,
        {
            "sender": {"kind": "SOC"},
            "recipient": {"kind": "POLICE"},
            "item": {"category": "K11"},
            "person": {"born": date(2010, 5, 17)},
        },
        TODAY,
    )
    codes = codes_of_facts(law, facts)
    assert codes["age"] == "16"
    assert "2010" not in str(codes)


@pytest.mark.parametrize(
    ("on", "age", "told"), [("2026-02-28", "17", "LEAP"), ("2026-03-01", "18", "")]
)
def test_someone_born_on_a_leap_day_is_told_by_age_and_a_yes(
    law: Law, on: str, age: str, told: str
) -> None:
    codes = _codes(on=on, age=age, leap="yes", purpose="prevent_crime")
    assert wrong_codes(law, codes) == ()
    facts = facts_of_codes(law, codes, today=TODAY)
    assert facts.person.born == date(2008, 2, 29)
    assert ("LEAP" in decide(law, facts).cautions) is bool(told)


def test_nobody_born_on_a_leap_day_is_fifteen_that_day(law: Law) -> None:
    assert [
        one.code for one in wrong_codes(law, _codes(on="2026-11-23", age="15", leap="yes"))
    ] == ["leap_age"]


@pytest.mark.parametrize(
    ("field", "code", "why"),
    [
        ("from", "KYRKAN", "unknown_code"),
        ("category", "K3", "not_held"),
        ("age", "sexton", "age_form"),
        ("age", "121", "age_form"),
        ("age", "²", "age_form"),
        ("child_age", "-1", "age_form"),
        ("on", "2026-02-30", "date_form"),
        ("on", "20261123", "date_form"),
        ("on", "2009-06-29", "date_outside"),
        ("on", "2101-01-01", "date_outside"),
        ("said-clear_no_harm", "perhaps", "unknown_code"),
        ("committed_crime", "ja", "unknown_code"),
    ],
)
def test_what_is_no_code_is_told_with_the_field(law: Law, field: str, code: str, why: str) -> None:
    assert wrong_codes(law, _codes(**{field: code})) == ((field, why),)


def test_unknown_fields_are_left_out(law: Law) -> None:
    given = _codes(namn="Elliot", purpose="", **{"said-identifiable": "yes", "age": "16"})
    assert known_fields(law, given) == _codes(age="16")


def test_what_has_no_code_is_unknown_and_never_helps(law: Law) -> None:
    facts = facts_of_codes(law, _codes(), today=TODAY)
    for name in ("committed_crime", "investigation", "reporter_identity", "health_serious"):
        assert getattr(facts.item, name) == "unknown"
    assert facts.person.protected == facts.person.secrecy_towards_guardian == "unknown"
    assert facts.item.contact_known is False
    assert facts.item.identifiable == "yes"
    assert facts.person.born is None


@pytest.mark.parametrize(
    ("more", "answer"),
    [({}, "no"), ({"origin": "POLICE"}, "unknown"), ({"intelligence": "yes"}, "yes")],
)
def test_intelligence_is_open_only_where_it_can_be(
    law: Law, more: dict[str, str], answer: str
) -> None:
    assert facts_of_codes(law, _codes(**more), today=TODAY).item.intelligence == answer


def test_facts_that_codes_cannot_tell_are_named(law: Law) -> None:
    facts = facts_of_codes(law, _codes(), today=TODAY)
    sender = msgspec.structs.replace(facts.sender, own_secrecy=("OSL 25:1",))
    odd: Facts = msgspec.structs.replace(facts, sender=sender)
    with pytest.raises(NoCodes, match="sender"):
        codes_of_facts(law, odd)
