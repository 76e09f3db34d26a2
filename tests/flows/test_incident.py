"""The incident pack: who, what, which persons, three drafts; nobody written about is named."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.ids import INSTALLATION
from app.flows.incident_pack import IncidentOrder, NoPack, PackMade, make_incident_pack
from app.flows.install import Operator
from app.flows.read_notes import read_notes
from app.flows.receive_delivery import DeliveryOpened, list_deliveries, open_delivery
from tests.flows.town import AT, Town


def make(town: Town, folder: Path, **changes: object) -> PackMade | NoPack:
    asked: dict[str, object] = {
        "since": AT - timedelta(days=1),
        "before": AT + timedelta(days=1),
        "organisation_id": None,
        "folder": folder,
    }
    return make_incident_pack(
        IncidentOrder(**(asked | changes)),  # type: ignore[arg-type]
        Operator(name="tester", ring=town.rings.current(INSTALLATION)),
        at=town.at,
        store=town.store,
        rings=town.rings,
        progress=lambda done, total: None,
    )


def table(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / name).read_text("utf-8-sig"))))


@pytest.fixture
def busy(town: Town) -> str:
    case = town.case()
    note = town.note(case, text="HEMLIG TEXT")
    read_notes(case, [note], town.karin, **town.hands)
    town.disclose(town.order(note))
    town.disclose(town.assessed(case, note))
    return case


def test_it_tells_who_did_what_to_whom(town: Town, busy: str, tmp_path: Path) -> None:
    made = make(town, tmp_path / "pack", organisation_id="soc")
    assert isinstance(made, PackMade)
    karin = next(
        row for row in table(made.folder, "who.csv") if row["staff_id"] == town.karin.staff_id
    )
    assert karin["staff"] == "Karin Holm, handläggare"
    assert (karin["readings"], karin["disclosures"], karin["refused"]) == ("1", "1", "1")
    [about] = table(made.folder, "persons.csv")
    assert (about["case"], about["person_ids"]) == ("SN 2026/0001", town.subject_of(busy))
    acts = [json.loads(line) for line in (made.folder / "acts.jsonl").read_text().splitlines()]
    assert len(acts) == made.entries == len(town.entries())
    assert {row["act"] for row in table(made.folder, "what.csv")} == set(town.ops())


def test_three_drafts_are_filled_in_with_what_the_log_knows(
    town: Town, busy: str, tmp_path: Path
) -> None:
    made = make(town, tmp_path / "pack", organisation_id="soc")
    assert isinstance(made, PackMade)
    drafts = sorted(path.name for path in made.folder.glob("*.txt"))
    assert [name[:1] for name in drafts] == ["1", "2", "3"]
    for name in drafts:
        text = (made.folder / name).read_text()
        assert f"Poster i loggen:              {made.entries}" in text
        assert "Läsningar av texter:          1" in text
        assert "  - socialnamnden" in text


def test_what_was_opened_before_it_was_in_any_case_tells_whom_it_was_about(
    town: Town, busy: str, tmp_path: Path
) -> None:
    town.later(minutes=10)
    [arrived] = list_deliveries(town.sara, **town.hands)
    town.later(days=3)
    since = town.at
    opened = open_delivery(arrived.id, town.sara, **town.hands)
    assert isinstance(opened, DeliveryOpened)
    made = make(town, tmp_path / "pack", since=since, before=since + timedelta(hours=1))
    assert isinstance(made, PackMade)
    [about] = table(made.folder, "persons.csv")
    assert (about["case"], about["person_ids"]) == ("SN 2026/0001", town.subject_of(busy))
    assert (about["acts"], about["readings"], about["others"]) == ("1", "1", "1")
    assert made.persons == 1


def test_nobody_who_is_written_about_is_named(town: Town, busy: str, tmp_path: Path) -> None:
    make(town, tmp_path / "pack")
    told = "".join(path.read_text() for path in (tmp_path / "pack").iterdir())
    for word in ("Vera", "Exempelsson", "HEMLIG", "Hembesök", "Därför att."):
        assert word not in told


def test_it_holds_its_window_and_no_more(town: Town, busy: str, tmp_path: Path) -> None:
    town.later(days=5)
    town.note(busy)
    start = town.at - timedelta(hours=1)
    made = make(town, tmp_path / "pack", since=start, before=start + timedelta(hours=2))
    assert isinstance(made, PackMade)
    acts = [row["act"] for row in table(made.folder, "what.csv")]
    assert acts == ["incident.pack_made", "note.written"]


def test_a_window_with_nothing_in_it_is_told_as_empty(town: Town, tmp_path: Path) -> None:
    made = make(town, tmp_path / "pack", since=AT - timedelta(9), before=AT - timedelta(8))
    assert isinstance(made, PackMade)
    assert (made.entries, made.persons) == (0, 0)


def test_it_is_never_written_over_another(town: Town, tmp_path: Path) -> None:
    make(town, tmp_path / "pack")
    assert isinstance(make(town, tmp_path / "pack"), NoPack)


def test_an_unknown_organisation_is_told(town: Town, tmp_path: Path) -> None:
    outcome = make(town, tmp_path / "pack", organisation_id="nowhere")
    assert isinstance(outcome, NoPack)
    assert not (tmp_path / "pack").exists()
    assert town.ops(INSTALLATION)[-1] == "incident.pack_refused"


def test_making_it_is_an_entry(town: Town, tmp_path: Path) -> None:
    make(town, tmp_path / "pack")
    assert town.ops(INSTALLATION)[-1] == "incident.pack_made"
