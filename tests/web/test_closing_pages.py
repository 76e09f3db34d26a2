"""The page on which a case is closed, or opened again."""

from __future__ import annotations

from tests.web.town import Town


def test_a_closed_case_says_so_and_offers_no_new_note(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    assert "Avsluta ärendet" in karin.see(f"/arenden/{case}/avsluta")
    answer = karin.post(f"/arenden/{case}/avsluta", state="closed")
    assert answer.status_code == 303
    town.later(seconds=1)
    html = karin.see(answer.headers["Location"])
    assert "Ärendet avslutades" in html
    assert "Ny anteckning" not in html
    assert "Öppna ärendet igen" in html


def test_a_form_that_does_not_say_which_changes_nothing(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    for wrong in ("", "shut", "\x00"):
        assert "Avsluta ärendet" in karin.post(f"/arenden/{case}/avsluta", state=wrong).get_data(
            as_text=True
        )
    assert "Ny anteckning" in karin.see(f"/arenden/{case}")


def test_closed_cases_are_folded_under_the_open_ones(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    closed, karin = town.case(reference="SN 2026/0071"), sign_in("karin")
    karin.post(f"/arenden/{closed}/avsluta", state="closed")
    assert "Inget av dem är öppet" in karin.see("/")
    town.case(reference="SN 2026/0072")
    shown, _, folded = karin.see("/").partition("Avslutade ärenden (1)")
    assert "SN 2026/0072" in shown
    assert "SN 2026/0071" not in shown
    assert "SN 2026/0071" in folded
