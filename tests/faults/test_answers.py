"""What a person meets when something fails: a clear page, nothing lost, nothing half done.

And what the log then holds: one entry about the failure, in a transaction of its own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from io import StringIO
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
import sqlalchemy

from app.records.errors import StoreFull
from app.records.note import note_version
from app.records.schema import all_tables
from policies import PackError
from tests.attacks.house import House, forms_in
from tests.attacks.story import PLAIN, Story

TYPED = "Det här skrev hon i tjugo minuter, och det ska inte gå förlorat."
NOT_OF_THE_ACT = {
    *("audit_leaf", "audit_detail", "audit_node", "audit_head", "audit_counter", "audit_view"),
}
LAST_SEEN = {"last_seen_at"}


@pytest.fixture
def story(house: House) -> Story:
    made = Story(house, lambda name: f"Ord om {name}")
    made.start_case()
    made.write_notes()
    return made


def _contents(house: House) -> dict[str, list[str]]:
    with house.opened.store.engine.connect() as connection:
        return {
            name: sorted(
                repr({k: v for k, v in row.items() if k not in LAST_SEEN})
                for row in connection.execute(sqlalchemy.select(table)).mappings()
            )
            for name, table in all_tables().tables.items()
            if name not in NOT_OF_THE_ACT
        }


def _acts(story: Story) -> dict[str, dict[str, str]]:
    """Forms of Karin's with something typed in each."""
    to_police = f"/anteckningar/{story.notes[0]}/lamna-ut/{story.house.organisations['polis']}"
    person = {"name": "Vilma Kvar", "protected": "no"}
    note = {**PLAIN, "described": story.young, "text": TYPED}
    return {
        "/arenden/nytt": {**person, "reference": "SN 2026/99"},
        f"/arenden/{story.case}/person": {**person, "relation": "sibling"},
        f"/arenden/{story.case}/anteckning": {**note, "title": "Vilma Kvar"},
        to_police: {
            name: TYPED if name.endswith(":reasons") else value
            for name, value in story.decision(again="1").items()
        },
        f"/anteckningar/{story.notes[0]}/ratta": {
            **note,
            "title": "Vilma Kvar",
            "seen_version": "2",
        },
    }


@contextmanager
def held(house: House) -> Iterator[None]:
    """Somebody else has what every act needs."""
    url = house.opened.store.engine.url
    if url.get_backend_name() == "sqlite":
        other = sqlite3.connect(str(url.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()
        return
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as holder:
        holder.execute("SELECT n FROM audit_head FOR UPDATE")
        yield
        holder.rollback()


def _sent_again(house: House, path: str, page: str) -> int:
    """Presses the button on the page that was answered, with what it carries."""
    fields = next(fields for action, fields in forms_in(page) if action == path)
    karin = house.as_("karin")
    sent: dict[str, Any] = {name: unescape(value) for name, value in fields}
    return karin.post(path, sent).status_code


def test_a_locked_database_is_503_with_what_was_typed_and_one_press_tries_again(
    story: Story,
) -> None:
    house, karin = story.house, story.house.as_("karin")
    for path, fields in _acts(story).items():
        before, entries = _contents(house), len(house.entries())
        with held(house):
            answer = karin.post(path, fields)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 503, path
        assert "upptagen" in page
        for typed in {"Vilma Kvar", TYPED} & set(fields.values()):
            assert typed in unescape(page), path
        assert _contents(house) == before
        assert len(house.entries()) == entries
        assert _sent_again(house, path, page) == 303, path


def test_a_locked_database_is_503_for_who_only_reads(story: Story) -> None:
    house, karin = story.house, story.house.as_("karin")
    with held(house):
        for path in ("/", f"/arenden/{story.case}", "/samtycken", "/inkommet"):
            answer = karin.get(path)
            assert answer.status_code == 503, path
            assert "Ord om" not in answer.get_data(as_text=True)
        opened = karin.post(f"/arenden/{story.case}/las", {"note": story.notes})
        assert opened.status_code == 503
        assert "Ord om" not in opened.get_data(as_text=True)
    assert karin.get("/").status_code == 200


def test_without_room_it_is_503_and_nothing_is_shown_or_kept(
    story: Story, operator_log: StringIO
) -> None:
    house, karin = story.house, story.house.as_("karin")
    before, entries = _contents(house), len(house.entries())
    with patch("app.records.transaction.append_events", side_effect=StoreFull("no room")):
        for path, fields in _acts(story).items():
            answer = karin.post(path, fields)
            page = answer.get_data(as_text=True)
            assert answer.status_code == 503, path
            assert "inte plats" in page
            assert set(fields.values()) & {"Vilma Kvar", TYPED} <= _whole(page)
        read = karin.post(f"/arenden/{story.case}/las", {"note": story.notes})
        assert read.status_code == 503
        assert "Ord om" not in read.get_data(as_text=True)
    assert _contents(house) == before
    assert len(house.entries()) == entries
    told = [json.loads(line) for line in operator_log.getvalue().splitlines()]
    assert sum(line["event"] == "fault_not_recorded" for line in told) == len(_acts(story)) + 1
    for path, fields in _acts(story).items():
        assert karin.post(path, fields).status_code == 303, path


def _whole(page: str) -> set[str]:
    return {typed for typed in ("Vilma Kvar", TYPED) if typed in unescape(page)}


FLOWS = {
    "app.flows.write_note.insert_version": "/arenden/{case}/anteckning",
    "app.flows.write_note.remember_done": "/arenden/{case}/anteckning",
    "app.flows.start_case.insert_person": "/arenden/nytt",
    "app.flows.add_person.insert_person": "/arenden/{case}/person",
    "app.flows.disclose_note.insert_delivery": "/anteckningar/{note}/lamna-ut/{police}",
    "app.flows.disclose_note.insert_disclosure": "/anteckningar/{note}/lamna-ut/{police}",
    "app.flows.disclose_note.keep_assessments": "/anteckningar/{note}/lamna-ut/{police}",
}


def test_a_fault_inside_an_act_leaves_one_entry_about_it_and_nothing_else(
    story: Story, operator_log: StringIO
) -> None:
    house, karin = story.house, story.house.as_("karin")
    names = {
        "case": story.case,
        "note": story.notes[0],
        "police": house.organisations["polis"],
    }
    for place, path in FLOWS.items():
        path = path.format(**names)
        before, began = _contents(house), len(house.entries())
        with patch(place, side_effect=RuntimeError(TYPED)):
            answer = karin.post(path, _acts(story)[path])
        page = answer.get_data(as_text=True)
        assert answer.status_code == 500, place
        assert _contents(house) == before, place
        # Considering a disclosure comes before deciding it, and is an act of its own.
        new = [e for e in house.entries()[began:] if e.op != "disclosure.considered"]
        assert [(e.op, e.res) for e in new] == [("request.failed", "error")], place
        assert new[0].staff_id == house.staff["karin"]
        number = next(line for line in page.splitlines() if "Felets nummer" in line)
        assert _told(operator_log, number), place
        assert "RuntimeError" not in page
        assert TYPED not in operator_log.getvalue()
        assert _sent_again(house, path, page) == 303, place


def _told(log: StringIO, line: str) -> bool:
    """The number on the page is the one in the operator's log."""
    faults = [json.loads(one) for one in log.getvalue().splitlines() if '"fault"' in one]
    return any(fault.get("fault_id") and fault["fault_id"] in line for fault in faults)


def test_a_broken_seal_shows_nothing_and_is_told(story: Story, operator_log: StringIO) -> None:
    house, karin = story.house, story.house.as_("karin")
    with house.opened.store.engine.begin() as connection:
        for part in ("head", "body"):
            columns = (note_version.c.note_id, note_version.c.version, note_version.c[part])
            held = connection.execute(sqlalchemy.select(*columns)).all()
            for (note, version, _), (_, _, other) in zip(held, held[1:] + held[:1], strict=True):
                connection.execute(
                    note_version.update()
                    .where(note_version.c.note_id == note, note_version.c.version == version)
                    .values({part: other})
                )
    began = len(house.entries())
    asked = [
        karin.get(f"/arenden/{story.case}"),
        karin.post(f"/arenden/{story.case}/las", {"note": story.notes}),
        karin.post(f"/anteckningar/{story.notes[0]}/versioner"),
    ]
    for answer in asked:
        page = answer.get_data(as_text=True)
        assert answer.status_code == 500
        assert "Något gick fel" in page
        assert "Ord om" not in page
    new = house.entries()[began:]
    assert [(entry.op, entry.res) for entry in new] == [("request.failed", "error")] * len(asked)
    assert '"fault": "SealBroken"' in operator_log.getvalue()


def test_without_the_law_nothing_leaves_and_the_page_says_so(story: Story) -> None:
    house, karin = story.house, story.house.as_("karin")
    before = _contents(house)
    to_police = f"/anteckningar/{story.notes[0]}/lamna-ut/{house.organisations['polis']}"
    with patch("app.flows.consider_disclosure.decide_note", side_effect=PackError([])):
        answer = karin.post(to_police, story.decision())
    assert answer.status_code == 503
    assert "Reglerna kan inte läsas" in answer.get_data(as_text=True)
    assert _contents(house) == before
