"""The letter on a disclosure as its sender meets it: proposed, decided, printed."""

from __future__ import annotations

import pytest

from app.records.disclosure import disclosures_of_case
from tests.web.test_trail_pages import words
from tests.web.town import Town


@pytest.fixture
def path(town: Town) -> str:
    case = town.case()
    town.person(case, "Linda Exempelsson")
    note = town.note(case, title="Hembesök", text="Bara i texten.")
    town.disclose(town.order(case, note, "polis"))
    town.later(minutes=10)
    with town.store.look(at=town.at) as tx:
        made = disclosures_of_case(tx, case)[0]
    return f"/utlamnanden/{made.id}/brev"


def test_the_case_leads_to_the_letter_and_tells_that_it_is_proposed(
    town: Town, path: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    case = karin.see(path).split('href="/arenden/')[1].split('"')[0]
    html = karin.see(f"/arenden/{case}")
    assert path in html
    assert "föreslås" in words(html)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "Vi har lämnat ut uppgifter om dig till Lokalpolisområde Torsby."),
        ("en", "We have disclosed information about you to Lokalpolisområde Torsby."),
    ],
)
def test_a_released_letter_is_in_its_own_language_and_holds_nothing_of_the_note(
    town: Town, path: str, sign_in, language: str, said: str
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    subject = karin.see(path).split('name="addressee" value="')[1].split('"')[0]
    sent = karin.post(path, outcome="released", addressee=subject, language=language)
    assert sent.status_code == 303
    html = karin.see(path)
    letter = words(html)
    assert said in letter
    assert "OSL 10 kap. 18 a §" in letter
    assert "Karin Holm" in letter
    assert "Socialtjänsten, Sunne 2026" in letter, "the municipality stands once"
    for of_the_note in ("Hembesök", "Bara i texten."):
        assert of_the_note not in html


def test_a_letter_that_is_not_sent_needs_a_reason(town: Town, path: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    assert karin.post(path, outcome="withheld", reason="Nej").status_code == 422
    reason = "Polisen har bett oss att vänta."
    assert karin.post(path, outcome="withheld", reason=reason).status_code == 303
    assert reason in karin.see(path)
    assert "Brevet skickades inte" in karin.see(path)
