"""Who may tell whom what: every cell says what the law says, and leads there."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from app.web.matrix import TYPICAL
from policies import Law, decide, explain
from policies.coded import facts_of_codes
from tests.web.conftest import TEMPLATES
from tests.web.stand_in import NOW, a_site, an_app

CELL = re.compile(r'data-verdict="(\w+)"><a href="([^"]+)">')


@pytest.fixture(scope="module")
def anyone() -> FlaskClient:
    site, _, _ = a_site()
    site = replace(site, settings=replace(site.settings, open_question=True))
    return an_app(site, TEMPLATES).test_client()


def _cells(client: FlaskClient, path: str) -> dict[tuple[str, str, str], tuple[str, str]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    found = {}
    for code, href in CELL.findall(answer.get_data(as_text=True)):
        asked = dict(parse_qsl(urlsplit(unescape(href)).query))
        found[asked["from"], asked["category"], asked["to"]] = (code, unescape(href))
    return found


def test_every_cell_says_what_the_law_answers(anyone: FlaskClient, law: Law) -> None:
    cells = _cells(anyone, "/regler/matris")
    assert len(cells) == len(TYPICAL) ** 2
    for code, href in cells.values():
        asked = dict(parse_qsl(urlsplit(href).query))
        facts = facts_of_codes(law, asked, today=NOW.date())
        assert explain(law, decide(law, facts), "sv").code == code


def test_a_cell_leads_to_its_answer_and_its_rules(anyone: FlaskClient) -> None:
    code, href = _cells(anyone, "/regler/matris")["SOC", "K11", "POLICE"]
    page = anyone.get(href).get_data(as_text=True)
    assert f'data-verdict="{code}"' in page
    assert 'href="/regler/regel/P-18a"' in page


def test_tells_apart_what_an_assessment_would_rest_on(anyone: FlaskClient) -> None:
    page = anyone.get("/regler/matris").get_data(as_text=True)
    words = {}
    for cell in re.findall(r"<td.*?</td>", page, re.S):
        asked = dict(parse_qsl(urlsplit(unescape(CELL.findall(cell)[0][1])).query))
        words[asked["from"], asked["to"]] = cell
    assert "bedömning" in words["SOC", "POLICE"]  # OSL 10 kap. 18 a §
    assert "skyldighet om" in words["SCHOOL_M", "SOC"]  # SoL 19 kap. 1 §
    assert "skadeprövning" in words["SOC", "SCHOOL_M"]  # OSL 26 kap. 1 § alone
    assert "samtycke" in words["REGION", "LEISURE"]  # no harm test opens 25 kap. 1 § there


def test_one_sender_shows_all_it_holds(anyone: FlaskClient) -> None:
    cells = _cells(anyone, "/regler/matris?from=SOC")
    assert {sender for sender, _, _ in cells} == {"SOC"}
    assert {"K11", "K12", "K13", "K27"} <= {category for _, category, _ in cells}


def test_one_category_shows_all_who_hold_it(anyone: FlaskClient) -> None:
    cells = _cells(anyone, "/regler/matris?category=K11")
    assert {sender for sender, _, _ in cells} == {"SOC", "SOCFIELD"}


@pytest.mark.parametrize(
    ("query", "code"), [("on=2026-12-31", "none"), ("on=2027-01-01", "needs_assessment")]
)
def test_the_day_decides_what_an_independent_school_may_be_told(
    anyone: FlaskClient, query: str, code: str
) -> None:
    before = _cells(anyone, "/regler/matris?purpose=prevent_crime&on=2026-12-31")
    after = _cells(anyone, f"/regler/matris?purpose=prevent_crime&{query}")
    there = ("POLICE", "K17", "SCHOOL_I")
    ways = anyone.get(after[there][1]).get_data(as_text=True).split("Så här prövades")[0]
    assert ("OSL 10 kap. 15 a §" in ways) is (code == "needs_assessment")
    assert there in before


def test_eighteen_changes_what_the_school_must_tell(anyone: FlaskClient) -> None:
    def to_social(age: int) -> str:
        path = f"/regler/matris?age={age}&purpose=protect_child&from=SCHOOL_M"
        href = _cells(anyone, path)["SCHOOL_M", "K2", "SOC"][1]
        return anyone.get(href).get_data(as_text=True).split("Så här prövades")[0]

    assert "Anmälan om att ett barn kan fara illa" in to_social(17)
    assert "Anmälan om att ett barn kan fara illa" not in to_social(18)


@pytest.mark.parametrize("query", ["age=12a", "purpose=nyfiken", "on=igår", "from=SOC&category=K3"])
def test_a_wrong_choice_is_told_and_draws_nothing(anyone: FlaskClient, query: str) -> None:
    answer = anyone.get(f"/regler/matris?{query}")
    assert answer.status_code == 422
    assert CELL.findall(answer.get_data(as_text=True)) == []
