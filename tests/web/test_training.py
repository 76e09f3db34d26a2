"""*Öva*: the story first, the rules' answer after, and nothing kept."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient

from policies import Law
from policies.training import (
    GUESSES,
    right_guess,
    scenario_of,
    training_cases,
    training_facts,
)
from tests.web.conftest import TEMPLATES
from tests.web.stand_in import a_site, an_app
from tests.web.town import Town

CASES = range(1, len(training_cases()) + 1)
PUBLISHED = {
    "DUTY": "must",
    "PERMITTED": "may",
    "HARM_ASSESSMENT": "may",
    "CONSENT_ONLY": "consent",
    "FORBIDDEN": "no",
}


@pytest.fixture(scope="module")
def anyone() -> FlaskClient:
    site, _, _ = a_site()
    site = replace(site, settings=replace(site.settings, open_question=True))
    return an_app(site, TEMPLATES).test_client()


def test_there_are_twelve_to_twenty_cases_with_every_kind_of_answer(law: Law) -> None:
    answers = [right_guess(law, training_facts(law, one)) for one in training_cases()]
    assert 12 <= len(answers) <= 20
    assert set(answers) == set(GUESSES)


def test_no_case_is_told_twice() -> None:
    told = [one.scenario for one in training_cases()]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("number", CASES)
def test_the_right_answer_is_the_published_one(law: Law, number: int) -> None:
    case = training_cases()[number - 1]
    latest = max(scenario_of(case).answer, key=lambda one: one.on)
    if latest.asks and latest.outcome_class == "FORBIDDEN":
        pytest.fail("a case about one ground alone has another answer as a whole: tell another")
    assert right_guess(law, training_facts(law, case)) == PUBLISHED[latest.outcome_class]


@pytest.mark.parametrize("number", CASES)
def test_the_story_comes_first_and_the_answer_after(
    anyone: FlaskClient, law: Law, number: int
) -> None:
    case = training_cases()[number - 1]
    right = right_guess(law, training_facts(law, case))
    before = unescape(anyone.get(f"/ova/{number}").get_data(as_text=True))
    assert case.sv in before
    assert "data-verdict" not in before
    for guess in GUESSES:
        after = anyone.get(f"/ova/{number}?answer={guess}").get_data(as_text=True)
        assert ("Samma svar" in after) is (guess == right)
        assert "data-verdict" in after
        assert f'href="/regler/fall/{case.scenario}"' in after


def test_an_answer_must_be_chosen(anyone: FlaskClient) -> None:
    answer = anyone.get("/ova/1?show=1")
    assert answer.status_code == 422
    assert "data-verdict" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/ova/0", "/ova/99"])
def test_there_are_no_other_cases(anyone: FlaskClient, path: str) -> None:
    assert anyone.get(path).status_code == 404


def test_practising_writes_no_entry(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    sara = sign_in("sara")
    before = town.entries("polis")
    assert "Ett annat svar" in sara.see("/ova/1?answer=no")
    assert town.entries("polis") == before


def test_closed_to_strangers_unless_the_installation_says_otherwise(client: FlaskClient) -> None:
    assert client.get("/ova").headers["Location"] == "/logga-in"
