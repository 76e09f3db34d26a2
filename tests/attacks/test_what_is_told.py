"""Each kind of thing that the log must hold is done, and looked for in the log.

A list's entry tells how many were shown, and no entry tells what was searched for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from app.domain.ids import INSTALLATION
from app.domain.retention import CasePeriod, Retention
from app.flows.open_details import opened_only
from app.flows.purge import Purged, PurgeReleased, plan_purge, purge
from app.main import web_application
from app.records.audit_log import details_at
from app.records.audit_view import SeenEntry
from audit.canonical import Json
from tests.attacks.house import PASSWORD, House
from tests.attacks.story import PLAIN, Story

THE_LIST = {
    "making note text available": {
        *("note.read", "note.versions_read", "delivery.opened", "approval.read", "note.disclosed"),
    },
    "a list": {
        *("case.listed", "case.viewed", "consent.listed", "delivery.listed", "trail.listed"),
        *("export.listed", "emergency.listed", "emergency.seen", "signal.listed", "team.viewed"),
        *("delegation.listed", "decision.listed", "register.viewed", "approval.listed"),
    },
    "a search": {"case.searched", "trail.searched"},
    "a change": {
        *("case.started", "person.added", "person.corrected", "note.written", "note.corrected"),
        *("organisation.added", "staff.added", "role.granted", "delegation.granted"),
        *("approval.asked", "approval.refused", "team.let_in", "team.taken_out"),
        *("person.protection_lowering_asked", "person.protection_lowered"),
        "password.changed",
    },
    "a consent event": {"consent.recorded", "consent.withdrawn"},
    "a disclosure": {"note.disclosed", "disclosure.considered"},
    "a delivery": {"delivery.viewed", "delivery.registered", "delivery.filed", "delivery.stopped"},
    "a refusal": {
        *("note.disclosure_refused", "case.not_found", "note.not_found", "case.start_refused"),
    },
    "a fault": {"request.failed"},
    "an override": {"emergency.asked", "emergency.opened"},
    "an export": {"export.ordered", "export.released", "export.viewed"},
    "signing in, its failure and out": {
        *("session.signed_in", "session.sign_in_refused", "session.signed_out"),
    },
    "a key": {"installation.opened", "organisation.added", "log.keys_changed"},
    "the rule pack in use": {"pack.kept", "pack.first_activated"},
    "a change of configuration": {"installation.configured"},
    "an erasure": {"purge.planned", "case.erased", "details.erased"},
    "a review": {
        *("trail.reviewed", "emergency.reviewed", "round.drawn", "round.answered", "round.viewed"),
    },
}
# What names the number of those shown, where it is not `count`.
COUNTS = {
    "case.viewed": "titles",
    "trail.searched": "entries",
    "approval.listed": "waiting",
    "trail.reviewed": "entries",
}
SEARCHED = ("Ord om young name", "SN 2026/4839201")


@dataclass(frozen=True)
class Told:
    """One entry, with those of its details that its organisation's own key opens."""

    entry: SeenEntry
    detail: dict[str, Json]


def _do_the_rest(story: Story) -> None:
    """What the story leaves out."""
    house, case = story.house, story.at("case")
    chef, karin, jonas, ombud = (house.as_(name) for name in ("chef", "karin", "jonas", "ombud"))
    for path in ("/delegation", "/delegation/beslut", "/utlamnanderegister"):
        chef.see(path)
    for path in ("/loggkontroll/signaler", "/loggkontroll/nodoppningar", "/loggkontroll/logg"):
        chef.see(path)
    for field, word in zip(("person", "reference"), SEARCHED, strict=True):
        assert chef.post("/loggkontroll/logg", {field: word}).status_code == 200
    karin.see("/godkannanden")
    jonas.see("/nodoppning")
    asked = {"reference": story.reference, "reason": "Det kunde inte vänta till i morgon."}
    asked["understood"] = "yes"
    assert jonas.post("/nodoppning", asked).status_code == 303
    ombud.get("/arenden/nytt")
    karin.get(f"/anteckningar/{story.delivery}/ratta")
    chef.see(f"{case}/arendegrupp")
    for fields in ({"colleague": house.staff["jonas"]}, {"take_out": house.staff["jonas"]}):
        assert chef.post(f"{case}/arendegrupp", fields).status_code == 303
        if "colleague" in fields:
            _take_mark_away(story)
    opening = next(e for e in house.entries() if e.op == "emergency.opened")
    judged = {"verdict": "justified", "remark": "Det var rätt gjort."}
    judged["opening"] = _opening_of(house, opening)
    assert chef.post("/loggkontroll/nodoppningar", judged).status_code == 303
    with patch("app.flows.write_note.insert_version", side_effect=RuntimeError("a fault")):
        fields = {"title": "Titel", "text": "Text", "described": story.young}
        assert karin.post(f"{case}/anteckning", fields | PLAIN).status_code == 500
    house.new_browser().sign_in("karin", "fel lösenord helt och hållet")
    new = "elva gula grisar dansar fort"
    secret = {"old_password": PASSWORD, "new_password": new, "repeated_password": new}
    assert jonas.post("/losenord", secret).status_code == 303
    assert karin.post(f"{case}/avsluta", {"state": "closed"}).status_code == 303
    karin.post("/logga-ut")
    _erase(house, case.rsplit("/", 1)[-1])


def _take_mark_away(story: Story) -> None:
    """A person is marked as protected by one, and is not any more by two."""
    karin, jonas = (story.house.as_(name) for name in ("karin", "jonas"))
    person = f"{story.at('case')}/person/{story.sibling}"
    marked = {"name": "Ord om sibling", "born": "2011-02-04", "protected": "yes"}
    assert karin.post(person, marked).status_code == 303
    asked = {"lowered_to": "no", "reason": "Skatteverket sade att det har upphört."}
    assert karin.post(f"{person}/skydd", asked).status_code == 303
    (lowering,) = re.findall(r'name="lowering" value="([^"]+)"', jonas.see(f"{person}/skydd"))
    done = {"lowering": lowering, "outcome": "lowered"}
    assert jonas.post(f"{person}/skydd", done).status_code == 303


def _erase(house: House, case: str) -> None:
    """Erase the case, which is closed, when its period has run out."""
    house.later(days=6 * 365)
    periods = Retention(cases=(CasePeriod(kind="SOC", years=5, basis="a decision"),))
    operator = house.opened.operator("tester")
    hands: Any = {"at": house.at, "store": house.opened.store}
    hands["rings"] = house.opened.rings
    plan = plan_purge(periods, operator, **hands)
    assert [one.case.id for one in plan.cases] == [case]
    released = PurgeReleased(plan.code, "a proposal")
    assert purge(released, periods, operator, **hands) == Purged(1, 0)


def _opening_of(house: House, entry: SeenEntry) -> str:
    with house.opened.store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id, audit_id FROM emergency_opening").all()
    return str(next(row[0] for row in rows if row[1] == entry.id))


def _everything(house: House) -> list[Told]:
    told = []
    for organisation in (*house.organisations.values(), INSTALLATION):
        ring = house.opened.rings.current(organisation)
        entries = house.entries(organisation)
        with house.opened.store.look(at=house.at) as tx:
            rows = details_at(tx, [entry.n for entry in entries])
        for entry in entries:
            opened = opened_only(rows[entry.n], ring, {}).get("detail")
            told.append(Told(entry, dict(opened.value()) if opened else {}))
    return told


@pytest.fixture
def story(house: House) -> Story:
    made = Story(house, lambda name: f"Ord om {name}").tell()
    _do_the_rest(made)
    return made


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_kind_of_thing_in_the_list_is_in_the_log(story: Story) -> None:
    told = _everything(story.house)
    seen = {one.entry.op for one in told}
    missing = {kind: ops - seen for kind, ops in THE_LIST.items() if ops - seen}
    assert missing == {}
    results = {one.entry.op: one.entry.res for one in told}
    assert all(results[op] == "deny" for op in THE_LIST["a refusal"])
    assert all(results[op] == "override" for op in THE_LIST["an override"])
    lists = [
        one
        for one in told
        if one.entry.op in THE_LIST["a list"] | THE_LIST["a search"] and one.entry.res == "allow"
    ]
    # The details of a case's own entries are under the case's key, which this test leaves closed.
    counted = {one.entry.op for one in lists if one.entry.case_id is None}
    assert len(counted) > 10
    for one in lists:
        if one.entry.case_id is None:
            assert isinstance(one.detail[COUNTS.get(one.entry.op, "count")], int), one.entry.op
    searches = [one.detail for one in told if one.entry.op == "trail.searched"]
    assert [one["by"] for one in searches[-len(SEARCHED) :]] == ["person", "case"]
    assert not any(word in repr(searches) for word in SEARCHED)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_first_start_with_other_settings_is_told_once_and_without_passwords(
    house: House,
) -> None:
    def starts() -> list[dict[str, Json]]:
        told = [one for one in _everything(house) if one.entry.op == "installation.configured"]
        return [one.detail for one in told]

    web_application(house.opened)
    assert len(starts()) == 1
    service = msgspec.structs.replace(house.opened.config.service, open_question=True)
    config = msgspec.structs.replace(house.opened.config, service=service)
    storage = msgspec.structs.replace(config.storage, owner="postgresql+psycopg://o:hemlig@/sluss")
    changed = msgspec.structs.replace(config, storage=storage)
    for _ in range(2):
        web_application(replace(house.opened, config=changed))
    first, second = starts()
    assert second["changed"] == "service.open_question, storage.owner"
    assert "hemlig" not in repr((first, second))
