"""An export that was ordered without names and reasons holds neither, in any of its files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.extract_order import ExtractOrder
from app.domain.ids import new_id
from app.domain.protection import LoweringTerms
from app.domain.subject import Identity
from app.flows.answer_round import ask_about_item
from app.flows.change_team import change_team
from app.flows.correct_identity import correct_identity
from app.flows.export_orders import decide_export
from app.flows.export_withholding import Withholding
from app.flows.happened import happened
from app.flows.lower_protection import ask_lowering, see_protection, settle_lowering
from app.flows.open_in_emergency import confirm_opening, list_openings, open_in_emergency
from app.flows.open_whole_log import open_whole_log
from app.flows.release_extract import release_extract
from app.flows.review_emergency import review_opening, see_openings
from app.keys import event_sealer
from app.records.staff import staff_ids
from tests.flows.test_exporting import WHOLE, Desk, busy, desk, rows, unzipped, verified
from tests.flows.test_rounds import drawn
from tests.flows.town import hired

__all__ = ["busy", "desk"]

WHY = "Elliot har inte kommit hem och hans mamma är orolig, skrev Karin Holm."
OTHER = "Årlig granskning för en annan mottagare"
NOBODY = Withholding(staff=frozenset({"s-1"}), staff_named=False, reasons_shown=False)


def lived_in(town, case: str) -> None:
    """What leaves a person's words, or the id of somebody who did not act, in the log."""
    hands, subject = town.hands, town.subject_of(case)
    change_team(case, town.per.staff_id, "let_in", town.chief, **hands)
    change_team(case, town.per.staff_id, "let_in", town.chief, **hands)
    identity = Identity(name="Vera Exempelsson", born=None, protected="yes")
    correct_identity(case, subject, identity, town.karin, **hands)
    ask_lowering(case, subject, LoweringTerms(to="no", reason=WHY), town.karin, **hands)
    asked = see_protection(case, subject, town.per, **hands).lowering.id
    settle_lowering(case, subject, asked, "lowered", town.per, **hands)
    change_team(case, town.per.staff_id, "take_out", town.chief, **hands)
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **hands)
    (opening,) = see_openings(town.chief, **hands).lines
    review_opening(opening.opening.terms.id, "remark", WHY, town.chief, **hands)
    order = ExtractOrder(subject_ids=(subject,), language="sv", staff_named=True, assessment=WHY)
    release_extract(order, town.officer, **hands)
    item = next(one for one in drawn(town).items if one.item.staff_id != town.chief.staff_id).item
    hands = town.hands
    ask_about_item(item.id, WHY, town.chief, **hands)
    open_whole_log(item.id, WHY, town.chief, **hands, log_keys=())


@pytest.fixture
def world(desk: Desk, busy: str) -> str:
    lived_in(desk.town, busy)
    refused = desk.order(replace(WHOLE, purpose=OTHER))
    decide_export(refused, "refused", desk.releases, reason=WHY, **desk.town.hands)
    desk.make(replace(WHOLE, purpose=OTHER, staff_named=True, reasons_shown=True))
    return busy


def texts(town) -> list[str]:
    """What must not be found: words that somebody typed, ids and names of staff."""
    with town.store.look(at=town.at) as tx:
        ids = sorted(staff_ids(tx))
    assert {town.karin.staff_id, town.per.staff_id} <= set(ids)
    return [WHY, "Elliot", OTHER, "Karin Holm", "Därför att.", *ids]


@pytest.mark.parametrize("kind", ["organisation", "case"])
def test_neither_names_nor_words_are_anywhere_in_it(
    desk: Desk, world: str, tmp_path: Path, kind: str
) -> None:
    case_id = world if kind == "case" else None
    data = desk.fetch(desk.make(replace(WHOLE, kind=kind, case_id=case_id)))
    verified(data, desk, tmp_path)
    for name, content in unzipped(data).items():
        for text in texts(desk.town):
            assert text.encode() not in content, (name, text)
            assert text.encode("unicode-escape") not in content, (name, text)


def test_what_was_ordered_is_there(desk: Desk, world: str, tmp_path: Path) -> None:
    terms = replace(WHOLE, staff_named=True, reasons_shown=True)
    data = desk.fetch(desk.make(terms))
    verified(data, desk, tmp_path)
    told = unzipped(data)["details.jsonl"].decode()
    for text in texts(desk.town)[:3]:
        assert text in told or text == "Därför att."
    acts = {row["act"]: row for row in rows(unzipped(data), "entries")}
    assert acts["emergency.opened"]["detail"]["why"] == WHY
    assert acts["team.let_in"]["detail"] == {"colleague": desk.town.per.staff_id}


def test_names_alone_and_reasons_alone_are_told_apart(desk: Desk, world: str) -> None:
    for terms, shown, hidden in (
        (replace(WHOLE, staff_named=True), desk.town.per.staff_id, WHY),
        (replace(WHOLE, reasons_shown=True), WHY, desk.town.per.staff_id),
    ):
        told = unzipped(desk.fetch(desk.make(terms)))["details.jsonl"].decode()
        assert shown in told
        assert hidden not in told


def test_an_opening_that_two_stood_behind_names_neither_in_its_case(
    desk: Desk, tmp_path: Path
) -> None:
    town = desk.town
    case = town.case()
    identity = Identity(name="Vera Exempelsson", born=None, protected="yes")
    correct_identity(case, town.subject_of(case), identity, town.karin, **town.hands)
    open_in_emergency("SN 2026/0001", WHY, town.per, token="", **town.hands)
    (waiting,) = list_openings(town.karin, **town.hands).waiting
    confirm_opening(waiting.opening.terms.id, town.karin, **town.hands)
    assert "emergency.confirmed" in town.ops()
    data = desk.fetch(desk.make(replace(WHOLE, kind="case", case_id=case)))
    verified(data, desk, tmp_path)
    told = unzipped(data)["details.jsonl"].decode()
    assert town.per.staff_id not in told


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (
            {"why": WHY, "until": "2026-11-23T09:00:00+00:00"},
            {"until": "2026-11-23T09:00:00+00:00"},
        ),
        ({"why": "chance", "reason": "own_question"}, {"why": "chance", "reason": "own_question"}),
        ({"reason": "Elliot"}, {}),
        ({"anything": ["a", {"deep": "two words"}]}, {}),
        ({"anything": {"s-1": 1}}, {}),
        ({"items": ["chance s-1/x", "risk y"], "by": "person case"}, {"by": "person case"}),
        ({"count": 3, "category": "K11", "basis": "a decision"}, None),
        ({"second_opinion": {"engine": "cedar 4.12.2", "agrees": True}}, None),
    ],
)
def test_what_is_typed_and_who_is_meant_is_left_out_whatever_it_is_called(value, left) -> None:
    assert NOBODY.left(value) == (value if left is None else left)


def test_an_entry_of_any_kind_with_somebodys_id_is_withheld(desk: Desk) -> None:
    town = desk.town
    with town.store.begin(at=town.at) as tx:
        event = happened(
            "role.granted",
            "allow",
            town.chief,
            at=town.at,
            about={"grant": new_id(town.at), "staff": town.per.staff_id},
        )
        tx.record(event, sealer=event_sealer(town.rings.current("soc"), None))
    files = unzipped(desk.fetch(desk.make()))
    assert town.per.staff_id not in files["details.jsonl"].decode()
    (row,) = [one for one in rows(files, "entries") if one["act"] == "role.granted"]
    assert row["about"].keys() == {"grant"}


def test_who_acted_in_two_roles_is_shown_where_names_were_ordered_without_reasons(
    desk: Desk,
) -> None:
    """Two roles are two words, and nobody has typed them."""
    both = hired(desk.town, "Bo Ek", "soc", "case_worker", "supervisor")
    desk.town.case(both)
    files = unzipped(desk.fetch(desk.make(replace(WHOLE, staff_named=True))))
    (row,) = [one for one in rows(files, "entries") if one["act"] == "case.started"]
    assert row["roles"] == ["case_worker", "supervisor"]
    assert "actor" not in row["withheld"]
