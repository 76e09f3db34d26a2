"""The pages of loggkontroll in rounds: from the draw to the report to the board."""

from __future__ import annotations

import re

import pytest

from tests.web.test_trail_pages import words
from tests.web.town import Town

REMARK = "Det hör till uppgiften i ärendet."


@pytest.fixture
def drawn(town: Town, sign_in):  # type: ignore[no-untyped-def]
    """The address of a round with one item, of Karin's work."""
    town.case()
    town.later(minutes=1)
    chef = sign_in("chef")
    assert "Dra månadens runda" in chef.see("/loggkontroll/rundor")
    assert chef.post("/loggkontroll/rundor").status_code == 303
    html = chef.see("/loggkontroll/rundor")
    assert "Dra månadens runda" not in html
    (path,) = set(re.findall(r'href="(/loggkontroll/rundor/[0-9a-f-]{36})"', html))
    return path


def _item(html: str) -> str:
    (found,) = re.findall(r'name="item" value="([^"]+)"', html)
    return found


def test_the_item_tells_who_what_when_and_where_and_no_names_of_the_young(
    town: Town, drawn: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("chef").see(drawn)
    assert "Karin Holm, socialsekreterare" in html
    assert "med i ärendegruppen då" in html
    assert "Elliot" not in html


def test_a_round_from_the_draw_to_the_board(town: Town, drawn: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef, karin = sign_in("chef"), sign_in("karin")
    item = _item(chef.see(drawn))
    question = "Varför öppnade du ärendet den dagen?"
    assert chef.post(drawn, item=item, ask="1", question=question).status_code == 303
    assert "Den som gör loggkontroll har en fråga till dig." in karin.see("/")
    assert question in karin.see("/fragor")
    reply = "Jag tog emot en orosanmälan."
    assert karin.post("/fragor", item=item, reply=reply).status_code == 303
    assert "har en fråga till dig" not in karin.see("/")
    assert reply in chef.see(drawn)
    assert "återstår innan du kan skriva under" in chef.see(drawn)
    assert chef.post(drawn, item=item, verdict="remark", remark=REMARK).status_code == 303
    signed = chef.post(f"{drawn}/skriv-under")
    assert signed.headers["Location"] == f"{drawn}/rapport"
    report = words(chef.see(f"{drawn}/rapport"))
    assert "Rundan är inte underskriven" not in report
    assert REMARK in report
    assert "fick samma urval" in report
    assert "Loggen hade ingen kontrollpunkt än." in report
    assert "Karin" not in report
    assert reply not in report


def test_what_is_missing_is_told_and_what_was_typed_is_kept(
    town: Town, drawn: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    item = _item(chef.see(drawn))
    answer = chef.post(drawn, item=item, remark="Kort")
    assert answer.status_code == 422
    assert "Kort" in answer.get_data(as_text=True)
    assert chef.post(drawn, item=item, ask="1", question="").status_code == 422
    assert chef.post(drawn, item="x", verdict="remark", remark=REMARK).status_code == 422


def test_a_round_that_is_not_answered_is_not_signed(town: Town, drawn: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    answer = chef.post(f"{drawn}/skriv-under")
    assert answer.headers["Location"] == drawn
    assert "Det här är ett utkast" in chef.see(f"{drawn}/rapport")


def test_the_whole_log_asks_why_first(town: Town, drawn: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    path = f"/loggkontroll/rundor/post/{_item(chef.see(drawn))}/hela-loggen"
    assert "öppnade ärendet" not in words(chef.see(path))
    assert chef.post(path, reason="Kort").status_code == 422


@pytest.mark.parametrize("day", [7, 8])
def test_every_page_of_a_reviewer_tells_of_a_round_that_waits(
    town: Town, sign_in, day: int
) -> None:  # type: ignore[no-untyped-def]
    town.at = town.at.replace(day=day)
    told = "Månadens loggkontroll är försenad." if day > 7 else "Månadens loggkontroll ska göras."
    assert told in sign_in("chef").see("/")
    assert told not in sign_in("karin").see("/")


def test_staff_are_told_in_advance(town: Town, sign_in, client) -> None:  # type: ignore[no-untyped-def]
    assert "Loggkontroll görs varje månad" in sign_in("karin").see("/")
    assert "kontrolleras ett urval av loggen" in client.get("/logga-in").get_data(as_text=True)


@pytest.mark.parametrize(
    ("who", "groups"), [("chef", ["Arbete", "Kontroll", "Lagen"]), ("karin", [])]
)
def test_a_long_menu_stands_in_groups_and_a_short_one_does_not(
    town: Town, sign_in, who: str, groups: list[str]
) -> None:  # type: ignore[no-untyped-def]
    html = sign_in(who).see("/")
    assert re.findall(r'<p class="group" id="meny-\d">(.*?)</p>', html) == groups
    assert html.count('aria-labelledby="meny-') == len(groups)
