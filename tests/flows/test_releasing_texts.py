"""The text of notes for the person they are about: whole, chosen by the team, and nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.declared_relation import DeclaredTarget
from app.domain.subject import Identity
from app.flows.add_person import add_person
from app.flows.declare_relation import declare_relation
from app.flows.not_found import NotFound
from app.flows.read_notes import NotesRead, RelationInTheWay
from app.flows.release_texts import (
    TextsNotReleased,
    TextsOffered,
    offer_texts,
    release_texts,
)
from app.records.case import persons_of
from tests.flows.town import PLAIN

WHY = "Anteckningen avslöjar en metod som polisen använder."


def _offered(town, case: str) -> TextsOffered:
    found = offer_texts(case, town.karin, **town.hands)
    assert isinstance(found, TextsOffered)
    return found


def _release(town, case: str, notes: list[str], reason: str = "", **more: object) -> object:
    hands = {**town.hands, "despite": False, **more}
    return release_texts(case, notes, reason, town.karin, **hands)


def _both(town, case: str) -> tuple[str, ...]:
    add_person(
        case,
        Identity(name="Nils Syskonsson", protected="no"),
        "sibling",
        town.karin,
        token="",
        **town.hands,
    )
    with town.store.look(at=town.at) as tx:
        return tuple(one.id for one, _ in persons_of(tx, case))


def test_all_that_is_offered_needs_no_reason_and_is_an_entry(town) -> None:
    case = town.case()
    note = town.note(case)
    released = _release(town, case, [note])
    assert isinstance(released, NotesRead)
    assert [one.text for one in released.texts] == ["Berättar om kontakter med äldre kamrater."]
    assert town.ops()[-1] == "extract.texts_released"


def test_one_that_is_left_out_needs_a_reason(town) -> None:
    case = town.case()
    first, _ = town.note(case), town.note(case)
    refused = _release(town, case, [first])
    assert isinstance(refused, TextsNotReleased)
    assert [one.code for one in refused.problems] == ["reason_too_short"]
    assert isinstance(_release(town, case, [first], WHY), NotesRead)


def test_what_speaks_of_others_or_may_be_secret_is_not_offered_and_not_released(town) -> None:
    case = town.case()
    both = _both(town, case)
    kept = [
        town.note(case, described=both),
        town.note(case, attributes=replace(PLAIN, investigation="yes")),
        town.note(case, attributes=replace(PLAIN, reporter_identity="unknown")),
    ]
    found = _offered(town, case)
    assert (found.offered, found.by_hand) == ((), 3)
    for note in kept:
        refused = _release(town, case, [note], WHY)
        assert isinstance(refused, TextsNotReleased)
        assert [one.code for one in refused.problems] == ["text_not_chosen"]
    assert "extract.texts_released" not in town.ops()


def test_a_note_only_about_somebody_else_is_not_even_counted(town) -> None:
    case = town.case()
    _, sibling = _both(town, case)
    town.note(case, described=(sibling,))
    assert _offered(town, case).by_hand == 0


def test_who_has_declared_a_relation_is_warned_first(town) -> None:
    case = town.case()
    note = town.note(case)
    target = DeclaredTarget(bond="family", name="Vera Exempelsson")
    hands = {"at": town.at, "store": town.store, "rings": town.rings}
    declare_relation(target, town.karin, token="", **hands)
    assert isinstance(_release(town, case, [note]), RelationInTheWay)
    assert isinstance(_release(town, case, [note], despite=True), NotesRead)


@pytest.mark.parametrize("who", ["per", "chief", "officer", "sara"])
def test_nobody_outside_the_team_is_offered_or_given_anything(town, who: str) -> None:
    case = town.case()
    note, other = town.note(case), getattr(town, who)
    assert isinstance(offer_texts(case, other, **town.hands), NotFound)
    released = release_texts(case, [note], "", other, despite=False, **town.hands)
    assert isinstance(released, NotFound)
