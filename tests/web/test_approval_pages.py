"""The pages of approval: asked on the page of a decision, answered on one of its own."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.web.town import Town

STATEMENTS = ("needed_for_purpose", "no_predominant_reasons")


@pytest.fixture
def case(town: Town) -> str:
    return town.case()


@pytest.fixture
def note(town: Town, case: str) -> str:
    return town.note(case)


def where(town: Town, note: str) -> str:
    return f"/anteckningar/{note}/lamna-ut/{town.organisations['skola'].id}"


def form(town: Town, case: str, **more: str) -> dict[str, str]:
    young = town.persons(case)[0]
    fields = {"purpose": "prevent_crime", "version": "1", "initiative": "own"}
    for name in STATEMENTS:
        fields[f"{name}:{young}:answer"] = "yes"
        fields[f"{name}:{young}:reasons"] = "Skolan behöver det för att kunna förebygga."
    return fields | more


def ask(town: Town, case: str, note: str, karin) -> str:  # type: ignore[no-untyped-def]
    """The path of the question."""
    answer = karin.post(where(town, note), **form(town, case, ask_approval="1"))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    html = karin.see(answer.location)
    assert "Frågan om godkännande är ställd" in html
    found = re.search(r'href="(/godkannanden/[0-9a-f-]{36})"', html)
    assert found
    return found[1]


def text(answer) -> str:  # type: ignore[no-untyped-def]
    return unescape(answer.get_data(as_text=True))


def test_asked_read_approved_and_disclosed(town: Town, case: str, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin, chief = sign_in("karin"), sign_in("chef")
    path = ask(town, case, note, karin)
    assert "Godkännanden (1)" in chief.see("/inkommet")
    assert path in chief.see("/godkannanden")
    outline = chief.see(path)
    assert "Berättar om kontakter" not in outline
    opened = text(chief.post(f"{path}/las"))
    assert "Berättar om kontakter med äldre kamrater." in opened
    assert "Skolan behöver det för att kunna förebygga." in opened
    assert "eget initiativ" in opened
    assert "Ett ja gäller just de här uppgifterna." in opened
    answer = chief.post(f"{path}/svara", answer="yes", reasons="Det behövs för skolans arbete.")
    assert answer.status_code == 303
    html = unescape(karin.see(f"{where(town, note)}?purpose=prevent_crime"))
    assert "Det behövs för skolans arbete." in html
    fields = {
        "purpose": "prevent_crime",
        "version": "1",
        "initiative": "own",
        "checked": "yes",
        "ordinary": "yes",
    }
    assert karin.post(where(town, note), **fields).status_code == 303


def test_a_no_closes_the_way(town: Town, case: str, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin, chief = sign_in("karin"), sign_in("chef")
    path = ask(town, case, note, karin)
    chief.post(f"{path}/svara", answer="no", reasons="Skolan har inget sådant uppdrag.")
    html = unescape(karin.see(f"{where(town, note)}?purpose=prevent_crime"))
    assert "Skolan har inget sådant uppdrag." in html
    assert 'name="ask_approval"' not in html


def test_an_answer_without_reasons_comes_back_with_what_was_chosen(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    path = ask(town, case, note, sign_in("karin"))
    answer = sign_in("chef").post(f"{path}/svara", answer="yes", reasons=" ")
    assert answer.status_code == 422
    assert 'value="yes" checked' in text(answer)
    assert "Skriv skälen för din bedömning." in text(answer)


@pytest.mark.parametrize("typed", [".", "Ja.", ". . . . . . . . . . . . . . . ."])
def test_reasons_that_say_nothing_are_no_answer(
    town: Town, case: str, note: str, sign_in, typed: str
) -> None:  # type: ignore[no-untyped-def]
    path = ask(town, case, note, sign_in("karin"))
    answer = sign_in("chef").post(f"{path}/svara", answer="yes", reasons=typed)
    assert answer.status_code == 422
    assert "minst 15 bokstäver eller siffror" in text(answer)


def test_asking_too_early_says_what_to_do_first_and_keeps_what_was_typed(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    young = town.persons(case)[0]
    fields = form(town, case, ask_approval="1")
    del fields[f"{STATEMENTS[1]}:{young}:answer"], fields[f"{STATEMENTS[1]}:{young}:reasons"]
    answer = sign_in("karin").post(where(town, note), **fields)
    assert answer.status_code == 422
    assert "Gör först de bedömningar som grunden kräver." in text(answer)
    assert "Skolan behöver det för att kunna förebygga." in text(answer)


def test_the_asker_sees_their_question_and_takes_it_back(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    path = ask(town, case, note, karin)
    html = karin.see(path)
    assert "Ta tillbaka frågan" in html
    assert "Läs underlaget" not in html
    answer = karin.post(f"{path}/ta-tillbaka")
    assert answer.status_code == 303
    assert "Tillbakataget" in karin.see(path)


@pytest.mark.parametrize("name", ["jonas", "sara", "farida"])
def test_others_are_told_nothing(town: Town, case: str, note: str, sign_in, name: str) -> None:  # type: ignore[no-untyped-def]
    path = ask(town, case, note, sign_in("karin"))
    other = sign_in(name)
    missing = other.get("/finns-inte")
    for answer in (
        other.get(path),
        other.post(f"{path}/las"),
        other.post(f"{path}/svara", answer="yes", reasons="Ja, för skolans skull."),
        other.post(f"{path}/ta-tillbaka"),
    ):
        assert answer.status_code == 404
        assert answer.data == missing.data


def test_loading_the_page_of_the_basis_again_reads_nothing(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    path = ask(town, case, note, sign_in("karin"))
    chief = sign_in("chef")
    for again in (f"{path}/las", f"{path}/svara"):
        answer = chief.get(again)
        assert answer.status_code == 303
        assert answer.location == path


def test_a_late_answer_says_why_it_was_not_saved(town: Town, case: str, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin, chief = sign_in("karin"), sign_in("chef")
    path = ask(town, case, note, karin)
    karin.post(f"{path}/ta-tillbaka")
    answer = chief.post(f"{path}/svara", answer="yes", reasons="Ja, för skolans skull.")
    assert answer.status_code == 409
    assert "Frågan är tillbakatagen. Ditt svar har inte sparats." in text(answer)
