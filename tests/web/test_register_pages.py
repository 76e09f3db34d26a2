"""The disclosure register and the record of processing, from the pages."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.web.town import Town


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


@pytest.fixture
def disclosed(town: Town) -> str:
    case = town.case()
    note = town.note(case, title="=HEMLIG", text="HEMLIG TEXT")
    town.disclose(town.order(case, note, "polis"))
    return case


def test_it_tells_what_was_disclosed_to_whom_and_on_which_ground(  # type: ignore[no-untyped-def]
    town: Town, disclosed: str, sign_in
) -> None:
    page = sign_in("chef").see("/utlamnanderegister")
    shown = words(page)
    for word in ("SN 2026/0417", "Lokalpolisområde Torsby", "10 kap. 18 a §", "Karin Holm"):
        assert word in shown
    for word in ("HEMLIG", "Elliot"):
        assert word not in page
    assert town.ops()[0] == "register.viewed"


def test_the_table_has_the_same_rows(town: Town, disclosed: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    got = sign_in("ombud").post("/utlamnanderegister/tabell", day_from="2026-11-01", day_until="")
    assert got.mimetype == "text/csv"
    assert "sluss-utlamnanden-2026-11-01-2026-11-23.csv" in got.headers["Content-Disposition"]
    [row] = csv.DictReader(io.StringIO(got.get_data().decode("utf-8-sig"), newline=""))
    assert (row["case"], row["recipient"]) == ("SN 2026/0417", "Lokalpolisområde Torsby")
    assert row["ground"] == "P-18a"


def test_other_days_have_other_rows(town: Town, disclosed: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    page = sign_in("chef").see("/utlamnanderegister?day_from=2026-01-01&day_until=2026-02-01")
    assert "Ingenting har lämnats ut de dagarna." in page


def test_a_day_that_is_none_is_told_and_kept(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in("chef").get("/utlamnanderegister?day_from=i+fjol")
    assert answer.status_code == 422
    assert 'value="i fjol"' in answer.get_data(as_text=True)


def test_another_organisations_disclosures_are_not_in_it(  # type: ignore[no-untyped-def]
    town: Town, disclosed: str, sign_in
) -> None:
    town.case("sara", reference="A 2026/1")
    assert "A 2026/1" not in sign_in("chef").see("/utlamnanderegister")


def test_the_record_of_processing_names_controller_recipients_and_kinds(  # type: ignore[no-untyped-def]
    town: Town, disclosed: str, sign_in
) -> None:
    shown = words(sign_in("ombud").see("/registerforteckning"))
    for word in ("socialnamnden", "Lokalpolisområde Torsby", "artikel 6.1 c och e"):
        assert word in shown


@pytest.mark.parametrize("path", ["/utlamnanderegister", "/registerforteckning"])
def test_those_without_the_task_find_nothing(town: Town, sign_in, path: str) -> None:  # type: ignore[no-untyped-def]
    assert sign_in("karin").get(path).status_code == 404
