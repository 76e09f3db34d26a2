"""A mark of protected identity is set by one person and taken away by two."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy

from app.domain.personal_number import PersonalNumber
from app.domain.protection import LoweringTerms, parse_lowering
from app.domain.subject import Identity
from app.flows.add_person import PersonAdded, add_person
from app.flows.answered_already import AnsweredAlready
from app.flows.change_team import change_team
from app.flows.correct_identity import IdentityCorrected, IdentityNotCorrected, correct_identity
from app.flows.lower_protection import (
    LoweringAsked,
    LoweringSettled,
    NothingToLower,
    OwnQuestion,
    ProtectionSeen,
    ask_lowering,
    see_protection,
    settle_lowering,
)
from app.flows.not_found import NotFound
from app.flows.open_details import opened_only
from app.flows.sealing import open_case_key
from app.flows.view_case import CasePage, view_case
from app.keys import SealBroken
from app.records.audit_log import details_at
from app.records.case import case_of_organisation
from app.records.errors import StoreFault

NUMBER = PersonalNumber("200905042386")
WHY = "Skatteverket meddelade i går att skyddet har upphört."
TERMS = LoweringTerms(to="no", reason=WHY)


@pytest.fixture
def case(town) -> str:
    """Karin's case on somebody protected, in which Per works too."""
    made = town.case()
    identity = Identity(name="Vera Exempelsson", born=None, protected="yes")
    corrected = correct_identity(made, town.subject_of(made), identity, town.karin, **town.hands)
    assert isinstance(corrected, IdentityCorrected)
    change_team(made, town.per.staff_id, "let_in", town.chief, **town.hands)
    return made


def mark(town, case: str) -> str:
    found = view_case(case, town.karin, **town.hands)
    assert isinstance(found, CasePage)
    return found.subject.identity.protected


def ask(town, case: str, actor=None, terms: LoweringTerms = TERMS) -> object:
    who = actor or town.karin
    return ask_lowering(case, town.subject_of(case), terms, who, **town.hands)


def seen(town, case: str, actor=None) -> ProtectionSeen:
    found = see_protection(case, town.subject_of(case), actor or town.karin, **town.hands)
    assert isinstance(found, ProtectionSeen)
    return found


def settle(town, case: str, outcome: str, actor) -> object:
    asked = seen(town, case).lowering
    assert asked is not None
    subject = town.subject_of(case)
    return settle_lowering(case, subject, asked.id, outcome, actor, **town.hands)


@pytest.mark.parametrize("lower", ["no", "unknown"])
def test_no_correction_takes_a_mark_away(town, case: str, lower: str) -> None:
    identity = Identity(name="Vera Exempelsson", born=None, protected=lower)
    refused = correct_identity(case, town.subject_of(case), identity, town.karin, **town.hands)
    assert isinstance(refused, IdentityNotCorrected)
    assert [one.code for one in refused.problems] == ["protection_by_two"]
    assert mark(town, case) == "yes"
    assert "person.correct_refused" in town.ops()


def test_what_was_not_known_is_answered_by_one(town) -> None:
    case = town.case()
    for known in ("unknown", "no", "unknown", "yes"):
        identity = Identity(name="Vera Exempelsson", born=None, protected=known)
        done = correct_identity(case, town.subject_of(case), identity, town.karin, **town.hands)
        assert isinstance(done, IdentityCorrected)
        assert mark(town, case) == known


def test_one_asks_and_another_takes_it_away(town, case: str) -> None:
    assert ask(town, case) == LoweringAsked()
    assert mark(town, case) == "yes"
    found = seen(town, case, town.per)
    assert found.waits
    assert found.lowering.terms.reason == WHY
    with town.store.engine.connect() as connection:
        stored = connection.execute(sqlalchemy.text("SELECT * FROM protection_lowering")).all()
    assert "Skatteverket" not in repr(stored)
    assert settle(town, case, "lowered", town.per) == LoweringSettled("lowered")
    assert mark(town, case) == "no"
    told = [op for op in town.ops() if op.startswith("person.protection_lower")]
    assert told == ["person.protection_lowering_asked", "person.protection_lowered"]


def test_whoever_asked_does_not_do_it_and_takes_it_back_alone(town, case: str) -> None:
    ask(town, case)
    for outcome in ("lowered", "kept"):
        assert settle(town, case, outcome, town.karin) == OwnQuestion()
        assert town.ops()[-1] == "person.protection_own_question"
    assert isinstance(settle(town, case, "withdrawn", town.per), NotFound)
    assert settle(town, case, "withdrawn", town.karin) == LoweringSettled("withdrawn")
    assert mark(town, case) == "yes"
    assert isinstance(settle(town, case, "lowered", town.per), AnsweredAlready)
    assert mark(town, case) == "yes"


def test_a_no_stands_and_can_be_asked_about_anew(town, case: str) -> None:
    ask(town, case)
    assert settle(town, case, "kept", town.per) == LoweringSettled("kept")
    assert mark(town, case) == "yes"
    late = settle(town, case, "lowered", town.per)
    assert isinstance(late, AnsweredAlready)
    assert not seen(town, case).waits
    town.later(minutes=1)
    assert ask(town, case) == LoweringAsked()
    assert settle(town, case, "lowered", town.per) == LoweringSettled("lowered")


def test_a_question_is_put_once_and_by_one(town, case: str) -> None:
    ask(town, case)
    assert ask(town, case) == LoweringAsked()
    other = ask(town, case, town.per)
    assert isinstance(other, AnsweredAlready)
    assert other.by is not None
    assert other.by.id == town.karin.staff_id


def test_it_is_done_within_a_week(town, case: str) -> None:
    ask(town, case)
    town.later(days=7)
    assert not seen(town, case).waits
    assert isinstance(settle(town, case, "lowered", town.per), NotFound)
    assert mark(town, case) == "yes"
    assert ask(town, case) == LoweringAsked()
    town.at += timedelta(days=7) - timedelta(seconds=1)
    assert settle(town, case, "lowered", town.per) == LoweringSettled("lowered")


NILS = Identity(name="Nils Syskonsson", born=date(2011, 1, 2), protected="no")


def corrected(town, case: str, subject: str, identity: Identity) -> list[str]:
    """The codes of what stood in the way."""
    done = correct_identity(case, subject, identity, town.karin, **town.hands)
    return [] if isinstance(done, IdentityCorrected) else [one.code for one in done.problems]


def known(town, case: str) -> list[Identity]:
    found = view_case(case, town.karin, **town.hands)
    assert isinstance(found, CasePage)
    return [one.subject.identity for one in found.persons]


def test_who_is_asked_about_is_who_is_confirmed(town, case: str) -> None:
    ask(town, case)
    subject = town.subject_of(case)
    for other in (
        Identity(name="Vera Ny", born=None, protected="yes"),
        Identity(name="Vera Exempelsson", born=date(2009, 5, 4), protected="yes"),
        Identity(name="Vera Exempelsson", number=NUMBER, protected="yes"),
    ):
        assert corrected(town, case, subject, other) == ["protected_identity_by_two"]
    settle(town, case, "lowered", town.per)
    (now,) = known(town, case)
    assert now == Identity(name="Vera Exempelsson", born=None, protected="no")


def test_one_alone_does_not_exchange_a_protected_person_for_another(town, case: str) -> None:
    vera = town.subject_of(case)
    added = add_person(case, NILS, "sibling", town.karin, token="", **town.hands)
    assert isinstance(added, PersonAdded)
    nils = added.subject_id
    before = known(town, case)
    marked = replace(NILS, protected="yes")
    assert corrected(town, case, vera, marked) == ["protected_identity_by_two"]
    for taken in (
        Identity(name="Vera Exempelsson", born=None, protected="no"),
        Identity(name="vera  EXEMPELSSON", born=date(2009, 5, 4), protected="unknown"),
        Identity(name="Vera Exempelsson", number=NUMBER, protected="no"),
    ):
        assert corrected(town, case, nils, taken) == ["identity_of_protected"]
    assert known(town, case) == before
    assert corrected(town, case, nils, replace(NILS, name="Nils Nyson")) == []
    also = Identity(name="Vera Exempelsson", born=None, protected="yes")
    assert corrected(town, case, nils, also) == []


def test_a_number_that_a_protected_person_has_is_given_to_nobody_else(town) -> None:
    case = town.case()
    vera = Identity(name="Vera Exempelsson", number=NUMBER, protected="yes")
    assert corrected(town, case, town.subject_of(case), vera) == []
    nils = add_person(case, NILS, "sibling", town.karin, token="", **town.hands).subject_id
    taken = Identity(name="Någon Helt Annan", number=NUMBER, protected="no")
    assert corrected(town, case, nils, taken) == ["identity_of_protected"]


def test_who_it_is_is_corrected_when_two_have_taken_the_mark_away(town, case: str) -> None:
    ask(town, case, terms=LoweringTerms(to="unknown", reason=WHY))
    settle(town, case, "lowered", town.per)
    vera = Identity(name="Vera Ny", born=None, protected="yes")
    assert corrected(town, case, town.subject_of(case), vera) == []
    assert known(town, case) == [vera]


def test_the_log_tells_which_fields_were_corrected_and_not_what_they_hold(town) -> None:
    case = town.case()
    subject = town.subject_of(case)
    vera = Identity(name="Vera Ny", number=NUMBER, born=date(2009, 5, 4), protected="yes")
    assert corrected(town, case, subject, vera) == []
    assert corrected(town, case, subject, replace(vera, name="Nils", born=None)) != []
    ring = town.rings.current("soc")
    told = []
    with town.store.look(at=town.at) as tx:
        for entry in town.entries():
            if entry.op.startswith("person.correct"):
                row = case_of_organisation(tx, case, organisation_id="soc")
                key = open_case_key(town.rings, row.key)
                parts = opened_only(details_at(tx, [entry.n])[entry.n], ring, {key.key_id: key})
                told.append((entry.op, parts["detail"].value()["changed"]))
    assert told == [
        ("person.corrected", ["name", "number"]),
        ("person.correct_refused", ["name", "born"]),
    ]


def test_nothing_is_asked_where_there_is_no_mark(town) -> None:
    assert ask(town, town.case()) == NothingToLower()


def test_only_the_team_finds_it(town, case: str) -> None:
    ask(town, case)
    asked = seen(town, case).lowering
    subject = town.subject_of(case)
    same_roles = replace(town.chief, roles=town.chief.roles | {"case_worker"})
    for who in (town.chief, same_roles, town.sara):
        assert isinstance(see_protection(case, subject, who, **town.hands), NotFound)
        assert isinstance(ask(town, case, who), NotFound)
        settled = settle_lowering(case, subject, asked.id, "lowered", who, **town.hands)
        assert isinstance(settled, NotFound)
    assert mark(town, case) == "yes"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE protection_lowering SET lowered_to = 'unknown', asked_by = asked_by || :who",
        "UPDATE protection_lowering SET asked_by = :who",
    ],
    ids=["to", "by"],
)
def test_a_row_that_somebody_has_changed_lowers_nothing(town, case: str, change: str) -> None:
    ask(town, case)
    asked = seen(town, case).lowering
    who = "" if "||" in change else town.chief.staff_id
    with town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.text(change), {"who": who})
    with pytest.raises(SealBroken):
        settle_lowering(case, town.subject_of(case), asked.id, "lowered", town.per, **town.hands)
    assert mark(town, case) == "yes"


def test_the_table_itself_refuses_one_person(town, case: str) -> None:
    ask(town, case)
    done = (
        "UPDATE protection_lowering SET outcome = 'lowered', settled_by = asked_by, "
        "settled_at = asked_at, settled_audit_id = audit_id"
    )
    with pytest.raises(StoreFault), town.store.begin(at=town.at) as tx:
        tx.execute(sqlalchemy.text(done))


def test_a_lowering_has_a_reason_that_can_be_judged() -> None:
    assert parse_lowering({"lowered_to": "no", "reason": WHY}) == TERMS
    problems = parse_lowering({"lowered_to": "yes", "reason": "Nej"})
    assert isinstance(problems, list)
    assert [one.field for one in problems] == ["lowered_to", "reason"]
