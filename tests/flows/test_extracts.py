"""A register extract: what is held on one person, without the others, released by one who may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.disclosure_letter import LetterChoice
from app.domain.extract_order import ExtractOrder, parse_extract_order
from app.domain.subject import Identity
from app.flows.add_person import add_person
from app.flows.not_found import NotFound
from app.flows.read_notes import read_notes
from app.flows.release_extract import (
    ExtractReleased,
    PersonsFound,
    find_persons,
    release_extract,
)
from app.flows.seal_log import seal_log
from app.flows.write_letter import decide_letter
from app.records.case import persons_of
from app.records.counted_statements import counted_statements
from app.records.disclosure import disclosures_of_case
from app.reports.extract import ExtractReport, extract_page
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys
from tests.flows.town import PLAIN

WHY = "Hon har skäl att veta vem, och ingen medarbetare har skyddade uppgifter."


def _released(town, case: str, **changes: object) -> ExtractReport:
    order = ExtractOrder(subject_ids=(town.subject_of(case),), language="sv", staff_named=False)
    outcome = release_extract(replace(order, **changes), town.officer, **town.hands)
    assert isinstance(outcome, ExtractReleased)
    return outcome.report


def _sibling(town, case: str) -> str:
    add_person(
        case,
        Identity(name="Nils Syskonsson", protected="no"),
        "sibling",
        town.karin,
        token="",
        **town.hands,
    )
    with town.store.look(at=town.at) as tx:
        return next(one.id for one, relation in persons_of(tx, case) if relation == "sibling")


@pytest.fixture
def told(town) -> str:
    """A case with a note that was disclosed and read."""
    case = town.case()
    note = town.note(case)
    town.disclose(town.assessed(case, note))
    town.later(minutes=10)
    read_notes(case, [note], town.karin, **town.hands)
    town.consent(case, "school")
    return case


def test_it_tells_what_is_held_what_was_disclosed_and_which_roles_looked(town, told: str) -> None:
    report = _released(town, told)
    assert report.identities[0][0] == "Vera Exempelsson"
    assert [row[0] for row in report.cases] == ["SN 2026/0001"]
    assert len(report.notes) == 1
    ((when, to, purpose, ground, _),) = report.disclosures
    assert when == "2026-11-23"
    assert to == "Lokalpolisområde Torsby"
    assert purpose
    assert "OSL 10 kap. 18 a §" in ground
    assert [row[2] for row in report.consents] == ["du själv"]
    assert {row[0] for row in report.looks} == {"handläggare"}
    assert {"öppnade anteckningar"} <= {row[1] for row in report.looks}


def test_it_holds_neither_the_text_nor_the_title_nor_anybody_else(town, told: str) -> None:
    sibling = _sibling(town, told)
    town.note(told, title="Om brodern", text="Nils har sagt.", described=(sibling,))
    for language in ("sv", "en"):
        html = extract_page(_released(town, told, language=language), language)
        for other in ("Nils", "Syskonsson", "Om brodern", "Hembesök", "äldre kamrater", "Karin"):
            assert other not in html
        assert "Vera Exempelsson" in html


def test_names_are_told_only_with_an_assessment_that_the_log_keeps(town, told: str) -> None:
    report = _released(town, told, staff_named=True, assessment=WHY)
    assert any("Karin Holm" in row[0] for row in report.looks)
    assert town.ops()[-1] == "extract.released"


@pytest.mark.parametrize(
    "secret",
    [
        {"investigation": "yes"},
        {"investigation": "unknown"},
        {"intelligence": "yes"},
        {"reporter_identity": "unknown"},
        {"concern_report": "yes"},
        {"concern_report": "unknown"},
    ],
)
def test_a_note_whose_existence_may_be_secret_is_left_out(town, told: str, secret) -> None:
    town.note(told, attributes=replace(PLAIN, **secret))
    assert len(_released(town, told).notes) == 1


def test_a_disclosure_whose_letter_was_withheld_is_left_out(town, told: str) -> None:
    with town.store.look(at=town.at) as tx:
        made = disclosures_of_case(tx, told)[0]
    choice = LetterChoice(outcome="withheld", addressee_id=None, language="sv", reason=WHY)
    decide_letter(made.id, choice, town.karin, **town.hands)
    assert _released(town, told).disclosures == []


def test_a_person_is_found_by_the_whole_name_and_by_nothing_less(town, told: str) -> None:
    def found(sought: str) -> list[tuple[str, ...]]:
        answer = find_persons(sought, town.officer, **town.hands)
        assert isinstance(answer, PersonsFound)
        return [one.references for one in answer.persons]

    assert found("vera EXEMPELSSON") == [("SN 2026/0001",)]
    for less in ("", "  ", "Vera", "Exempelsson", "20090504"):
        assert found(less) == []
    _sibling(town, told)
    assert found("Nils Syskonsson") == [()]


@pytest.mark.parametrize("who", ["karin", "chief", "sara"])
def test_it_is_for_whoever_may_release_and_leaves_a_trace(town, told: str, who: str) -> None:
    actor = getattr(town, who)
    order = ExtractOrder(subject_ids=(town.subject_of(told),), language="sv", staff_named=False)
    assert isinstance(release_extract(order, actor, **town.hands), NotFound)
    assert isinstance(find_persons("Vera Exempelsson", actor, **town.hands), NotFound)
    own = "police" if who == "sara" else "soc"
    assert town.ops(own)[-2:] == ["extract.not_found", "extract.not_allowed"]


def test_anothers_person_is_not_found(town, told: str) -> None:
    theirs = town.subject_of(town.case(town.sara, reference="A 2026/1"))
    order = ExtractOrder(subject_ids=(theirs,), language="sv", staff_named=False)
    assert isinstance(release_extract(order, town.officer, **town.hands), NotFound)


@pytest.mark.parametrize(
    ("typed", "subjects", "wrong"),
    [
        ({}, (), {"subject", "identified", "language", "staff_named"}),
        ({"identified": "yes", "language": "sv", "staff_named": "yes"}, ("a",), {"assessment"}),
        ({"identified": "yes", "language": "fi", "staff_named": "no"}, ("a",), {"language"}),
        ({"identified": "yes", "language": "en", "staff_named": "no"}, ("a",) * 51, {"subject"}),
    ],
)
def test_what_is_missing_is_told_by_field(typed, subjects, wrong) -> None:
    found = parse_extract_order(typed, subjects)
    assert isinstance(found, list)
    assert {one.field for one in found} == wrong


def test_however_many_have_the_name_they_are_found_in_as_few_queries(town, told: str) -> None:
    def found(name: str) -> tuple[list[tuple[int, int]], int]:
        with counted_statements(town.store) as counted:
            answer = find_persons(name, town.officer, **town.hands)
        assert isinstance(answer, PersonsFound)
        persons = [(len(one.references), one.elsewhere) for one in answer.persons]
        return persons, len(counted.queries)

    _sibling(town, told)
    one, few = found("Nils Syskonsson")
    for number in (2, 3):
        _sibling(town, town.case(reference=f"SN 2026/{number}"))
    three, many = found("Nils Syskonsson")
    assert (one, three) == ([(0, 1)], [(0, 1)] * 3)
    assert many == few
    assert found("Vera Exempelsson")[0] == [(1, 0)] * 3


def test_however_many_cases_are_about_them_the_extract_takes_as_many_queries(
    town, told: str
) -> None:
    def released(cases: list[str]) -> tuple[ExtractReport, int]:
        order = ExtractOrder(
            subject_ids=tuple(town.subject_of(one) for one in cases),
            language="sv",
            staff_named=True,
            assessment=WHY,
        )
        with counted_statements(town.store) as counted:
            outcome = release_extract(order, town.officer, **town.hands)
        assert isinstance(outcome, ExtractReleased)
        return outcome.report, len(counted.queries)

    one, few = released([told])
    cases = [told]
    for number in range(5):
        cases.append(case := town.case(reference=f"SN 2026/07{number:02}"))
        town.disclose(town.assessed(case, note := town.note(case)))
        read_notes(case, [note], town.karin, **town.hands)
        town.consent(case, "school")
    many, queries = released(cases)
    assert (len(one.cases), len(many.cases)) == (1, 6)
    assert (len(many.notes), len(many.disclosures), len(many.consents)) == (6, 6, 6)
    assert {row[1] for row in many.notes} == {row[0] for row in many.cases}
    assert queries == few


def test_the_checkpoint_is_printed_as_on_other_papers(town, told: str, tmp_path) -> None:
    files = SignerFiles(tmp_path / "key", SignerState(tmp_path / "state"))
    create_signer_keys(files.key, files.state.path, name="test/log", at=town.at)
    assert isinstance(seal_log(files, at=town.at, store=town.store), Signed)
    printed = _released(town, told).checkpoint
    assert printed.startswith("test/log\n")
    assert max(len(line) for line in printed.splitlines()) < 150
