"""*Reglerna*: what is in force on a day, whole, with what it rests on and what proves it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from policies import Law, decide, explain
from policies.rule_words import source_word
from policies.scenarios import (
    facts_of_answer,
    granted_facts,
    granted_in,
    packaged_cases,
    packaged_scenarios,
)
from policies.selectors import written_out
from tests.web.conftest import TEMPLATES
from tests.web.stand_in import NOW, a_site, an_app

DAYS = [date(2025, 3, 31), NOW.date(), date(2027, 1, 1)]


@pytest.fixture(scope="module")
def anyone() -> FlaskClient:
    site, _, _ = a_site()
    site = replace(site, settings=replace(site.settings, open_question=True))
    return an_app(site, TEMPLATES).test_client()


def _see(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("on", DAYS, ids=str)
@pytest.mark.parametrize("kind", ["SOC", "SCHOOL_I", "POLICE", "LEISURE"])
def test_shows_the_rules_in_force_for_the_sender_and_no_others(
    anyone: FlaskClient, law: Law, kind: str, on: date
) -> None:
    page = _see(anyone, f"/regler?from={kind}&on={on}")
    for rule in law.rules.values():
        shown = f'<article class="card rule" id="{rule.id}">' in page
        assert shown is (rule in law.in_force(on) and kind in law.kinds_in(rule.from_)), rule.id


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_rule_has_a_page_with_all_it_rests_on(law: Law, language: str) -> None:
    site, _, _ = a_site()
    site = replace(site, settings=replace(site.settings, open_question=True))
    client = an_app(site, TEMPLATES).test_client()
    client.set_cookie("sluss-language", language)
    for rule in law.rules.values():
        page = _see(client, f"/regler/regel/{rule.id}")
        first = page.split("</article>")[0]
        assert rule.valid_from.isoformat() in first
        for cite in rule.cite:
            assert f'<span lang="sv">{written_out(cite)}' in first
        plain = unescape(first.replace('<span lang="sv">', "").replace("</span>", ""))
        for name in (*rule.all, *rule.none, *rule.unless):
            assert law.text(name, language) in plain  # type: ignore[arg-type]
        for caution in rule.cautions:
            assert f"({caution})" in plain


def test_every_case_has_a_page_with_its_story_and_answers(anyone: FlaskClient) -> None:
    for scenario in packaged_scenarios():
        page = _see(anyone, f"/regler/fall/{scenario.id}")
        assert scenario.question_sv in unescape(page)
        for answer in scenario.answer:
            assert answer.on.isoformat() in page
        published = [one for one in scenario.answer if one.outcome_class]
        assert page.count("Källans svar") == len(published)


def test_a_border_case_says_what_it_is_and_what_each_question_changes(
    anyone: FlaskClient, law: Law
) -> None:
    assert 'href="/regler/fall/G-P-18a"' in _see(anyone, "/regler/regel/P-18a")
    page = unescape(_see(anyone, "/regler/fall/G-P-18a"))
    assert "Gränsfall: först allt som regeln kräver" in page
    assert "Källans svar" not in page
    assert "Ska gälla: P-18a" in page
    assert page.count("utan publicerat svar") == 1
    assert "Ska inte gälla: P-18a" in page
    assert re.search(r"Personens ålder\s+21 år", page)
    (whole,) = (one for one in packaged_cases().borders if one.id == "G-P-18a")
    for answer in whole.answer:
        facts = facts_of_answer(law, whole, answer)
        facts = granted_facts(facts, granted_in(whole, answer))
        assert explain(law, decide(law, facts), "sv").verdict in page


def test_a_question_of_a_case_with_facts_of_its_own_is_asked_with_them(
    anyone: FlaskClient,
) -> None:
    """D07 asks of three pairs of organisations, and each leads to its own."""
    page = unescape(_see(anyone, "/regler/fall/D07"))
    pairs = re.findall(r'href="/fraga\?from=(\w+)&to=(\w+)', page)
    assert set(pairs) == {("SOC", "SCHOOL_M"), ("POLICE", "SOC"), ("SOC", "POLICE")}


def test_a_rule_leads_to_the_cases_that_prove_it_and_they_to_the_question(
    anyone: FlaskClient,
) -> None:
    assert 'href="/regler/fall/S08"' in _see(anyone, "/regler/regel/P-18a")
    case = _see(anyone, "/regler/fall/S08")
    assert 'href="/regler/regel/P-18a"' in case
    assert 'href="/fraga?from=SOC&amp;to=POLICE' in case


def test_an_answer_leads_to_its_rules(anyone: FlaskClient) -> None:
    page = _see(anyone, "/fraga?from=SOC&to=POLICE&category=K11&purpose=prevent_crime&age=16")
    assert 'href="/regler/regel/P-18a"' in page


def test_says_that_no_lawyer_has_approved_and_how_far_each_act_was_read(
    anyone: FlaskClient, law: Law
) -> None:
    assert "inte godkända av någon jurist" in _see(anyone, "/regler")
    page = _see(anyone, "/regler/kallor")
    for source in law.sources.values():
        assert source_word(source.read_to, "sv") in page
        assert source_word(source.reviewed_by, "sv") in page


@pytest.mark.parametrize(
    ("language", "said", "not_said"),
    [
        ("sv", ("inte läst", "ännu inte granskad av någon jurist"), ("not yet reviewed",)),
        ("en", ("not read", "read at the beginning of 2026"), ("inte läst", "i början av")),
    ],
)
def test_how_far_an_act_is_read_is_said_in_the_readers_language(
    language: str, said: tuple[str, ...], not_said: tuple[str, ...]
) -> None:
    site, _, _ = a_site()
    site = replace(site, settings=replace(site.settings, open_question=True))
    client = an_app(site, TEMPLATES).test_client()
    client.set_cookie("sluss-language", language)
    page = unescape(_see(client, "/regler/kallor"))
    assert [one for one in said if one not in page] == []
    assert [one for one in not_said if one in page] == []


def test_every_day_on_which_a_rule_or_its_provision_changes_can_be_chosen(
    anyone: FlaskClient, law: Law
) -> None:
    page = _see(anyone, "/regler")
    days = {date.fromisoformat(day) for day in re.findall(r'href="/regler\?on=([\d-]+)"', page)}
    dated = (*law.rules.values(), *law.secrecy)
    wanted = {one.valid_from for one in dated}
    wanted |= {one.valid_to + timedelta(days=1) for one in dated if one.valid_to}
    wanted |= {c.amended_from for one in dated for c in one.cite if c.amended_from}
    assert date(2028, 7, 1) in wanted
    assert {day for day in wanted if day >= date(2009, 6, 30)} - days == set()
    for day in days:
        assert anyone.get(f"/regler?from=SCHOOL_M&on={day}").status_code == 200


@pytest.mark.parametrize("on", ["2009-06-29", "2101-01-01"])
def test_a_day_that_the_rules_do_not_reach_is_told_as_such(anyone: FlaskClient, on: str) -> None:
    answer = anyone.get(f"/regler?on={on}")
    assert answer.status_code == 422
    assert "från och med 2009-06-30" in answer.get_data(as_text=True)
    assert f'value="{on}"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/regler/regel/P-99", "/regler/fall/S99"])
def test_what_is_not_there_is_a_missing_page(anyone: FlaskClient, path: str) -> None:
    assert anyone.get(path).status_code == 404


@pytest.mark.parametrize(
    ("query", "field"), [("on=igår", "on"), ("from=KYRKAN", "from"), ("on=1999-01-01", "on")]
)
def test_a_wrong_choice_is_told_beside_its_field(
    anyone: FlaskClient, query: str, field: str
) -> None:
    answer = anyone.get(f"/regler?{query}")
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/regler", "/regler/regel/P-18a", "/regler/kallor"])
def test_closed_to_strangers_unless_the_installation_says_otherwise(
    client: FlaskClient, path: str
) -> None:
    assert client.get(path).headers["Location"] == "/logga-in"
