"""A mark of protected identity is not left behind by adding the same person anew."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.personal_number import parse_personal_number
from app.domain.subject import Identity
from app.flows.add_person import PersonAdded, PersonNotAdded, add_person
from app.flows.correct_identity import IdentityCorrected, correct_identity
from app.flows.mark_along import MAYBE_MARKED
from app.flows.sealing import open_subject
from app.flows.start_case import CaseNotStarted, CaseStarted, start_case
from app.records.case import persons_of
from tests.flows.town import Town

BORN = date(2010, 5, 4)
NUMBER = parse_personal_number("20100504-2385", on=date(2026, 11, 23))
OTHER = parse_personal_number("20100504-2393", on=date(2026, 11, 23))
MARKED = Identity(name="Vera Exempelsson", number=NUMBER, born=BORN, protected="yes")


@pytest.fixture
def marked(town: Town) -> str:
    """A case of Karin's on somebody with the mark."""
    assert NUMBER is not None
    made = start_case(MARKED, "SN 2026/0001", town.karin, token="", **town.hands)
    assert isinstance(made, CaseStarted)
    return made.case_id


def started(town: Town, identity: Identity, **more: bool) -> CaseStarted | CaseNotStarted:
    made = start_case(identity, "SN 2026/0002", town.per, token="", **more, **town.hands)
    assert isinstance(made, CaseStarted | CaseNotStarted)
    return made


def identities(town: Town, case: str) -> list[Identity]:
    ring = town.rings.current("soc")
    with town.store.look(at=town.at) as tx:
        return [open_subject(ring, one).identity for one, _ in persons_of(tx, case)]


@pytest.mark.parametrize("protected", ["no", "unknown"])
def test_a_new_case_by_the_same_number_has_the_mark_and_what_was_typed(
    town: Town, marked: str, protected: str
) -> None:
    typed = Identity(name="Vera E", number=NUMBER, born=BORN, protected=protected)  # type: ignore[arg-type]
    made = started(town, typed)
    assert isinstance(made, CaseStarted)
    assert made.marked
    [known] = identities(town, made.case_id)
    assert (known.name, known.number, known.protected) == ("Vera E", NUMBER, "yes")


def test_the_same_number_in_another_organisation_is_another_register(
    town: Town, marked: str
) -> None:
    typed = Identity(name="Vera Exempelsson", number=NUMBER, born=BORN, protected="no")
    made = start_case(typed, "A 2026/1", town.sara, token="", **town.hands)
    assert made == CaseStarted(made.case_id)  # type: ignore[union-attr]


def test_another_number_is_another_person_whatever_else_is_alike(town: Town, marked: str) -> None:
    assert OTHER not in (None, NUMBER)
    typed = Identity(name="Vera Exempelsson", number=OTHER, born=BORN, protected="no")
    made = started(town, typed)
    assert isinstance(made, CaseStarted)
    assert not made.marked


@pytest.mark.parametrize("born", [BORN, None], ids=["same day", "no day"])
def test_without_a_number_a_namesake_is_asked_about_and_the_answer_told(
    town: Town, marked: str, born: date | None
) -> None:
    typed = Identity(name="vera  exempelsson", born=born, protected="no")
    assert started(town, typed) == CaseNotStarted((MAYBE_MARKED,))
    assert town.ops()[-1] == "case.start_refused"
    made = started(town, typed, another=True)
    assert isinstance(made, CaseStarted)
    assert [one.protected for one in identities(town, made.case_id)] == ["no"]


def test_a_namesake_born_another_day_is_not_asked_about(town: Town, marked: str) -> None:
    typed = Identity(name="Vera Exempelsson", born=date(2011, 1, 1), protected="no")
    assert isinstance(started(town, typed), CaseStarted)


def test_a_person_added_to_a_case_has_the_mark_or_is_asked_about(town: Town, marked: str) -> None:
    case = town.case(town.per, name="Någon Annan", reference="SN 2026/0003")

    def added(identity: Identity, **more: bool) -> object:
        return add_person(case, identity, "sibling", town.per, token="", **more, **town.hands)

    first = added(Identity(name="V", number=NUMBER, protected="no"))
    assert isinstance(first, PersonAdded)
    assert first.marked
    namesake = Identity(name="Vera Exempelsson", born=BORN, protected="unknown")
    assert added(namesake) == PersonNotAdded((MAYBE_MARKED,))
    assert town.ops()[-1] == "person.add_asked"
    second = added(namesake, another=True)
    assert isinstance(second, PersonAdded)
    marks = {one.name: one.protected for one in identities(town, case)}
    assert marks == {"Någon Annan": "no", "V": "yes", "Vera Exempelsson": "unknown"}


def test_a_correction_to_the_number_of_somebody_marked_brings_the_mark(
    town: Town, marked: str
) -> None:
    case = town.case(town.per, name="Någon Annan", reference="SN 2026/0003")
    corrected = Identity(name="Någon Annan", number=NUMBER, born=BORN, protected="no")
    subject = town.subject_of(case)
    outcome = correct_identity(case, subject, corrected, town.per, **town.hands)
    assert isinstance(outcome, IdentityCorrected)
    assert [one.protected for one in identities(town, case)] == ["yes"]
