"""What grows with the years is shown fifty at a time, and none of it is out of reach."""

from __future__ import annotations

import re

import pytest

from app.domain.page_block import PAGE, block_with
from app.flows.draw_round import draw_round
from app.flows.open_in_emergency import open_in_emergency
from app.records.counted_statements import counted_statements
from tests.web.town import Town

WHY = "Pojken är försvunnen och hans mamma är på väg hit."
REMARK = "Det hör till uppgiften i ärendet."
NEXT = {
    "/loggkontroll": "Visa äldre ärenden",
    "/loggkontroll/nodoppningar": "Visa fler nödöppningar",
    "/loggkontroll/signaler": "Visa fler signaler",
}


@pytest.fixture
def many(town: Town) -> Town:
    """One more case than a page has, each of them opened in an emergency."""
    for number in range(PAGE + 1):
        reference = f"SN 2026/{number:04}"
        town.case(reference=reference)
        open_in_emergency(reference, WHY, town.actors["jonas"], token="", **town.hands)
        town.later(minutes=1)
    return town


def _numbers(html: str) -> list[str]:
    return re.findall(r"SN 2026/\d{4}", html)


def _link(html: str, text: str) -> str:
    (found,) = re.findall(rf'<a href="([^"]+)">{text}</a>', html)
    return found.replace("&amp;", "&")


def test_the_fifty_are_those_among_which_the_one_asked_for_is() -> None:
    keys = [str(number) for number in range(101)]
    assert block_with("", keys) == (slice(0, 50), "50")
    assert block_with("49", keys) == (slice(0, 50), "50")
    assert block_with("50", keys) == (slice(50, 100), "100")
    assert block_with("100", keys) == (slice(100, 150), None)
    assert block_with("gone", keys[:50]) == (slice(0, 50), None)


def test_cases_openings_signals_and_items_come_fifty_at_a_time(many: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    draw_round(many.actors["chef"], seed=bytes(32), **many.hands)
    (round_,) = set(
        re.findall(r'href="(/loggkontroll/rundor/[0-9a-f-]{36})"', chef.see("/loggkontroll/rundor"))
    )
    for path, text in (NEXT | {round_: "Visa fler poster"}).items():
        first = chef.see(path)
        assert first.count('class="card"') == PAGE, path
        second = chef.see(_link(first, text))
        assert set(_numbers(second)) - set(_numbers(first)), path
        assert text not in second
        assert "Till de " in second


def test_a_case_of_the_second_fifty_is_found_by_a_part_of_its_number(many: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    oldest = "SN 2026/0000"
    assert oldest not in chef.see("/loggkontroll")
    page = chef.post("/loggkontroll", reference="sn  2026/0000").get_data(as_text=True)
    assert re.findall(r"SN 2026/\d{4}(?=</a>)", page) == [oldest]
    assert many.ops()[0] == "trail.listed"
    page = chef.post("/loggkontroll", reference="2026").get_data(as_text=True)
    assert "Fler än 50 ärenden passar in." in page
    assert "Visa äldre ärenden" not in page
    page = chef.post("/loggkontroll", reference="%").get_data(as_text=True)
    assert "Inget ärende hos er har det i numret." in page


def test_one_of_the_second_fifty_is_answered_where_it_stands(many: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    second = chef.see(_link(chef.see("/loggkontroll/nodoppningar"), "Visa fler nödöppningar"))
    (opening,) = re.findall(r'name="opening" value="([^"]+)"', second)
    wrong = chef.post("/loggkontroll/nodoppningar", opening=opening, verdict="remark", remark="x")
    assert wrong.status_code == 422
    assert f'name="opening" value="{opening}"' in wrong.get_data(as_text=True)
    right = chef.post(
        "/loggkontroll/nodoppningar", opening=opening, verdict="remark", remark=REMARK
    )
    assert right.status_code == 303


def test_rounds_of_many_years_come_fifty_at_a_time(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    for _ in range(PAGE + 1):
        draw_round(town.actors["chef"], seed=bytes(32), **town.hands)
        town.later(days=31)
    chef = sign_in("chef")
    first = chef.see("/loggkontroll/rundor")
    months = r"<a href=\"/loggkontroll/rundor/[0-9a-f-]{36}\">(\d{4}-\d{2})</a>"
    assert len(re.findall(months, first)) == PAGE
    second = chef.see(_link(first, "Visa äldre rundor"))
    assert re.findall(months, second) == ["2026-11"]
    assert "Dra månadens runda" in second


def test_a_page_costs_the_same_when_there_are_many(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")

    def asked(path: str) -> int:
        chef.see(path)
        with counted_statements(town.store) as page:
            chef.see(path)
        return len(page.queries)

    town.case()
    open_in_emergency("SN 2026/0417", WHY, town.actors["jonas"], token="", **town.hands)
    few = {path: asked(path) for path in NEXT}
    for number in range(5):
        town.case(reference=f"SN 2026/{number:04}")
        open_in_emergency(f"SN 2026/{number:04}", WHY, town.actors["jonas"], token="", **town.hands)
    assert {path: asked(path) for path in NEXT} == few
