"""Consents recorded, listed and withdrawn, from the pages."""

from __future__ import annotations

import re
from datetime import date

import pytest
from werkzeug.test import TestResponse

from app.domain.disclosure import DisclosureOrder, Intent
from app.domain.ids import new_id
from tests.web.town import START, Town


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def a_consent(town: Town, case: str, **changes: object) -> dict[str, object]:
    """The form's fields as somebody fills them in."""
    fields: dict[str, object] = {
        "subject_id": town.persons(case)[0],
        "recipient_id": town.organisations["skola"].id,
        "category": "K11",
        "purpose": "schooling",
        "giver": "subject",
        "answer": "given",
        "form": "oral",
        "valid_from": "",
        "valid_until": "2027-01-31",
    }
    return fields | changes


def cards(page: str) -> list[str]:
    """Each consent on a page, its markup taken away."""
    found = re.findall(r'<article class="card">(.*?)</article>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


def test_a_consent_is_recorded_and_shown_with_what_it_speaks_of(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    answer = karin.post(f"/arenden/{case}/samtycke", **a_consent(town, case))
    assert answer.status_code == 303
    shown = cards(karin.see(answer.location))[-1]
    for words in (
        "Till Fryxellska skolan",
        "Gäller",
        "Elliot Exempelsson",
        "Någons personliga förhållanden i socialtjänsten",
        "Skolgång och stöd i skolan",
        "2026-11-23 till och med 2027-01-31",
        "personen själv, muntligt",
        "Återkalla samtycket",
    ):
        assert words in shown


def test_nothing_is_chosen_beforehand_and_the_page_says_what_consent_is_not(  # type: ignore[no-untyped-def]
    town: Town, sign_in
) -> None:
    page = sign_in("karin").see(f"/arenden/{town.case()}/samtycke")
    assert " checked" not in page
    assert " selected" not in page
    assert "aldrig den rättsliga grunden" in page
    assert "Fråga aldrig om samtycke när något ska lämnas ut enligt lag" in page
    assert town.organisations["soc"].id not in page


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("subject_id", "", "Välj vem uppgiften gäller."),
        ("recipient_id", "", "Välj mottagande organisation."),
        ("recipient_id", "soc", "Välj mottagande organisation."),
        ("category", "K17", "Välj vilket slags uppgift det gäller."),
        ("purpose", "x", "Välj ändamålet."),
        ("giver", "", "Välj vem som har svarat."),
        ("answer", "", "Välj om svaret blev ja eller nej."),
        ("form", "", "Välj om svaret var skriftligt eller muntligt."),
        ("valid_from", "i morgon", "Skriv datumet som ÅÅÅÅ-MM-DD"),
        ("valid_until", "", "Skriv sista dagen som ÅÅÅÅ-MM-DD"),
        ("valid_until", "2026-11-22", "Sista dagen kan inte vara före första dagen."),
        ("valid_until", "2027-11-24", "Ett samtycke kan gälla högst 365 dagar."),
    ],
)
def test_what_is_wrong_with_a_consent_is_said_and_nothing_typed_is_lost(  # type: ignore[no-untyped-def]
    town: Town, sign_in, field: str, typed: str, sentence: str
) -> None:
    case = town.case()
    fields = a_consent(town, case, **{field: typed})
    if typed == "soc":
        fields[field] = town.organisations["soc"].id
    answer = sign_in("karin").post(f"/arenden/{case}/samtycke", **fields)
    page = text(answer)
    assert answer.status_code == 422
    assert sentence in page
    assert f'href="#{field}"' in page
    kept = page.count(" checked") + page.count(" selected")
    lost = field in ("subject_id", "recipient_id", "category", "purpose", "giver", "answer", "form")
    assert kept == 7 - lost
    assert f'value="{fields["valid_until"]}"' in page
    assert "consent.recorded" not in town.ops()


def test_a_consent_sent_twice_is_recorded_once(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    fields = a_consent(town, case, once="01a207a2-3280-7857-b26f-3f1915f85abb")
    for _ in range(2):
        assert karin.post(f"/arenden/{case}/samtycke", **fields).status_code == 303
    assert len(cards(karin.see("/samtycken"))) == 1


def test_a_refusal_is_recorded_and_cannot_be_withdrawn(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    refused = town.consent(case, "skola", answer="refused")
    shown = cards(karin.see("/samtycken"))
    assert "Nej till samtycke" in shown[0]
    assert "Återkalla" not in shown[0]
    assert karin.get(f"/arenden/{case}/samtycke/{refused}/aterkalla").status_code == 404


def test_the_list_has_what_ends_soonest_first_and_only_ones_own_cases(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, other = town.case(), town.case("jonas", reference="SN 2026/0500")
    town.consent(case, "skola", valid_until=date(2027, 3, 1))
    town.consent(case, "fritid", valid_until=date(2026, 12, 1))
    town.consent(other, "akuten", who="jonas", valid_until=date(2026, 11, 30))
    shown = cards(sign_in("karin").see("/samtycken"))
    assert ["Fritidsgården" in one for one in shown] == [True, False]
    assert all("SN 2026/0417" in one for one in shown)


def test_what_is_over_stands_apart(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case(born=date(2008, 12, 1))
    town.consent(case, "skola", valid_until=date(2026, 11, 24))
    town.consent(case, "fritid", giver="guardian")
    town.consent(case, "akuten", valid_from=date(2026, 12, 24))
    town.later(days=9)
    page = sign_in("karin").see("/samtycken")
    assert "Inget samtycke gäller just nu." not in page
    in_force, past = page.split("Gäller inte längre, eller blev ett nej")
    assert ["Har inte börjat gälla" in one for one in cards(in_force)] == [True]
    assert ["Har gått ut" in one for one in cards(past)] == [True, False]
    assert "Upphörde på 18-årsdagen" in cards(past)[1]


def test_withdrawal_says_before_and_after_what_it_does_not_undo(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    # An adult, because their own consent is enough: no other ground is needed beside it.
    case, karin = town.case(born=date(2005, 1, 1)), sign_in("karin")
    consent = town.consent(case, "skola")
    for minutes in (5, 0):
        _disclose_on_consent(town, case, town.note(case))
        town.later(minutes=minutes)
    path = f"/arenden/{case}/samtycke/{consent}/aterkalla"
    before = karin.see(path)
    assert "Ett utlämnande är på väg och stoppas." in before
    assert "Ett utlämnande har redan kommit fram." in before
    assert "consent.withdrawn" not in town.ops()
    answer = karin.post(path)
    assert answer.status_code == 303
    after = karin.see(answer.location)
    assert "Samtycket är återkallat." in after
    for page in (after, karin.see(path)):
        assert "Ett utlämnande som var på väg stoppades och kom aldrig fram." in page
        assert "Ett utlämnande hade redan kommit fram." in page
        assert "kan inte tas tillbaka" in page
        assert "<button" not in page.split("<main")[1]


def test_withdrawing_twice_changes_nothing_the_second_time(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    path = f"/arenden/{case}/samtycke/{town.consent(case, 'skola')}/aterkalla"
    karin.post(path)
    town.later(minutes=1)
    assert karin.post(path).status_code == 303
    assert town.ops().count("consent.withdrawn") == 1
    assert "Återkallat <time" in karin.see(path)
    assert "10:00" in karin.see(path)


def test_withdrawal_without_the_token_changes_nothing(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, karin = town.case(), sign_in("karin")
    consent = town.consent(case, "skola")
    karin.token = "gammal"
    answer = karin.post(f"/arenden/{case}/samtycke/{consent}/aterkalla")
    assert answer.status_code == 400
    assert "consent.withdrawn" not in town.ops()


def test_a_consent_is_withdrawn_only_in_its_own_case(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case, other = town.case(), town.case(reference="SN 2026/0500")
    path = f"/arenden/{other}/samtycke/{town.consent(case, 'skola')}/aterkalla"
    karin = sign_in("karin")
    assert karin.get(path).status_code == karin.post(path).status_code == 404


def test_one_that_has_ended_has_nothing_left_to_withdraw(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    consent = town.consent(case, "skola", valid_until=date(2026, 11, 24))
    town.later(days=3)
    page = sign_in("karin").see(f"/arenden/{case}/samtycke/{consent}/aterkalla")
    assert "Samtycket gäller inte längre (har gått ut)" in page
    assert "<button" not in page.split("<main")[1]


def _disclose_on_consent(town: Town, case: str, note: str) -> None:
    order = DisclosureOrder(
        intent=Intent(
            note_id=note,
            version=1,
            recipient_id=town.organisations["skola"].id,
            purpose="coordinate_support",
            initiative="own",
        ),
        token=new_id(START),
    )
    town.disclose(order)
