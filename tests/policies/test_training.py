"""The told cases: those whose published answer the law in use gives, and no others."""

from __future__ import annotations

from policies import Law, load_contents, pack_contents
from policies.training import packaged_training, training_cases


def test_the_packaged_law_tells_every_case(packaged: Law) -> None:
    assert training_cases(packaged) == packaged_training()


def test_a_case_that_another_law_has_no_word_for_is_left_out() -> None:
    contents = {
        name: data.replace(b"K11_BESKED", b"K11_ANNAT") for name, data in pack_contents().items()
    }
    told = training_cases(load_contents(contents))
    assert {one.scenario for one in packaged_training()} - {one.scenario for one in told} == {"S23"}


def test_a_case_that_another_law_answers_otherwise_is_left_out() -> None:
    contents = dict(pack_contents())
    duties = contents["rules/duties.toml"]
    assert b"needed_in_crime_fighting" in duties
    later = duties.replace(b"valid_from = 2026-01-01", b"valid_from = 2099-01-01")
    told = {
        one.scenario
        for one in training_cases(load_contents({**contents, "rules/duties.toml": later}))
    }
    assert "S60" not in told
    assert "S08" in told


def test_a_law_of_few_words_tells_the_few_cases_that_it_answers_alike(law: Law) -> None:
    assert [one.scenario for one in training_cases(law)] == ["S08"]


def test_a_case_that_another_law_lets_wait_for_an_approval_is_left_out() -> None:
    contents = dict(pack_contents())
    rules = contents["rules/permissions.toml"]
    asked = b'all = ["person_under_21", "risk_of_crime", "not_inappropriate"]'
    assert rules.count(asked) == 1
    waits = asked.replace(b"]", b', "supervisor_approval"]')
    law = load_contents({**contents, "rules/permissions.toml": rules.replace(asked, waits)})
    told = {one.scenario for one in training_cases(law)}
    assert {one.scenario for one in packaged_training()} - told == {"S08"}
