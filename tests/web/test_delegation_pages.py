"""The delegation order's page, and the list of decisions as page and table."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

from tests.web.town import Town


def text(answer) -> str:  # type: ignore[no-untyped-def]
    return unescape(answer.get_data(as_text=True))


def test_registered_by_the_administrator_and_confirmed_by_the_supervisor(
    town: Town, sign_in
) -> None:  # type: ignore[no-untyped-def]
    petra, chef = sign_in("petra"), sign_in("chef")
    answer = petra.post("/delegation", to="role:coordinator", delegated="disclose", item="4.7")
    assert answer.status_code == 303
    page = unescape(petra.see("/delegation"))
    assert "Punkt 4.7: samordnare" in page
    assert "Väntar på bekräftelse" in page
    assert "/bekrafta" not in page
    html = chef.see("/delegation")
    found = re.search(r'action="([^"]+/bekrafta)"', html)
    assert found
    path = found[1]
    answer = chef.post(path)
    assert answer.status_code == 303
    assert "Delegationen är bekräftad och gäller." in chef.see(answer.location)
    again = chef.post(path)
    assert again.status_code == 409
    assert "Inget har ändrats" in text(again)


def test_what_was_typed_stays_when_something_is_wrong(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in("petra").post(
        "/delegation", to="", delegated="disclose", item="punkt fyra :-)"
    )
    assert answer.status_code == 422
    assert "punkt fyra :-)" in text(answer)
    assert "Välj vem eller vilken roll som får besluta." in text(answer)


def test_what_ending_means_is_read_before_it_is_pressed(sign_in) -> None:  # type: ignore[no-untyped-def]
    page = unescape(sign_in("chef").see("/delegation"))
    before, pressed, _ = page.partition("Avsluta delegationen nu")
    fold = before.rpartition("<details")[2]
    assert pressed
    assert "<details open" not in before
    assert "Det går inte att ångra" in fold
    assert '/avsluta"' in fold


def test_case_workers_have_no_such_page(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    missing = karin.get("/finns-inte")
    for path in ("/delegation", "/delegation/beslut", "/delegation/beslut.csv"):
        assert karin.get(path).data == missing.data
    assert ">Delegation<" not in karin.see("/")


def test_the_list_is_a_page_and_a_table_without_formulas(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case(reference="SN 2026/0417")
    town.disclose(town.order(case, town.note(case), "polis"))
    chef = sign_in("chef")
    page = unescape(chef.see("/delegation/beslut"))
    for part in ("SN 2026/0417", "Lokalpolisområde Torsby", "OSL 10 kap. 18 a §", "Karin Holm"):
        assert part in page
    assert "Exempelsson" not in page
    answer = chef.get("/delegation/beslut.csv?since=2026-11-01&until=2026-11-30")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(rows) == 2
    assert rows[1][1] == "SN 2026/0417"
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row if cell)


def test_a_period_that_is_none_is_told(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    for query in ("since=i+går", "since=2026-12-01&until=2026-11-01", "until=9999-12-31"):
        assert chef.get(f"/delegation/beslut?{query}").status_code == 422
