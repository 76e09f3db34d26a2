"""The supervisor's look through the whole organisation: what is found, and what is told of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy

from app.domain.page_block import PAGE
from app.domain.trail_search import TrailSearch, looks_left_out, parse_trail_search
from app.flows.disclose_note import Disclosed
from app.flows.list_cases import list_cases
from app.flows.not_found import NotFound
from app.flows.open_in_emergency import open_in_emergency
from app.flows.read_notes import read_notes
from app.flows.receive_delivery import register_delivery
from app.flows.seal_log import seal_log
from app.flows.search_trail import search_trail
from app.flows.trail_page import TrailFound
from app.flows.view_case import view_case
from app.web.trail_sentences import SENTENCES
from audit.check import Checked
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys


@pytest.fixture
def signer(town, tmp_path: Path):
    public = create_signer_keys(tmp_path / "key", tmp_path / "state", name="test/log", at=town.at)

    def seal() -> None:
        files = SignerFiles(tmp_path / "key", SignerState(tmp_path / "state"))
        assert isinstance(seal_log(files, at=town.at, store=town.store), Signed)

    return public, seal


def look(town, signer, who="chief", **fields: object) -> TrailFound | NotFound:
    actor = getattr(town, who)
    return search_trail(TrailSearch(**fields), actor, log_keys=signer[0], **town.hands)


def ops(found: TrailFound | NotFound) -> list[str]:
    assert isinstance(found, TrailFound)
    return [row.entry.op for row in found.rows]


def test_everything_the_staff_has_done_is_found_newest_first(town, signer) -> None:
    case = town.case()
    note = town.note(case)
    town.case(town.sara, reference="A 2026/1")
    read_notes(case, [note], town.per, **town.hands)
    assert ops(look(town, signer))[:3] == ["note.not_found", "note.written", "case.started"]


def test_a_person_is_found_by_part_of_a_name_in_every_case_they_are_in(town, signer) -> None:
    town.case(name="Vera Exempelsson")
    other = town.case(name="Alva Provsson", reference="SN 2026/0002")
    town.note(other)
    found = look(town, signer, person="provsson alva")
    assert ops(found) == ["note.written", "case.started"]
    assert {row.entry.case_id for row in found.rows} == {other}


def test_a_person_of_another_organisation_is_not_found(town, signer) -> None:
    town.case(town.sara, name="Alva Provsson", reference="A 2026/1")
    assert ops(look(town, signer, person="Alva Provsson")) == []


def test_a_case_a_member_of_staff_and_an_act_narrow_together(town, signer) -> None:
    case = town.case()
    note = town.note(case)
    read_notes(case, [note], town.karin, **town.hands)
    town.case(town.per, reference="SN 2026/0002")
    karin = town.karin.staff_id
    assert ops(look(town, signer, reference="SN 2026/0001", staff_id=karin, act="read")) == [
        "note.read"
    ]
    assert ops(look(town, signer, reference="SN 2026/0001", staff_id=town.per.staff_id)) == []


def test_what_was_refused_is_found_by_its_result(town, signer) -> None:
    case = town.case()
    view_case(case, town.per, **town.hands)
    assert ops(look(town, signer, act="refused")) == ["case.not_found"]


def test_a_period_holds_its_first_instant_and_not_its_last(town, signer) -> None:
    town.case()
    at = town.at
    town.later(days=1)
    assert "case.started" in ops(look(town, signer, since=at, until=at + timedelta(seconds=1)))
    assert "case.started" not in ops(look(town, signer, since=at - timedelta(1), until=at))


def test_a_receipt_is_found_without_telling_who_gave_it(town, signer) -> None:
    case = town.case()
    sent = town.disclose(town.assessed(case, town.note(case)))
    assert isinstance(sent, Disclosed)
    town.later(minutes=5)
    from app.records.disclosure import disclosures_of_case

    with town.store.look(at=town.at) as tx:
        delivery = disclosures_of_case(tx, case)[0].delivery_id
    register_delivery(delivery, "A 2026/77", town.sara, **town.hands)
    signer[1]()
    found = look(town, signer)
    assert isinstance(found, TrailFound)
    receipt = found.rows[0]
    assert (receipt.entry.op, receipt.entry.organisation_id) == ("delivery.registered", "police")
    assert (receipt.receipt, receipt.entry.staff_id, dict(receipt.actor)) == (True, None, {})
    assert isinstance(receipt.check, Checked)
    assert receipt.entry.case_id == case
    assert "delivery.registered" not in ops(look(town, signer, staff_id=town.sara.staff_id))


def test_each_sealed_row_is_opened_and_verified_whatever_case_it_is_in(town, signer) -> None:
    for number in range(3):
        town.note(town.case(reference=f"SN 2026/000{number}"))
    signer[1]()
    found = look(town, signer)
    assert isinstance(found, TrailFound)
    cased = [row for row in found.rows if row.entry.case_id]
    assert len(cased) == 6
    assert all(isinstance(row.check, Checked) and row.actor for row in cased)


def test_acts_are_found_without_the_looks_at_lists_and_pages_among_them(town, signer) -> None:
    case = town.case()
    note = town.note(case)
    list_cases(town.karin, at=town.at, store=town.store, rings=town.rings)
    view_case(case, town.karin, **town.hands)
    view_case(case, town.sara, **town.hands)
    read_notes(case, (note,), town.karin, **town.hands)
    found = look(town, signer, act="acts")
    assert isinstance(found, TrailFound)
    ops = [row.entry.op for row in found.rows]
    assert {"note.read", "note.written", "case.started"} <= set(ops)
    assert not {"case.listed", "case.viewed", "trail.searched"} & set(ops)


def test_a_page_seen_by_an_emergency_opening_is_an_act_and_no_plain_look(town, signer) -> None:
    case = town.case()
    why = "Pojken är försvunnen och hans mamma är på väg hit."
    open_in_emergency("SN 2026/0001", why, town.per, token="", **town.hands)
    view_case(case, town.per, **town.hands)
    found = look(town, signer, act="acts")
    assert isinstance(found, TrailFound)
    assert ("case.viewed", "override") in [(row.entry.op, row.entry.res) for row in found.rows]


def test_every_look_left_out_is_a_kind_of_entry_and_opens_no_text() -> None:
    left_out = set(looks_left_out("acts"))
    opens_text = {"note.read", "note.versions_read", "delivery.opened", "approval.read"}
    assert left_out | opens_text <= SENTENCES.keys()
    assert not left_out & opens_text
    looks = {op for op in SENTENCES if op.endswith((".listed", ".viewed"))}
    assert looks <= left_out


def test_older_pages_go_on_where_the_last_one_ended(town, signer) -> None:
    for _ in range(PAGE + 10):
        list_cases(town.karin, at=town.at, store=town.store, rings=town.rings)
    first = look(town, signer, staff_id=town.karin.staff_id)
    assert isinstance(first, TrailFound)
    assert len(first.rows) == PAGE
    second = look(town, signer, staff_id=town.karin.staff_id, before=first.more)
    assert isinstance(second, TrailFound)
    assert (len(second.rows), second.more) == (10, None)
    assert first.rows[-1].entry.n > second.rows[0].entry.n


def test_the_look_is_an_entry_that_does_not_tell_what_was_searched_for(town, signer) -> None:
    town.case(name="Alva Provsson")
    look(town, signer, person="Alva Provsson", reference="SN 2026/0001")
    found = look(town, signer)
    assert isinstance(found, TrailFound)
    assert found.rows[0].entry.op == "trail.searched"
    assert found.rows[0].detail == {"entries": 1, "by": "person case"}
    with town.store.look(at=town.at) as tx:
        rows = tx.execute(sqlalchemy.text("SELECT entry FROM audit_leaf")).all()
    assert not any(b"Alva" in row.entry or b"SN 2026" in row.entry for row in rows)


@pytest.mark.parametrize("who", ["karin", "sara"])
def test_only_a_supervisor_looks(town, signer, who: str) -> None:
    assert isinstance(look(town, signer, who), NotFound)
    of = getattr(town, who).organisation_id
    assert town.ops(of)[-1] == "trail.search_refused"


def test_the_number_of_queries_does_not_grow(town, signer) -> None:
    def queries() -> int:
        seen: list[int] = []

        def count(*_: object) -> None:
            seen.append(1)

        sqlalchemy.event.listen(town.store.engine, "before_cursor_execute", count)
        try:
            look(town, signer, person="Exempelsson")
        finally:
            sqlalchemy.event.remove(town.store.engine, "before_cursor_execute", count)
        return len(seen)

    town.case()
    signer[1]()
    few = queries()
    for number in range(10):
        town.note(town.case(reference=f"SN 2026/100{number}"))
    signer[1]()
    assert queries() <= few + 1


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"person": "A"}, {"person"}),
        ({"since": "i går", "until": "2026-02-30"}, {"since", "until"}),
        ({"since": "2026-11-20", "until": "2026-11-19"}, {"until"}),
        ({"act": "everything"}, {"act"}),
        ({"person": "x" * 101}, {"person"}),
    ],
)
def test_what_cannot_be_searched_for_is_told(typed: dict[str, str], wrong: set[str]) -> None:
    problems = parse_trail_search(typed)
    assert isinstance(problems, tuple)
    assert {one.field for one in problems} == wrong


def test_a_day_is_a_day_in_sweden() -> None:
    search = parse_trail_search({"since": "2026-11-20", "until": "2026-11-20"})
    assert isinstance(search, TrailSearch)
    assert str(search.since) == "2026-11-19 23:00:00+00:00"
    assert str(search.until) == "2026-11-20 23:00:00+00:00"
