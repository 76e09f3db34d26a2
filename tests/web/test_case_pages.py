"""Cases and the persons in them, from the pages."""

from __future__ import annotations

import re
from datetime import date

import pytest
from werkzeug.test import TestResponse

from app.domain.ids import new_id
from app.flows.receive_delivery import register_delivery
from app.flows.stop_delivery import stop_delivery
from app.records.disclosure import disclosures_of_case
from tests.web.town import START, Town

NUMBER = "20100504-2385"
"""Invented, with a serial that is never given out and a check digit that holds."""

NEW_CASE = {
    "reference": "SN 2026/0500",
    "name": "Vera Exempelsson",
    "number": NUMBER,
    "born": "",
    "protected": "no",
}


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def test_a_case_started_is_in_the_list_of_the_one_who_did(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin, jonas = sign_in("karin"), sign_in("jonas")
    answer = karin.post("/arenden/nytt", **NEW_CASE)
    assert answer.status_code == 303
    assert "Ärendet är öppnat." in karin.see(answer.location)
    assert "SN 2026/0500" in karin.see("/")
    assert "SN 2026/0500" not in jonas.see("/")


def test_a_form_gone_back_to_and_changed_is_another_form(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin, once = sign_in("karin"), "01a207a2-3280-7857-b26f-3f1915f85abb"
    first = karin.post("/arenden/nytt", **NEW_CASE, once=once)
    changed = NEW_CASE | {"reference": "SN 2026/0501", "another": "1"}
    second = karin.post("/arenden/nytt", **changed, once=once)
    assert first.location != second.location
    assert "SN 2026/0501" in karin.see("/")


def _six_cases(karin) -> None:  # type: ignore[no-untyped-def]
    karin.post("/arenden/nytt", **NEW_CASE)
    for count in range(5):
        other = {"reference": f"SN 2026/060{count}", "name": f"Bo Övningsson {count}"}
        karin.post("/arenden/nytt", **NEW_CASE | other | {"number": "", "born": "2011-01-02"})


def test_a_search_among_ones_own_cases_is_offered_where_they_are_many(  # type: ignore[no-untyped-def]
    town: Town, sign_in
) -> None:
    karin = sign_in("karin")
    karin.post("/arenden/nytt", **NEW_CASE)
    assert "Sök bland dina ärenden" not in karin.see("/")
    _six_cases(karin)
    assert "Sök bland dina ärenden" in karin.see("/")


@pytest.mark.parametrize(
    "sought", ["2026/0500", " vera ", "exempelsson VERA", NUMBER, NUMBER.replace("-", "")[2:]]
)
def test_a_case_is_found_by_number_name_or_identity_number(  # type: ignore[no-untyped-def]
    town: Town, sign_in, sought: str
) -> None:
    karin = sign_in("karin")
    _six_cases(karin)
    found = text(karin.post("/", sought=sought))
    assert "SN 2026/0500" in found
    assert "SN 2026/060" not in found
    assert "Ett ärende passar in" in found
    assert town.ops().count("case.searched") == 1


def test_nothing_of_colleagues_is_found_and_what_was_typed_stands_there(  # type: ignore[no-untyped-def]
    town: Town, sign_in
) -> None:
    _six_cases(sign_in("karin"))
    found = text(sign_in("jonas").post("/", sought="Övningsson"))
    assert "Inget av dina ärenden passar in" in found
    assert 'value="Övningsson"' in found
    assert "SN 2026" not in found


def test_a_form_sent_twice_starts_one_case(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin, once = sign_in("karin"), "01a207a2-3280-7857-b26f-3f1915f85abb"
    first = karin.post("/arenden/nytt", **NEW_CASE, once=once)
    second = karin.post("/arenden/nytt", **NEW_CASE, once=once)
    assert first.location == second.location
    assert town.ops().count("case.started") == 1


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("reference", "", "Skriv ärendets nummer i er diarieföring."),
        ("reference", "Vera Exempelsson", "Inga namn."),
        ("name", " ", "Skriv namnet."),
        ("name", "x" * 121, "Texten är för lång."),
        ("number", "20100504-2386", "Personnumret finns inte."),
        ("born", "2010-02-30", "Skriv ett datum som har varit"),
        ("born", "2026-11-24", "Skriv ett datum som har varit"),
        ("born", "0001-01-01", "mer än 125 år tillbaka"),
        ("born", "1901-11-22", "mer än 125 år tillbaka"),
        ("born", "2010-05-05", "Födelsedatumet stämmer inte med personnumret."),
        ("protected", "", "Välj om personen har skyddade personuppgifter."),
    ],
)
def test_what_is_wrong_with_a_new_case_is_said_and_nothing_typed_is_lost(  # type: ignore[no-untyped-def]
    town: Town, sign_in, field: str, typed: str, sentence: str
) -> None:
    fields = NEW_CASE | {field: typed}
    answer = sign_in("karin").post("/arenden/nytt", **fields)
    page = text(answer)
    assert answer.status_code == 422
    assert sentence in page
    assert f'href="#{field}"' in page
    kept = {name: value for name, value in fields.items() if name != "protected"}
    assert all(f'name="{name}" type="text" value="{value}"' in page for name, value in kept.items())
    assert "case.started" not in town.ops()


def test_a_number_that_is_taken_is_said_in_english_too(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    town.case(reference="SN 2026/0500")
    karin = sign_in("karin")
    karin.get("/sprak/en")
    page = text(karin.post("/arenden/nytt", **NEW_CASE))
    assert "The number is taken in the organisation&#39;s register." in page
    assert 'value="Vera Exempelsson"' in page


def test_a_number_taken_is_answered_alike_whoever_has_it(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    town.case(reference="SN 2026/0500")
    sentence = "Numret är upptaget i organisationens diarieföring."
    mine, colleagues = (
        text(sign_in(name).post("/arenden/nytt", **NEW_CASE)) for name in ("karin", "jonas")
    )
    assert sentence in mine
    assert sentence in colleagues
    assert "hos er" not in colleagues


def test_small_letters_are_the_same_number(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    town.case(reference="SN 2026/0500")
    answer = sign_in("karin").post("/arenden/nytt", **NEW_CASE | {"reference": "sn  2026/0500"})
    assert answer.status_code == 422
    assert "Numret är upptaget" in text(answer)


def test_someone_whose_role_writes_no_notes_has_no_new_case(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    town.actors["chef"] = replace(town.actors["chef"], roles=frozenset({"records_officer"}))
    chef = sign_in("chef")
    assert "Nytt ärende" not in chef.see("/")
    assert chef.get("/arenden/nytt").status_code == 404


def test_the_case_page_shows_titles_and_never_a_text(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    town.note(case, title="Insats: kontaktperson", text="KONTROLLTEXT")
    page = sign_in("karin").see(f"/arenden/{case}")
    assert "Insats: kontaktperson" in page
    assert "KONTROLLTEXT" not in page
    assert "Någons personliga förhållanden i socialtjänsten" in page
    assert "OSL 26 kap. 1 §" in page
    assert "varje läsning loggas" in page
    assert "Karin Holm, socialsekreterare" in page


def test_no_number_or_birth_date_is_on_the_case_page(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    place = karin.post("/arenden/nytt", **NEW_CASE | {"protected": "yes"}).location
    page = karin.see(place)
    assert "Skyddade personuppgifter" in page
    assert "16 år" in page
    for shown in ("20100504", "2385", "2010-05-04"):
        assert shown not in page


def test_the_title_of_a_page_names_the_case_and_never_a_person(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    note = town.note(case, title="HEMLIG RUBRIK")
    person = town.persons(case)[0]
    for path in (
        f"/arenden/{case}",
        f"/arenden/{case}/person/{person}",
        f"/arenden/{case}/anteckning",
        f"/anteckningar/{note}/ratta",
        f"/arenden/{case}/samtycke",
    ):
        title = re.findall(r"<title>(.*?)</title>", karin.see(path))[0]
        assert "Ärende SN 2026/0417" in title
        assert "Exempelsson" not in title
        assert "HEMLIG" not in title


def test_a_disclosure_is_followed_from_on_its_way_to_registered(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    note = town.note(case)
    assert "Inte utlämnad till någon." in karin.see(f"/arenden/{case}")
    town.disclose(town.order(case, note, "polis"))
    page = karin.see(f"/arenden/{case}")
    assert "Utlämnad till Lokalpolisområde Torsby, på väg." in page
    town.later(minutes=3)
    page = karin.see(f"/arenden/{case}")
    assert "inte registrerad där ännu. Kan inte tas tillbaka." in page
    assert "/stoppa" not in page
    with town.store.look(at=town.at) as tx:
        made = disclosures_of_case(tx, case)[0]
    register_delivery(made.delivery_id, "A 2026/77", town.actors["sara"], **town.hands)
    page = karin.see(f"/arenden/{case}")
    assert "registrerad där" in page
    assert "Sara" not in page
    assert "A 2026/77" not in page


def test_a_stopped_disclosure_is_said_never_to_have_arrived(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    made = town.disclose(town.order(case, town.note(case), "polis"))
    stop_delivery(made, town.actors["karin"], **town.hands)
    assert "Nådde aldrig Lokalpolisområde Torsby." in sign_in("karin").see(f"/arenden/{case}")


def test_every_page_of_a_case_is_the_same_bytes_when_it_is_not_yours_or_not_there(  # type: ignore[no-untyped-def]
    town: Town, sign_in
) -> None:
    case, jonas = town.case(), sign_in("jonas")
    note, consent = town.note(case), town.consent(case, "skola")
    person, none = town.persons(case)[0], new_id(START)
    missing = jonas.get("/finns-inte").get_data()
    for path in (
        "/arenden/{0}",
        "/arenden/{0}/person",
        "/arenden/{0}/person/{2}",
        "/arenden/{0}/anteckning",
        "/arenden/{0}/samtycke",
        "/arenden/{0}/samtycke/{3}/aterkalla",
        "/anteckningar/{1}/ratta",
        "/anteckningar/{1}/versioner",
    ):
        for ids in ((case, note, person, consent), (none, none, none, none), ("x", "x", "x", "x")):
            answer = jonas.get(path.format(*ids))
            assert (answer.status_code, answer.get_data()) == (404, missing), path


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/arenden/{0}/person", {"name": "A", "protected": "no", "relation": "guardian"}),
        ("/arenden/{0}/person/{2}", {"name": "A", "protected": "no"}),
        ("/arenden/{0}/person/{2}", {"name": ""}),
        ("/arenden/{0}/anteckning", {"title": ""}),
        ("/arenden/{0}/las", {"note": "{1}"}),
        ("/arenden/{0}/las", {}),
        ("/arenden/{0}/las", {"only": "inte ett id"}),
        ("/anteckningar/{1}/ratta", {"open": "1"}),
        ("/anteckningar/{1}/ratta", {"title": "A", "seen_version": "1"}),
        ("/anteckningar/{1}/versioner", {}),
        ("/arenden/{0}/samtycke", {}),
        ("/arenden/{0}/samtycke/{3}/aterkalla", {}),
    ],
)
def test_nothing_can_be_done_to_what_is_not_yours(  # type: ignore[no-untyped-def]
    town: Town, sign_in, path: str, fields: dict[str, str]
) -> None:
    case = town.case()
    ids = (case, town.note(case), town.persons(case)[0], town.consent(case, "skola"))
    before = town.ops()
    jonas = sign_in("jonas")
    answer = jonas.post(
        path.format(*ids), **{name: value.format(*ids) for name, value in fields.items()}
    )
    assert answer.status_code == 404
    assert answer.get_data() == jonas.get("/finns-inte").get_data()
    added = town.entries()[: len(town.ops()) - len(before)]
    assert all(entry.res == "deny" for entry in added)


def test_a_person_is_added_once_however_often_the_form_is_sent(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    fields = {
        "name": "Linda Exempelsson",
        "number": "",
        "born": "",
        "protected": "unknown",
        "relation": "guardian",
        "once": "01a207a2-3280-7857-b26f-3f1915f85abb",
    }
    for _ in range(2):
        assert karin.post(f"/arenden/{case}/person", **fields).status_code == 303
    page = karin.see(f"/arenden/{case}")
    assert page.count("<h3>Linda Exempelsson</h3>") == 1
    assert "vårdnadshavare, ålder inte känd" in page
    assert "Inte känt om personuppgifterna är skyddade." in page


@pytest.mark.parametrize("relation", ["", "subject", "x"])
def test_a_person_added_is_never_a_second_young_person(town: Town, sign_in, relation: str) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    fields = {"name": "Linda Exempelsson", "protected": "no", "relation": relation}
    answer = sign_in("karin").post(f"/arenden/{case}/person", **fields)
    assert answer.status_code == 422
    assert 'value="Linda Exempelsson"' in text(answer)
    assert "Välj vem personen är för den unge." in text(answer)


def test_the_correction_starts_from_what_is_known(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    case = karin.post("/arenden/nytt", **NEW_CASE).location.rsplit("/", 1)[1]
    path = f"/arenden/{case}/person/{town.persons(case)[0]}"
    page = karin.see(path)
    for known in ("Vera Exempelsson", NUMBER, "2010-05-04"):
        assert f'value="{known}"' in page
    changed = {"name": "Vera Ny", "number": NUMBER, "born": "", "protected": "yes"}
    assert karin.post(path, **changed).status_code == 303
    page = karin.see(f"/arenden/{case}")
    assert "Vera Ny" in page
    assert "Skyddade personuppgifter" in page


def test_a_wrong_correction_shows_what_was_typed(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    path = f"/arenden/{case}/person/{town.persons(case)[0]}"
    answer = karin.post(path, name="Elliot Ny", number="", born="i våras", protected="no")
    assert answer.status_code == 422
    assert 'value="i våras"' in text(answer)
    assert 'value="Elliot Ny"' in text(answer)


def test_a_protection_is_taken_away_by_two_on_a_page_of_its_own(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case(protected="yes")
    karin, jonas, chef = sign_in("karin"), sign_in("jonas"), sign_in("chef")
    jonas_id = town.actors["jonas"].staff_id
    assert chef.post(f"/arenden/{case}/arendegrupp", colleague=jonas_id).status_code == 303
    person = f"/arenden/{case}/person/{town.persons(case)[0]}"
    page = f"{person}/skydd"
    assert f'href="{page}"' in karin.see(person)
    refused = karin.post(person, name="Elliot Ny", number="", born="", protected="no")
    assert refused.status_code == 422
    assert "Ett skydd tas bort av två personer" in text(refused)
    assert 'value="Elliot Ny"' in text(refused)
    refused = karin.post(person, name="Elliot Ny", number="", born="", protected="yes")
    assert refused.status_code == 422
    assert "Vem en person med skydd är ändras inte av en ensam." in text(refused)
    assert karin.post(page, lowered_to="no", reason="Kort").status_code == 422
    why = "Skatteverket meddelade i går att skyddet har upphört."
    assert karin.post(page, lowered_to="no", reason=why).location == page
    own = karin.see(page)
    assert why in own
    assert "Bekräfta att skyddet tas bort" not in own
    (asked,) = re.findall(r'name="lowering" value="([^"]+)"', jonas.see(page))
    own = karin.post(page, lowering=asked, outcome="lowered")
    assert own.status_code == 409
    assert "Du har frågat själv, så någon annan i ärendegruppen måste bekräfta." in text(own)
    assert "Skyddade personuppgifter" in karin.see(f"/arenden/{case}")
    assert jonas.post(page, lowering=asked, outcome="lowered").status_code == 303
    assert "Skyddade personuppgifter" not in karin.see(f"/arenden/{case}")
    late = karin.post(page, lowering=asked, outcome="withdrawn")
    assert late.status_code == 409
    assert "Jonas Ek har redan avgjort frågan om skyddet" in text(late)
    assert "inget skydd att ta bort" in karin.see(page)


@pytest.mark.parametrize(
    ("born", "words"),
    [(date(2010, 11, 23), "16 år"), (date(2010, 11, 24), "15 år"), (None, "ålder inte känd")],
)
def test_the_age_is_that_of_the_day(town: Town, sign_in, born: date | None, words: str) -> None:  # type: ignore[no-untyped-def]
    assert words in sign_in("karin").see(f"/arenden/{town.case(born=born)}")


def test_a_case_page_costs_the_same_however_much_the_case_holds(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    town.note(case)
    town.consent(case, "skola")

    def queries() -> int:
        from sqlalchemy import event

        asked: list[str] = []
        engine = town.store.engine

        def note(_c: object, _k: object, statement: str, *_: object) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        karin.see(f"/arenden/{case}")
        event.remove(engine, "before_cursor_execute", note)
        return sum(one.lstrip().upper().startswith("SELECT") for one in asked)

    few = queries()
    for number in range(12):
        note = town.note(case, title=f"Anteckning {number}")
        town.consent(case, "fritid")
        town.disclose(town.order(case, note, "polis"))
    town.person(case, "Linda Exempelsson")
    assert queries() == few
