"""*Får jag dela?*: the published answer to every scenario, nothing kept, nothing typed."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

import policies
from app.flows.consider_disclosure import consider_disclosure
from policies import Law, decide, explain
from policies.coded import codes_of_facts, facts_of_codes
from policies.pack import Scenario
from policies.scenarios import (
    facts_of_answer,
    granted_facts,
    granted_in,
    read_scenarios,
    try_answer,
)
from tests.web.conftest import TEMPLATES
from tests.web.stand_in import NOW, a_site, an_app
from tests.web.town import Town

SCENARIOS = [
    pytest.param(scenario, id=scenario.id)
    for _, scenario in read_scenarios(Path(policies.__file__).parent / "scenarios")
]
VERDICT = re.compile(r'data-verdict="(\w+)"')
HELD = re.compile(r"Grunder som är uppfyllda</strong></p>\s*<ul>(.*?)</ul>", re.S)
TO_POLICE = "/fraga?from=SOC&to=POLICE&category=K11&purpose=prevent_crime&age=16"


@pytest.fixture(scope="module")
def anyone() -> FlaskClient:
    """Somebody who has not signed in, where the installation lets anyone ask."""
    site, _, _ = a_site()
    site = replace(site, settings=replace(site.settings, open_question=True))
    return an_app(site, TEMPLATES).test_client()


def _see(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def _ask(client: FlaskClient, codes: dict[str, str]) -> str:
    return _see(client, f"/fraga?{urlencode(codes)}")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_shows_the_published_answer(anyone: FlaskClient, law: Law, scenario: Scenario) -> None:
    # The latest of a scenario's answers is read on the page, all of them are asked from the codes.
    for answer in scenario.answer:
        codes = codes_of_facts(law, facts_of_answer(law, scenario, answer))
        told = facts_of_codes(law, codes, today=answer.on)
        assert try_answer(law, scenario, answer, told).mismatches == ()
    latest = max(scenario.answer, key=lambda one: one.on)
    facts = granted_facts(facts_of_answer(law, scenario, latest), granted_in(scenario, latest))
    decision = decide(law, facts)
    page = _ask(anyone, codes_of_facts(law, facts))
    shown = explain(law, decision, "sv")
    assert VERDICT.findall(page) == [shown.code]
    assert f"<span>{shown.verdict}</span>" in page
    for provision in shown.provisions:
        assert provision in page
    held = HELD.search(re.sub(r"</?a[^>]*>", "", page))
    for rule in decision.fired:
        assert held is not None
        assert f", {rule.id})" in held[1]
    for name in latest.not_fired:
        assert held is None or f", {name})" not in held[1]


def test_asks_only_who_and_to_whom_at_first(anyone: FlaskClient) -> None:
    page = _see(anyone, "/fraga")
    names = re.findall(r'name="([\w-]+)"', page.split("<main")[1])
    assert names == ["from", "to", "on", "leap"]


def test_then_asks_what_the_holder_can_hold(anyone: FlaskClient) -> None:
    page = _see(anyone, "/fraga?from=SCHOOL_M&to=SOC")
    assert 'value="K2"' in page
    assert 'value="K11"' not in page


def test_asks_what_a_rule_still_turns_on_and_nothing_else(anyone: FlaskClient) -> None:
    page = _see(anyone, TO_POLICE)
    assert 'name="committed_crime"' in page
    assert 'name="said-risk_of_crime"' in page
    assert 'name="said-child_fares_badly"' not in page  # a duty towards others than the police
    assert 'name="pregnant"' not in page


def test_one_press_says_no_to_what_is_mostly_not_so(anyone: FlaskClient) -> None:
    page = unescape(_see(anyone, "/fraga?from=SCHOOL_M_EH&to=SOC&category=K3&age=14"))
    (there,) = re.findall(r'href="([^"]+)"[^>]*>Nej på alla de frågorna', page)
    listed = page.split("Är svaret nej på alla?")[1].split("</ul>")[0]
    assert "Ingår uppgiften i en förundersökning" in listed
    told = dict(parse_qsl(urlsplit(there).query))
    assert told["investigation"] == told["concern_report"] == told["protected"] == "no"
    assert "said-child_fares_badly" not in told, "what is assessed is never answered for anybody"
    answered = unescape(_see(anyone, there))
    assert "Nej på alla de frågorna" not in answered
    reason = answered.split("Uppgiften omfattas av sekretess enligt")[1].split("Om den kan")[0]
    assert reason.strip() == "OSL 23 kap. 2 § första stycket."


def test_what_nobody_has_answered_is_said_to_be_able_to_make_it_secret(anyone: FlaskClient) -> None:
    page = unescape(_see(anyone, "/fraga?from=SCHOOL_M_EH&to=SOC&category=K3&age=14"))
    plain = " ".join(page.replace("\xa0", " ").split())
    sure = "Uppgiften omfattas av sekretess enligt OSL 23 kap. 2 § första stycket och kan också"
    assert f"{sure} omfattas av sekretess enligt OSL 18 kap. 1 §" in plain
    told = plain.split("Sekretess som gäller hos er")[1].split("</ul>")[0]
    assert "Kan gälla, för allt är inte besvarat: Uppgiften ingår i en förundersökning" in told
    assert "inte besvarat: Elevhälsans" not in told


def test_what_must_not_be_so_is_never_told_as_not_both(anyone: FlaskClient) -> None:
    page = unescape(_see(anyone, "/fraga?from=SCHOOL_M_EH&to=SOC&category=K3&age=14"))
    plain = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "om det inte är så att" in plain
    for clause in re.findall(
        r"om det inte är så att (.*?)(?: och om |, om | Generalklausulen)", plain
    ):
        assert " och att " not in clause


def test_a_provision_that_the_reason_names_is_not_listed_again(anyone: FlaskClient) -> None:
    page = unescape(_see(anyone, TO_POLICE))
    card = page.split('class="verdict"')[1].split("<details")[0].split("Kan lämnas ut</p>")[0]
    assert card.replace("\xa0", " ").count("OSL 26 kap. 1 §") == 1


def test_asks_about_the_crime_once_there_is_one(anyone: FlaskClient) -> None:
    assert 'name="crime"' not in _see(anyone, f"{TO_POLICE}&committed_crime=no")
    assert 'name="crime"' in _see(anyone, f"{TO_POLICE}&committed_crime=yes")


@pytest.mark.parametrize("free", ["textarea", 'type="text" inputmode="text"', 'type="search"'])
def test_has_no_field_for_free_text(anyone: FlaskClient, free: str) -> None:
    assert free not in _see(anyone, TO_POLICE)


def test_what_is_not_a_code_never_comes_back(anyone: FlaskClient) -> None:
    answer = anyone.get(f"{TO_POLICE}&name=Elliot+Exempelsson&initiative=")
    assert answer.status_code == 303
    assert answer.headers["Location"] == TO_POLICE


def test_a_field_given_twice_counts_once(anyone: FlaskClient) -> None:
    answer = anyone.get(f"{TO_POLICE}&age=17")
    assert answer.status_code == 303
    assert answer.headers["Location"] == TO_POLICE


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("age=sexton", "Skriv åldern i hela år"),
        ("on=i+dag", "Skriv datumet som ÅÅÅÅ-MM-DD"),
        ("category=K3", "har inte sådana uppgifter"),
        ("purpose=nyfiken", "Välj ett av alternativen"),
    ],
)
def test_a_wrong_code_is_told_beside_its_field_and_answers_nothing(
    anyone: FlaskClient, wrong: str, sentence: str
) -> None:
    name = wrong.partition("=")[0]
    codes = {n: c for n, c in parse_qsl(urlsplit(TO_POLICE).query) if n != name}
    answer = anyone.get(f"/fraga?{urlencode(codes)}&{wrong}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{name}-wrong"' in page
    assert VERDICT.findall(page) == []


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ("from=&to=", "Välj vem som har uppgiften"),
        ("from=SOC&to=", "Välj vem som skulle få den"),
        ("from=SOC&to=POLICE&category=&purpose=&age=", "Välj vilket slags uppgift det är"),
    ],
)
def test_what_was_left_open_is_told_when_the_form_is_sent(
    anyone: FlaskClient, sent: str, sentence: str
) -> None:
    answer = anyone.get(f"/fraga?{sent}")
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_an_age_left_empty_is_told_and_the_answer_counts_with_it(anyone: FlaskClient) -> None:
    said = "Åldern är inte ifylld, så svaret räknar med att den inte är känd."
    empty = TO_POLICE.replace("age=16", "age=")
    page = anyone.get(empty, follow_redirects=True).get_data(as_text=True)
    assert said in page
    assert 'href="#age"' in page
    assert said not in _see(anyone, TO_POLICE)


def test_the_rules_of_another_day_answer_otherwise(anyone: FlaskClient) -> None:
    codes = {"from": "POLICE", "to": "SCHOOL_I", "category": "K17", "age": "16"}
    codes |= {"purpose": "prevent_crime", "investigation": "no", "committed_crime": "no"}
    before = _ask(anyone, {**codes, "on": "2026-12-31"})
    after = _ask(anyone, {**codes, "on": "2027-01-01"})
    assert "OSL 10 kap. 15 a §" not in before.split("Så här prövades")[0]
    assert "OSL 10 kap. 15 a §" in after.split("Så här prövades")[0]


def test_says_what_it_is_and_that_nothing_is_kept(anyone: FlaskClient) -> None:
    page = _see(anyone, TO_POLICE)
    assert "vägledning från regler, inget beslut" in page
    assert "sparas inte och ger ingen loggpost" in page
    assert "Det här ska antecknas" in page
    assert "Annat du kan göra" in page
    assert NOW.date().isoformat() in page


def test_a_duty_elsewhere_leads_to_its_own_question(anyone: FlaskClient) -> None:
    page = _see(anyone, "/fraga?from=SCHOOL_M&to=LEISURE&category=K2&age=16")
    there = re.findall(r'href="(/fraga\?[^"]+to=SOC[^"]*)"', page)
    answer = _see(anyone, there[0].replace("&amp;", "&"))
    assert "Anmälan om att ett barn kan fara illa" in answer


def test_the_language_can_be_changed_without_losing_the_question(anyone: FlaskClient) -> None:
    headers = {"Referer": f"http://localhost{TO_POLICE}"}
    answer = anyone.get("/sprak/en", headers=headers)
    assert answer.headers["Location"] == TO_POLICE
    anyone.delete_cookie("sluss-language")


def test_closed_to_strangers_unless_the_installation_says_otherwise(client: FlaskClient) -> None:
    answer = client.get("/fraga")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/logga-in"
    assert "/fraga" not in _see(client, "/logga-in")


def test_strangers_find_it_from_the_way_in_where_it_is_open(anyone: FlaskClient) -> None:
    assert 'href="/fraga"' in _see(anyone, "/logga-in")


def test_staff_begin_from_their_own_organisation(karin: FlaskClient) -> None:
    page = _see(karin, "/fraga")
    assert '<option value="SOC" selected>' in page
    assert 'href="/fraga" aria-current="page"' in page


def test_asking_writes_no_entry(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    sara = sign_in("sara")
    before = town.entries()
    assert "Vad lagen svarar" in sara.see(TO_POLICE)
    assert town.entries() == before


def test_the_disclosure_page_shows_the_same_answer(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    note = town.note(case)
    karin = sign_in("karin")
    police = town.organisations["polis"].id
    there = karin.see(f"/anteckningar/{note}/lamna-ut/{police}?purpose=prevent_crime")
    order = town.order(case, note, "polis")
    found = consider_disclosure(order.intent, town.actors["karin"], **town.hands)  # type: ignore[arg-type]
    (facts,) = found.answers[0].facts.values()  # type: ignore[union-attr]
    here = karin.see(f"/fraga?{urlencode(codes_of_facts(town.law, facts))}")
    for part in ("written", "instead", "tried"):
        assert _part(there, part) == _part(here, part) != ""
    assert VERDICT.findall(there) == VERDICT.findall(here)


def _part(page: str, part: str) -> str:
    """One part of the answer as both pages show it."""
    found = {
        "written": r"<summary>Det här ska antecknas.*?</details>",
        "instead": r'<section class="instead">.*?</section>',
        "tried": r"<summary>Så här prövades utlämnandet.*?</details>",
    }[part]
    match = re.search(found, page, re.S)
    # Whether there was a request is not known there yet, so a link may tell one code less.
    return re.sub(r'href="[^"]*"', "", match[0]) if match else ""
