"""*Nödöppning* as the one who opens meets it: what is offered can be done, and nothing else is."""

from __future__ import annotations

import re

import pytest

from tests.web.town import Town

REASON = "Pojken är försvunnen och hans mamma är på väg hit."
HREF = re.compile(r'<a [^>]*href="(/[^"#]*)"')
ACTION = re.compile(r'<form [^>]*action="(/[^"]*)"')


@pytest.fixture
def case(town: Town) -> str:
    """A case with a note that has arrived, one that is on its way, and a consent that stands."""
    case = town.case()
    note = town.note(case, title="Hembesök", text="Bara i texten.")
    town.consent(case, "polis")
    town.disclose(town.order(case, note, "polis"))
    town.later(minutes=10)
    town.disclose(town.order(case, town.note(case), "polis"))
    return case


def main_of(html: str) -> str:
    return html.split('<main id="innehall"')[1].split("</main>")[0]


def test_every_link_on_a_case_leads_its_team_somewhere(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    for place in HREF.findall(main_of(karin.see(f"/arenden/{case}"))):
        assert karin.get(place.replace("&amp;", "&")).status_code == 200, place


def test_one_who_reads_in_an_emergency_is_offered_reading_and_nothing_else(
    town: Town, case: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    jonas = sign_in("jonas")
    opened = jonas.post("/nodoppning", reference="SN 2026/0417", reason=REASON, understood="yes")
    assert opened.status_code == 303
    html = main_of(jonas.see(f"/arenden/{case}"))
    assert "Utlämnad till" in html
    assert "Återkalla samtycket" not in html
    assert ACTION.findall(html) == [f"/arenden/{case}/las"]
    for place in HREF.findall(html):
        assert jonas.get(place.replace("&amp;", "&")).status_code == 200, place
