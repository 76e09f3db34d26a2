"""The supervisor's trail: what happened, in the right order, each row checked."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy

from app.flows.export_trail import ExportOrder, export_trail
from app.flows.not_found import NotFound
from app.flows.read_notes import read_notes
from app.flows.review_trail import Trail, list_trails, review_trail
from app.flows.seal_log import seal_log
from audit.check import Checked, NotChecked
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys
from audit.verify import verify_export


@pytest.fixture
def signer(town, tmp_path: Path):
    folder = tmp_path / "signer"
    folder.mkdir()
    public = create_signer_keys(
        folder / "key", folder / "state", name="test.example/log", at=town.at
    )
    files = SignerFiles(folder / "key", SignerState(folder / "state"))

    def seal() -> None:
        assert isinstance(seal_log(files, at=town.at, store=town.store), Signed)

    return public, seal


def _trail(town, case, public) -> Trail:
    trail = review_trail(case, town.chief, log_keys=public, **town.hands)
    assert isinstance(trail, Trail)
    return trail


def test_the_trail_tells_what_was_done_newest_first(town, signer) -> None:
    case = town.case()
    note = town.note(case)
    read_notes(case, [note], town.karin, **town.hands)
    town.disclose(town.order(note))
    trail = _trail(town, case, signer[0])
    assert [row.entry.op for row in trail.rows] == [
        "note.disclosure_refused",
        "note.read",
        "note.written",
        "case.started",
    ]
    assert trail.rows[0].detail["recipient"] == "police"
    assert trail.staff[town.karin.staff_id].name == "Karin Holm"


def test_nothing_is_verified_before_the_log_is_sealed(town, signer) -> None:
    case = town.case()
    assert [row.check for row in _trail(town, case, signer[0]).rows] == [
        NotChecked("not-sealed-yet")
    ]


def test_every_sealed_row_is_verified(town, signer) -> None:
    public, seal = signer
    case = town.case()
    for _ in range(5):
        town.note(case)
    seal()
    trail = _trail(town, case, public)
    assert len(trail.rows) == 6
    assert all(isinstance(row.check, Checked) for row in trail.rows)


def test_a_changed_detail_loses_its_check_mark(town, signer) -> None:
    public, seal = signer
    case = town.case()
    town.note(case)
    seal()
    with town.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("UPDATE audit_detail SET body = :body WHERE field = 'detail'"),
            {"body": bytes(200)},
        )
    trail = _trail(town, case, public)
    assert {getattr(row.check, "reason", "") for row in trail.rows} == {"detail-missing"}


def test_the_look_at_the_trail_is_itself_in_the_trail(town, signer) -> None:
    case = town.case()
    _trail(town, case, signer[0])
    assert _trail(town, case, signer[0]).rows[0].entry.op == "trail.reviewed"


@pytest.mark.parametrize("who", ["karin", "sara"])
def test_only_a_supervisor_of_the_organisation_reviews(town, signer, who: str) -> None:
    case = town.case()
    actor = getattr(town, who)
    outcome = review_trail(case, actor, log_keys=signer[0], **town.hands)
    assert isinstance(outcome, NotFound)


def test_the_supervisor_chooses_among_their_own_organisations_cases(town) -> None:
    case = town.case()
    town.case(town.sara, reference="A 2026/1")
    assert [one.id for one in list_trails(town.chief, **town.hands).cases] == [case]


def test_the_number_of_queries_does_not_grow_with_the_trail(town, signer) -> None:
    public, seal = signer
    case = town.case()

    def queries() -> int:
        seen = []
        engine = town.store.engine

        def count(*args: object) -> None:
            seen.append(1)

        sqlalchemy.event.listen(engine, "before_cursor_execute", count)
        try:
            _trail(town, case, public)
        finally:
            sqlalchemy.event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    town.note(case)
    seal()
    few = queries()
    for _ in range(20):
        town.note(case)
    seal()
    assert queries() <= few + 1


def test_an_export_of_the_trail_is_made_and_told(town, signer, tmp_path: Path) -> None:
    public, seal = signer
    case = town.case()
    town.note(case)
    order = ExportOrder(case_id=case, folder=tmp_path / "export", recipient="JO", purpose="tillsyn")
    officer = town.chief
    made = export_trail(order, officer, seal=seal, log_keys=public, **town.hands)
    assert not isinstance(made, NotFound)
    assert made.entries >= 3
    report = verify_export(order.folder, public)
    assert report.verified, report.words()
    assert (report.order.recipient, report.order.purpose) == ("JO", "tillsyn")
    assert _trail(town, case, public).rows[0].entry.op == "trail.exported"
