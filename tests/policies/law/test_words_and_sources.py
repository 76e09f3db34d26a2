"""How the pack speaks to staff and to lawyers, and what it owns up to not knowing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policies import Decision, Law
from policies.references import fact_name
from policies.rule_words import SOURCE_WORDS
from policies.selectors import expand, select

Ask = Callable[..., Decision]

FOLDER = Path(__file__).parents[3] / "policies"
AVOIDED = {
    r"\bdela(r|s|de|t)?\b": "lämna ut",
    r"\bmottaget\b": "Inkommet",
    r"\bgranskning": "loggkontroll",
    r"\bjournalanteckning": "anteckning om samverkan",
    r"\btillåtet\b": "kan lämnas ut efter din bedömning",
    r"\bunderrättelsen? (om|till)\b": "besked; underrättelse is police intelligence",
    r"\bsamverkansform": "samverkansärende",
}


def swedish(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every Swedish text of a file, with where it stands."""
    if isinstance(value, dict):
        here = str(value.get("id") or value.get("name") or value.get("code") or where)
        for key, inner in value.items():
            if isinstance(inner, str) and (key == "sv" or key.endswith("_sv")):
                yield here, inner
            else:
                yield from swedish(inner, here)
    elif isinstance(value, list):
        for inner in value:
            yield from swedish(inner, where)


FILES = sorted([*FOLDER.glob("*.toml"), *FOLDER.glob("rules/*.toml")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_texts_use_the_houses_words(path: Path) -> None:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    for where, text in swedish(content):
        for pattern, instead in AVOIDED.items():
            assert not re.search(pattern, text, re.IGNORECASE), f"{where}: say {instead}"


def test_a_rule_that_reads_the_penalty_table_says_that_a_person_must_confirm_it(
    packaged: Law,
) -> None:
    for rule in packaged.rules.values():
        facts = {fact_name(packaged.vocabulary.conditions[name]) for name in rule.all}
        if any(fact.startswith("crime.") and fact != "crime.completed" for fact in facts):
            assert "CRIME" in rule.cautions, rule.id


def test_the_ages_of_consent_are_called_practice(packaged: Law) -> None:
    bands = [rule for rule in packaged.rules.values() if rule.id.startswith("C-1")]
    assert len(bands) == 4
    assert all("BAND" in rule.cautions and rule.confidence == "B" for rule in bands)


@pytest.mark.parametrize(
    ("rule", "cautions"),
    [
        *(("P-15a-26_1", {"U1", "U2", "U14"}), ("D-4", {"U4"}), ("D-4b", {"U4", "U15"})),
        *(("D-8", {"U5"}), ("P-21", {"U6"}), ("D-1", {"U7"}), ("D-10", {"U7"})),
        *(("D-3", {"U3"}), ("H5-origin", {"U3"}), ("D-8-LUL34", {"U11"}), ("D-9", {"U11"})),
        *(("D-8-LUL34", {"AGE"}), ("D-9@1964", {"AGE"}), ("D-12", {"AGE"}), ("P-22", {"U6"})),
    ],
)
def test_a_rule_shows_the_uncertainties_that_touch_it(
    packaged: Law, rule: str, cautions: set[str]
) -> None:
    assert cautions <= set(packaged.rules[rule].cautions)


def test_which_day_an_age_is_counted_is_said_of_every_rule_of_the_young_offenders_act(
    packaged: Law,
) -> None:
    told = {rule.id: rule for rule in packaged.rules.values() if rule.cite[0].act == "LUL"}
    aged = {"case_subject.age", "person.age"}
    for rule in told.values():
        asked = {fact_name(packaged.vocabulary.conditions[name]) for name in rule.all}
        assert ("AGE" in rule.cautions) == bool(asked & aged), rule.id
    assert len(told) == 15


@pytest.mark.parametrize(
    ("place", "age"),
    [(("SOC", "PROS", "K11"), 18), (("POLICE", "SOC", "K17"), 15), (("POLICE", "SOC", "K17"), 18)],
)
def test_somebody_just_past_an_age_of_the_young_offenders_act_is_told_of_the_doubt(
    ask: Ask, place: tuple[str, str, str], age: int
) -> None:
    decision = ask(
        *place,
        item={"committed_crime": "yes", "crime": "misshandel"},
        person={"age": age},
        purpose="investigate_crime",
        initiative="request",
        requester_verified="yes",
    )
    assert "AGE" in decision.cautions


def test_no_provision_is_cited_in_a_wording_of_a_later_year_than_it_applies(packaged: Law) -> None:
    for one in (*packaged.rules.values(), *packaged.secrecy):
        for cite in one.cite:
            assert int(packaged.sources[cite.act].sfs[:4]) <= one.valid_from.year, (one, cite)
            if cite.amended_by:
                begins = cite.amended_from or one.valid_from
                assert int(cite.amended_by[4:8]) <= begins.year, (one, cite)


BEGAN = {
    **dict.fromkeys(("OSL 10:18a", "OSL 26:9a"), date(2013, 1, 1)),
    **dict.fromkeys(("OSL 10:18b", "OSL 10:22a", "OSL 35:10c"), date(2020, 8, 1)),
    **dict.fromkeys(("OSL 21:3a", "OSL 22:2"), date(2019, 1, 1)),
    **dict.fromkeys(("OSL 26:14b", "OSL 26:14c", "OSL 26:14d"), date(2024, 4, 1)),
    "OSL 25:13a": date(2011, 7, 1),
    "OSL 10:18c": date(2021, 8, 1),
    "OSL 10:2a": date(2023, 7, 1),
    "OSL 10:15a": date(2025, 12, 1),
    "OSL 40:7g": date(2026, 1, 1),
    "OSL 2:3a": date(2027, 1, 1),
    "skollagen 6a:10": date(2025, 7, 1),
    "skollagen 29:19b": date(2025, 4, 1),
    "PSL": date(2011, 1, 1),
    "skollagen": date(2011, 7, 1),
    "lag (2025:170)": date(2025, 4, 1),
    "SoL": date(2025, 7, 1),
}
"""Provisions, or whole acts, that are younger than OSL. OSL 10:15 a: the wording that was read."""


def test_no_provision_is_cited_for_a_day_on_which_it_did_not_exist(packaged: Law) -> None:
    early = [
        (getattr(one, "id", one.sv), cite.act, cite.at)
        for one in (*packaged.rules.values(), *packaged.secrecy)
        for cite in one.cite
        for began in (BEGAN.get(f"{cite.act} {cite.at.split()[0]}"), BEGAN.get(cite.act))
        if began and one.valid_from < began
    ]
    assert early == []


def test_no_source_is_called_reviewed_before_a_lawyer_has_read_it() -> None:
    content = tomllib.loads((FOLDER / "sources.toml").read_text(encoding="utf-8"))
    reviewers = {source["reviewed_by"] for source in content["source"]}
    assert reviewers == {"research, not yet reviewed by a lawyer"}


def test_how_far_an_act_is_read_is_a_number_or_words_in_both_languages(packaged: Law) -> None:
    for source in packaged.sources.values():
        for written in (source.read_to, source.reviewed_by):
            known = SOURCE_WORDS.get(written, {}).keys() == {"sv", "en"}
            assert known or re.fullmatch(r"SFS \d{4}:\d+", written), written


def test_rows_of_one_secrecy_rule_that_say_the_same_ask_the_same(packaged: Law) -> None:
    """So that an answer, which has a row's words, can tell what is known from what only may be."""
    who = {"sender_is_authority", "not sender_is_authority"}
    asked: dict[tuple[str, str], set[frozenset[str]]] = {}
    for row in packaged.secrecy:
        conditions = frozenset({*row.all, *(f"not {name}" for name in row.none)} - who)
        asked.setdefault((row.rule, row.sv), set()).add(conditions)
    assert [key for key, ways in asked.items() if key[0] and len(ways) > 1] == []


def test_every_cited_provision_is_listed() -> None:
    content = tomllib.loads((FOLDER / "sources.toml").read_text(encoding="utf-8"))
    assert all(source["provisions"] for source in content["source"])


def test_every_condition_is_used_by_some_rule_or_row(packaged: Law) -> None:
    used = {
        name
        for entry in (*packaged.rules.values(), *packaged.secrecy)
        for key in ("all", "none", "unless")
        for name in getattr(entry, key, ())
    }
    assert set(packaged.vocabulary.conditions) - used == set()


def test_an_office_is_excepted_by_the_secrecy_that_excepts_an_item(packaged: Law) -> None:
    """Law: lag (2025:170) 8 §"""
    condition = packaged.vocabulary.conditions["own_secrecy_excepted"]
    assert isinstance(condition.value, tuple)
    excepted = expand(("set:EXCL_2025_170",), packaged.secrecy_sets)
    codes = packaged.snapshot(date(2026, 11, 23)).secrecy_codes
    known = select(excepted, codes, loosely=True)
    assert known <= {*condition.value}
    assert known == {*condition.value} & {*codes}
