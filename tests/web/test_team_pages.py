"""The page on which a colleague is let into a case, or taken out."""

from __future__ import annotations

import re

from tests.web.town import Town


def _place(case: str) -> str:
    return f"/arenden/{case}/arendegrupp"


def test_a_colleague_chosen_in_the_list_finds_the_case_among_theirs(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    karin, jonas = sign_in("karin"), sign_in("jonas")
    assert case not in jonas.see("/")
    (found,) = re.findall(r'<option value="([^"]+)"[^>]*>Jonas', karin.see(_place(case)))
    answer = karin.post(_place(case), colleague=found)
    assert answer.status_code == 303
    assert "Kollegan arbetar nu i ärendet" in karin.see(answer.headers["Location"])
    town.later(seconds=1)
    assert case in jonas.see("/")


def test_who_takes_themselves_out_is_led_away_from_the_case(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    karin = sign_in("karin")
    karin.post(_place(case), colleague=town.actors["jonas"].staff_id)
    town.later(seconds=1)
    answer = karin.post(_place(case), take_out=town.actors["karin"].staff_id)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert karin.get(f"/arenden/{case}").status_code == 404


def test_the_last_one_is_told_to_find_somebody_first(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    answer = sign_in("karin").post(_place(case), take_out=town.actors["karin"].staff_id)
    assert answer.status_code == 422
    assert "Lägg först till den som ska ta över." in answer.get_data(as_text=True)


def test_nobody_chosen_is_told_beside_the_field(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    for wrong in ("", "jonas", "\x00"):
        answer = sign_in("karin").post(_place(case), colleague=wrong)
        assert answer.status_code == 422
        assert "Välj en kollega i listan." in answer.get_data(as_text=True)


def test_a_supervisor_reaches_it_from_the_log(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    html = sign_in("chef").see(_place(case))
    assert "Du är inte med i ärendegruppen." in html
    assert "Elliot" not in html
