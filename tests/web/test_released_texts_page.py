"""The page on which the case team gives a person the text of the notes about them."""

from __future__ import annotations

from tests.web.town import Town


def test_the_chosen_text_is_shown_once_without_who_wrote_it(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    note = town.note(case, title="Hembesök", text="Bara i texten.")
    karin, path = sign_in("karin"), f"/arenden/{case}/text-till-utdrag"
    html = karin.see(path)
    assert "Hembesök" in html
    assert "Bara i texten." not in html
    assert karin.post(path, note=note).status_code == 422
    assert karin.post(path, identified="yes").status_code == 422
    paper = karin.post(path, note=note, identified="yes").get_data(as_text=True)
    main = paper.split("<main")[1]
    assert "Bara i texten." in main
    assert "Karin Holm" not in main
    assert path in karin.see(f"/arenden/{case}")
