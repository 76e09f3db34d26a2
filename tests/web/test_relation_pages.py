"""The page for jäv, and the warning before a note is opened in spite of it."""

from __future__ import annotations

import re

from tests.web.test_trail_pages import words
from tests.web.town import Town


def test_a_declared_relation_warns_and_the_same_form_opens_after_it(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    note = town.note(case, title="Hembesök", text="Bara i texten.")
    karin = sign_in("karin")
    declared = karin.post("/jav", bond="family", reference="SN 2026/0417")
    assert declared.status_code == 303
    assert "gäller" in words(karin.see("/jav"))
    town.later(seconds=1)
    warned = karin.post(f"/arenden/{case}/las", note=note).get_data(as_text=True)
    assert "Du har anmält jäv här" in warned
    assert "Bara i texten." not in warned
    assert f'name="note" value="{note}"' in warned
    opened = karin.post(f"/arenden/{case}/las", note=note, despite_relation="1")
    assert "Bara i texten." in opened.get_data(as_text=True)


def test_it_is_withdrawn_by_its_own_button(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    karin.post("/jav", bond="close", name="Vera Exempelsson")
    (own,) = re.findall(r'name="withdraw" value="([^"]+)"', karin.see("/jav"))
    assert sign_in("jonas").post("/jav", withdraw=own).status_code == 404
    assert karin.post("/jav", withdraw="x").status_code == 404
    assert karin.post("/jav", withdraw=own).status_code == 303
    assert "gäller inte längre" in words(karin.see("/jav"))


def test_what_is_wrong_is_told_and_what_was_typed_is_kept(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in("karin").post("/jav", bond="close", number="12", name="Vera Exempelsson")
    assert answer.status_code == 422
    assert "Vera Exempelsson" in answer.get_data(as_text=True)
