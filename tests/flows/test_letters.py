"""The letter on a disclosure: proposed, sent or not with a reason, and never holding the note."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy

from app.domain.disclosure import Disclosure
from app.domain.disclosure_letter import LetterChoice, addressees, parse_choice
from app.domain.subject import CasePerson, Identity, Subject
from app.flows.add_person import add_person
from app.flows.answered_already import AnsweredAlready
from app.flows.disclose_note import Disclosed
from app.flows.not_found import NotFound
from app.flows.stop_delivery import stop_delivery
from app.flows.write_letter import (
    LetterKept,
    LetterNotKept,
    LetterPage,
    decide_letter,
    view_letter,
)
from app.records.disclosure import disclosures_of_case
from app.records.disclosure_letter import disclosure_letter

WHY = "Polisen har bett att få vänta, för att utredningen annars skadas."


def _disclosed(town, *, wait: float = 10) -> tuple[str, Disclosure]:
    case = town.case()
    add_person(
        case,
        Identity(name="Linda Exempelsson", protected="no"),
        "guardian",
        town.karin,
        token="",
        **town.hands,
    )
    outcome = town.disclose(town.assessed(case, town.note(case)))
    assert isinstance(outcome, Disclosed)
    town.later(minutes=wait)
    with town.store.look(at=town.at) as tx:
        return case, disclosures_of_case(tx, case)[0]


def _view(town, made: Disclosure, actor=None) -> LetterPage | NotFound:
    return view_letter(made.id, actor or town.karin, **town.hands)


def _to(town, case: str) -> LetterChoice:
    return LetterChoice(outcome="released", addressee_id=town.subject_of(case), language="sv")


def _withheld() -> LetterChoice:
    return LetterChoice(outcome="withheld", addressee_id=None, language="sv", reason=WHY)


def _decide(town, made: Disclosure, choice: LetterChoice, actor=None) -> object:
    town.later(seconds=1)
    return decide_letter(made.id, choice, actor or town.karin, **town.hands)


def test_it_is_proposed_to_the_young_person_and_the_guardian_with_what_may_speak_against(
    town,
) -> None:
    _, made = _disclosed(town)
    page = _view(town, made)
    assert page.letter is None
    assert [one.relation for one in page.to] == ["subject", "guardian"]
    assert {"police", "guardian"} <= set(page.cautions)
    assert "protected" not in page.cautions


def test_a_released_letter_stays_released(town) -> None:
    case, made = _disclosed(town)
    assert _decide(town, made, _to(town, case)) == LetterKept()
    assert isinstance(_decide(town, made, _withheld()), AnsweredAlready)
    assert _decide(town, made, _to(town, case)) == LetterKept()
    page = _view(town, made)
    assert page.letter.choice.outcome == "released"
    assert page.addressee.relation == "subject"
    assert [op for op in town.ops() if op.startswith("letter.")] == [
        "letter.released",
        "letter.repeated",
        "letter.repeated",
        "letter.viewed",
    ]


def test_a_letter_that_was_withheld_can_be_sent_later_and_its_reason_is_sealed(town) -> None:
    case, made = _disclosed(town)
    assert _decide(town, made, _withheld()) == LetterKept()
    assert _view(town, made).letter.choice.reason == WHY
    with town.store.engine.connect() as connection:
        stored = repr(connection.execute(sqlalchemy.select(disclosure_letter)).all())
    assert "utredningen" not in stored
    assert _decide(town, made, _to(town, case)) == LetterKept()
    assert _view(town, made).letter.choice.reason == ""


def test_what_has_not_arrived_or_was_stopped_has_no_letter(town) -> None:
    case, made = _disclosed(town, wait=0.1)
    for _ in range(2):
        refused = _decide(town, made, _to(town, case))
        assert isinstance(refused, LetterNotKept)
        assert [one.code for one in refused.problems] == ["letter_too_early"]
        stop_delivery(made.id, town.karin, **town.hands)
    town.later(hours=1)
    assert isinstance(_decide(town, made, _to(town, case)), LetterNotKept)


def test_it_goes_to_nobody_outside_the_case(town) -> None:
    _, made = _disclosed(town)
    elsewhere = town.subject_of(town.case(reference="SN 2026/0002"))
    choice = LetterChoice(outcome="released", addressee_id=elsewhere, language="sv")
    assert isinstance(_decide(town, made, choice), LetterNotKept)


@pytest.mark.parametrize(
    ("born", "guardian"),
    [(date(2008, 11, 24), True), (date(2008, 11, 23), False), (None, False)],
)
def test_a_guardian_is_written_to_until_the_day_the_young_person_is_an_adult(
    born: date | None, guardian: bool
) -> None:
    def person(id_: str, relation: str, day: date | None) -> CasePerson:
        identity = Identity(name=id_, born=day)
        subject = Subject(id=id_, organisation_id="soc", identity=identity)
        return CasePerson(subject=subject, relation=relation)

    persons = (person("young", "subject", born), person("parent", "guardian", None))
    found = addressees(persons, ("young",), on=date(2026, 11, 23))
    assert ("guardian" in [one.relation for one in found]) is guardian
    assert addressees(persons, ("parent",), on=date(2026, 11, 23)) == ()


@pytest.mark.parametrize("who", ["per", "chief", "sara"])
def test_nobody_outside_the_team_sees_or_decides_it(town, who: str) -> None:
    case, made = _disclosed(town)
    other = getattr(town, who)
    assert isinstance(_view(town, made, other), NotFound)
    assert isinstance(_decide(town, made, _to(town, case), other), NotFound)


def test_an_unknown_protection_speaks_against(town) -> None:
    case = town.case()
    add_person(
        case, Identity(name="Linda Exempelsson"), "guardian", town.karin, token="", **town.hands
    )
    town.disclose(town.assessed(case, town.note(case)))
    town.later(minutes=10)
    with town.store.look(at=town.at) as tx:
        made = disclosures_of_case(tx, case)[0]
    assert "protected" in _view(town, made).cautions


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, {"outcome"}),
        ({"outcome": "released"}, {"addressee", "language"}),
        ({"outcome": "withheld", "reason": "Nej"}, {"reason"}),
        ({"outcome": "sent", "reason": WHY}, {"outcome"}),
    ],
)
def test_what_is_missing_is_told_by_field(typed: dict[str, str], wrong: set[str]) -> None:
    found = parse_choice(typed)
    assert isinstance(found, list)
    assert {one.field for one in found} == wrong


def test_a_choice_tells_no_reason_when_printed() -> None:
    assert WHY not in repr(replace(_withheld()))
