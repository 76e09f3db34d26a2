"""Jäv: declared, withdrawn, warned about before reading, and a signal if work goes on."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy

from app.domain.declared_relation import DeclaredTarget, parse_target
from app.domain.subject import parse_identity
from app.flows.declare_relation import (
    RelationKept,
    RelationWithdrawn,
    declare_relation,
    own_relations,
    withdraw_relation,
)
from app.flows.not_found import NotFound
from app.flows.read_notes import (
    NotesRead,
    RelationInTheWay,
    read_note,
    read_notes,
    read_versions,
)
from app.flows.review_signals import see_signals
from app.flows.start_case import CaseStarted, start_case
from app.records.declared_relation import declared_relation
from tests.attacks.story import a_number

ON = date(2026, 11, 23)
NUMBER, ANOTHER = (a_number(date(2009, 5, 4), serial) for serial in (238, 239))


def _hands(town) -> dict[str, object]:
    town.later(seconds=1)
    return {"at": town.at, "store": town.store, "rings": town.rings}


def _declare(town, actor=None, **target: str) -> None:
    wanted = DeclaredTarget(bond="family", **target)
    kept = declare_relation(wanted, actor or town.karin, token="", **_hands(town))
    assert kept == RelationKept()


def _withdraw(town, actor=None) -> object:
    found = own_relations(town.karin, **_hands(town))
    return withdraw_relation(found[0].id, actor or town.karin, **_hands(town))


def _signals(town) -> list[str]:
    town.later(minutes=1)
    return [one.signal.kind for one in see_signals(town.chief, **town.hands).lines]


def _read(town, case: str, note: str, **more: bool) -> object:
    town.later(seconds=1)
    return read_notes(case, [note], town.karin, **town.hands, **more)


@pytest.mark.parametrize(
    "target",
    [
        {"name": "vera  EXEMPELSSON"},
        {"reference": "sn 2026/0001"},
    ],
)
def test_a_note_is_not_opened_before_the_warning_has_been_seen(town, target) -> None:
    case = town.case()
    note = town.note(case)
    _declare(town, **target)
    assert isinstance(_read(town, case, note), RelationInTheWay)
    assert isinstance(read_note(note, town.karin, **town.hands), RelationInTheWay)
    assert isinstance(read_versions(note, town.karin, **town.hands), RelationInTheWay)
    assert "note.read" not in town.ops()
    assert isinstance(_read(town, case, note, despite=True), NotesRead)
    assert town.ops()[-1] == "note.read"


def test_a_number_decides_where_both_have_one(town) -> None:
    identity = parse_identity(
        name="Vera Exempelsson", number=NUMBER, born="", protected="no", on=ON
    )
    made = start_case(identity, "SN 2026/5", town.karin, token="", **town.hands)
    assert isinstance(made, CaseStarted)
    note = town.note(made.case_id)
    _declare(town, name="Vera Exempelsson", number=ANOTHER.replace("-", ""))
    assert isinstance(_read(town, made.case_id, note), NotesRead)
    _declare(town, number=NUMBER.replace("-", ""))
    assert isinstance(_read(town, made.case_id, note), RelationInTheWay)


def test_others_are_not_warned_and_what_is_withdrawn_warns_no_more(town) -> None:
    case = town.case()
    note = town.note(case)
    _declare(town, town.per, name="Vera Exempelsson")
    assert isinstance(_read(town, case, note), NotesRead)
    _declare(town, name="Vera Exempelsson")
    assert _withdraw(town) == RelationWithdrawn()
    assert isinstance(_read(town, case, note), NotesRead)


def test_work_in_spite_of_it_is_a_signal_that_a_withdrawal_does_not_undo(town) -> None:
    case = town.case()
    note = town.note(case)
    _read(town, case, note)
    assert _signals(town) == []
    _declare(town, name="Vera Exempelsson")
    assert _signals(town) == []
    _read(town, case, note)
    assert _signals(town) == []
    _read(town, case, note, despite=True)
    assert _signals(town) == ["declared_relation"]
    _withdraw(town)
    assert _signals(town) == ["declared_relation"]


def test_nobody_withdraws_anothers_or_the_same_twice(town) -> None:
    _declare(town, name="Vera Exempelsson")
    assert isinstance(_withdraw(town, town.per), NotFound)
    assert _withdraw(town) == RelationWithdrawn()
    assert isinstance(_withdraw(town), NotFound)
    assert town.ops()[-1] == "relation.not_found"


def test_to_whom_is_sealed_and_only_ones_own_are_seen(town) -> None:
    _declare(town, name="Vera Exempelsson", number="200905042384", reference="SN 2026/0001")
    assert own_relations(town.per, **_hands(town)) == ()
    with town.store.engine.connect() as connection:
        stored = repr(connection.execute(sqlalchemy.select(declared_relation)).all())
        log = repr(connection.execute(sqlalchemy.text("SELECT entry FROM audit_leaf")).all())
    for text in ("Vera", "20090504", "2026/0001"):
        assert text not in stored
        assert text not in log


def test_the_same_form_sent_twice_is_one_declaration(town) -> None:
    target = DeclaredTarget(bond="close", name="Vera Exempelsson")
    for _ in range(2):
        declare_relation(target, town.karin, token="one", **_hands(town))
    assert len(own_relations(town.karin, **_hands(town))) == 1


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, {"bond", "name"}),
        ({"bond": "friend", "name": "Vera"}, {"bond"}),
        ({"bond": "family", "name": "V"}, {"name"}),
        ({"bond": "family", "number": "123"}, {"number"}),
        ({"bond": "family", "name": "V" * 200}, {"name"}),
        ({"bond": "family", "reference": "S" * 200}, {"reference"}),
    ],
)
def test_what_is_wrong_is_told_by_field(typed: dict[str, str], wrong: set[str]) -> None:
    found = parse_target(typed, on=ON)
    assert isinstance(found, list)
    assert {one.field for one in found} == wrong
