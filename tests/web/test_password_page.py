"""Changing one's own password, as the page does it."""

from __future__ import annotations

from tests.web.stand_in import PASSWORD


def test_a_changed_password_goes_on_in_this_browser(karin, send) -> None:  # type: ignore[no-untyped-def]
    before = karin.get_cookie("sluss-session").value
    new = "sju gamla båtar vid kajen"
    answer = send("/losenord", old_password=PASSWORD, new_password=new, repeated_password=new)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert karin.get_cookie("sluss-session").value != before
    assert "Byt lösenord" in karin.get("/losenord").get_data(as_text=True)


def test_nothing_that_was_typed_comes_back(karin, send) -> None:  # type: ignore[no-untyped-def]
    answer = send(
        "/losenord", old_password="fel", new_password="HEMLIGT ETT", repeated_password="HEMLIGT"
    )
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Det nuvarande lösenordet stämmer inte." in html
    assert "HEMLIGT" not in html
    assert 'value="fel"' not in html


def test_after_a_time_out_no_password_is_carried_along(karin, send) -> None:  # type: ignore[no-untyped-def]
    karin.delete_cookie("sluss-session")
    answer = karin.post(
        "/losenord", data={"old_password": "HEMLIGT", "new_password": "HEMLIGT", "csrf_token": "x"}
    )
    assert "HEMLIGT" not in answer.get_data(as_text=True)
