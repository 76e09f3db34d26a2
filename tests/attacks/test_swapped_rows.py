"""Ciphertext moved between rows by whoever can write to the database: it opens nowhere else.

Every exchange is between rows that the same person may read, under the same keys where there are
such, so that nothing but the place gives it away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy

from app.domain.assessment import RecordedAssessment
from app.flows.consider_disclosure import Considered, consider_disclosure
from app.flows.list_cases import list_cases
from app.flows.not_found import NotFound
from app.flows.read_notes import read_versions
from app.flows.receive_delivery import list_deliveries, open_delivery
from app.flows.review_trail import Trail, review_trail
from app.flows.view_case import view_case
from app.flows.write_note import correct_note
from app.keys import SealBroken
from app.records.schema import all_tables
from app.records.store import Store
from audit.key_list import LogKeys
from audit.signer_keys import create_signer_keys
from tests.flows.town import AT, Town

Keys = dict[str, Any]


@dataclass
class Shelf:
    """Two of everything, alike but for where it belongs."""

    town: Town
    cases: list[str]
    notes: list[str]
    subjects: list[str]
    deliveries: list[str]
    at_school: str


@pytest.fixture
def shelf(town: Town) -> Shelf:
    cases = [
        town.case(name="Vera Exempelsson", reference="SN 2026/0001"),
        town.case(name="Nils Exempelsson", reference="SN 2026/0002"),
    ]
    notes = [town.note(case, title=f"Titel {n}", text=f"Text {n}") for n, case in enumerate(cases)]
    notes.append(town.note(cases[0], title="Titel 2", text="Text 2"))
    for note, case in zip(notes, cases, strict=False):
        town.disclose(
            town.order(note, answers={"at_risk_of_crime": "no"}, about=town.subject_of(case))
        )
        town.disclose(town.assessed(case, note))
    town.later(seconds=121)
    deliveries = [one.id for one in list_deliveries(town.sara, **town.hands)]
    at_school = town.case(town.kurator, name="Axel Exempelsson", reference="EH 2026/1")
    subjects = [town.subject_of(case) for case in cases]
    return Shelf(town, cases, notes, subjects, deliveries, at_school)


def _exchange(store: Store, table: str, one: Keys, other: Keys, *columns: str) -> None:
    """Let two rows change places in these columns."""
    rows = all_tables().tables[table]
    chosen = [rows.c[name] for name in columns]

    def where(keys: Keys) -> sqlalchemy.ColumnElement[bool]:
        return sqlalchemy.and_(*(rows.c[name] == value for name, value in keys.items()))

    with store.engine.begin() as connection:
        held = [
            connection.execute(sqlalchemy.select(*chosen).where(where(keys))).one()
            for keys in (one, other)
        ]
        assert held[0] != held[1], "an exchange that changes nothing shows nothing"
        for keys, values in ((one, held[1]), (other, held[0])):
            connection.execute(
                rows.update().where(where(keys)).values(dict(zip(columns, values, strict=True)))
            )


NOTE = ("wrapped_key", "commitment", "head", "body")
Look = Callable[[Shelf], Any]


def _case(shelf: Shelf) -> Any:
    return view_case(shelf.cases[0], shelf.town.karin, **shelf.town.hands)


def _versions(shelf: Shelf) -> Any:
    return read_versions(shelf.notes[0], shelf.town.karin, **shelf.town.hands)


def _cases(shelf: Shelf) -> Any:
    town = shelf.town
    return list_cases(town.karin, at=town.at, store=town.store, rings=town.rings)


def _inbox(shelf: Shelf) -> Any:
    return list_deliveries(shelf.town.sara, **shelf.town.hands)


def _delivery(shelf: Shelf) -> Any:
    return open_delivery(shelf.deliveries[0], shelf.town.sara, **shelf.town.hands)


def _considered(shelf: Shelf) -> Any:
    town = shelf.town
    order = town.order(shelf.notes[0])
    return consider_disclosure(order.intent, town.karin, **town.hands)


def _first(shelf: Shelf, version: int = 1) -> Keys:
    return {"note_id": shelf.notes[0], "version": version}


@dataclass(frozen=True)
class Move:
    """What is exchanged, and who then meets it."""

    what: str
    exchange: Callable[[Shelf], None]
    looks: tuple[Look, ...]


def _notes(what: str, other: int, columns: tuple[str, ...], *looks: Look) -> Move:
    def exchange(shelf: Shelf) -> None:
        there = {"note_id": shelf.notes[other], "version": 1}
        _exchange(shelf.town.store, "note_version", _first(shelf), there, *columns)

    return Move(what, exchange, looks)


def _deliveries(what: str, columns: tuple[str, ...], *looks: Look) -> Move:
    def exchange(shelf: Shelf) -> None:
        one, other = ({"id": id_} for id_ in shelf.deliveries[:2])
        _exchange(shelf.town.store, "delivery", one, other, *columns)

    return Move(what, exchange, looks)


def _corrected(shelf: Shelf) -> None:
    town = shelf.town
    draft = town.draft(shelf.cases[0], title="Titel rättad", text="Text rättad")
    correct_note(shelf.notes[0], 1, draft, town.karin, token="", **town.hands)
    _exchange(town.store, "note_version", _first(shelf), _first(shelf, 2), *NOTE)


def _key_of_another_case(shelf: Shelf) -> None:
    one, other = ({"case_id": case} for case in shelf.cases)
    _exchange(shelf.town.store, "case_key", one, other, "wrapped")


def _key_of_another_organisation(shelf: Shelf) -> None:
    one, other = {"case_id": shelf.cases[0]}, {"case_id": shelf.at_school}
    _exchange(shelf.town.store, "case_key", one, other, "wrapped", "organisation_id")


def _identity(shelf: Shelf) -> None:
    one, other = ({"id": id_} for id_ in shelf.subjects)
    _exchange(shelf.town.store, "subject", one, other, "identity")


def _identity_of_another_organisation(shelf: Shelf) -> None:
    one, other = {"id": shelf.subjects[0]}, {"id": shelf.town.subject_of(shelf.at_school)}
    _exchange(shelf.town.store, "subject", one, other, "identity")


def _answers(shelf: Shelf) -> None:
    with shelf.town.store.engine.begin() as connection:
        ids = connection.execute(
            sqlalchemy.text("SELECT id FROM answer WHERE note_id = :note ORDER BY id"),
            {"note": shelf.notes[0]},
        ).scalars()
        one, other, *_ = ids
    _exchange(shelf.town.store, "answer", {"id": one}, {"id": other}, "sealed")


def _answers_for(column: str, value: object) -> Callable[[Shelf], None]:
    """Every answer is said to have been given for something else."""

    def move(shelf: Shelf) -> None:
        with shelf.town.store.engine.begin() as connection:
            connection.execute(
                sqlalchemy.text(f"UPDATE answer SET {column} = :value"),  # noqa: S608
                {"value": value},
            )

    return move


def _to_another_case(shelf: Shelf) -> None:
    one, other = ({"id": id_} for id_ in shelf.notes[:2])
    _exchange(shelf.town.store, "note", one, other, "case_id")


def _owner(shelf: Shelf) -> None:
    with shelf.town.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text(
                "UPDATE note_version SET organisation_id = 'school' WHERE note_id = :id"
            ),
            {"id": shelf.notes[0]},
        )


def _suite(shelf: Shelf) -> None:
    with shelf.town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE note_version SET suite = 2"))


MOVES = (
    _notes("the whole of a note, same case", 2, NOTE, _case, _versions),
    _notes("the whole of a note, another case", 1, NOTE, _case, _versions),
    _notes("the head of a note", 2, ("head",), _case, _versions),
    _notes("the body of a note", 2, ("body",), _versions),
    _notes("the key of a note", 2, ("wrapped_key",), _case, _versions),
    _notes("key and commitment of a note", 2, ("wrapped_key", "commitment"), _case, _versions),
    Move("a version and its correction", _corrected, (_case, _versions)),
    Move("a note between cases", _to_another_case, (_case, _versions)),
    Move("the owner of a note", _owner, (_case, _versions)),
    Move("the suite of a note", _suite, (_case, _versions)),
    Move("the keys of two cases", _key_of_another_case, (_case, _versions, _considered)),
    Move("a key of another organisation", _key_of_another_organisation, (_case, _versions)),
    Move("the identities of two persons", _identity, (_case, _cases, _versions)),
    Move("an identity of another organisation", _identity_of_another_organisation, (_case, _cases)),
    Move("two answers", _answers, (_considered,)),
    Move("answers for another recipient", _answers_for("recipient_id", "school"), (_considered,)),
    Move("answers for another purpose", _answers_for("purpose", "care"), (_considered,)),
    Move("answers as circumstances", _answers_for("kind", "circumstance"), (_considered,)),
    _deliveries("the whole of a delivery", NOTE, _inbox, _delivery),
    _deliveries("the head of a delivery", ("head",), _inbox, _delivery),
    _deliveries("the body of a delivery", ("body",), _delivery),
    _deliveries("the key of a delivery", ("wrapped_key",), _inbox, _delivery),
)


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.what.replace(" ", "_"))
def test_it_opens_nowhere_else(move: Move, shelf: Shelf) -> None:
    for look in move.looks:
        assert look(shelf)
    move.exchange(shelf)
    before = len(shelf.town.entries()), len(shelf.town.entries("police"))
    for look in move.looks:
        with pytest.raises(SealBroken) as broken:
            look(shelf)
        said = str(broken.value)
        assert "Titel" not in said
        assert "Text" not in said
        assert "Exempelsson" not in said
    after = len(shelf.town.entries()), len(shelf.town.entries("police"))
    # The act is undone with its entry: the log tells of no reading that nobody was given.
    assert after == before


def test_a_delivery_put_under_another_organisation_opens_for_neither(shelf: Shelf) -> None:
    town = shelf.town
    with town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE delivery SET organisation_id = 'school'"))
    assert list_deliveries(town.kurator, **town.hands) == ()
    told = len(town.entries("school"))
    opened = open_delivery(shelf.deliveries[0], town.kurator, **town.hands)
    assert isinstance(opened, NotFound)
    assert town.ops("school")[told:] == ["delivery.differs", "delivery.not_found"]
    assert list_deliveries(town.sara, **town.hands) == ()


def test_details_of_two_entries_are_shown_for_neither(shelf: Shelf, tmp_path) -> None:
    town = shelf.town
    entries = [entry for entry in town.entries() if entry.case_id == shelf.cases[0]]
    one, other = ({"n": entry.n, "field": "detail"} for entry in entries[:2])
    _exchange(town.store, "audit_detail", one, other, "body")
    trail = review_trail(shelf.cases[0], town.chief, log_keys=_a_log_key(tmp_path), **town.hands)
    assert isinstance(trail, Trail)
    rows = {row.entry.n: row for row in trail.rows}
    for entry in entries[:2]:
        assert rows[entry.n].detail == {}
        assert rows[entry.n].actor, "what was not touched is still told"


def _a_log_key(folder) -> LogKeys:
    return create_signer_keys(folder / "key", folder / "state", name="test/log", at=AT)


def test_what_was_assessed_opens_where_it_belongs(shelf: Shelf) -> None:
    considered = _considered(shelf)
    assert isinstance(considered, Considered)
    assert considered.recorded
    assert all(isinstance(one, RecordedAssessment) for one in considered.recorded)
