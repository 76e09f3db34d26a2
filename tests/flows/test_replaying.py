"""A decision replayed from what was sealed, with the pack of its day, is the same to the byte."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy

from app.flows import replay_decision as module
from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.install import Operator
from app.flows.keep_pack import keep_pack
from app.flows.replay_decision import NotReplayed, Replayed, replay_decision
from app.keys import SealBroken
from app.records.disclosure import disclosure
from app.records.pack_activation import pack_activation, pack_in_use
from app.records.refusal import refusal
from app.records.rule_pack import rule_pack
from policies import decide, load, pack_contents
from tests.flows.town import Town

RISK = "risk_of_crime"
NEVER = "01a207a2-0000-7000-8000-000000000000"


def operator(town: Town) -> Operator:
    return Operator(name="tester", ring=town.rings.current("installation"))


def decided(town: Town, reference: str = "SN 2026/0001") -> str:
    case = town.case(reference=reference)
    made = town.disclose(town.assessed(case, town.note(case)))
    assert isinstance(made, Disclosed)
    return made.disclosure_id


def replay(town: Town, decision: str) -> Replayed | NotReplayed:
    return replay_decision(decision, operator(town), at=town.at, store=town.store, rings=town.rings)


def test_the_same_bytes_come_out_and_the_replay_is_an_entry_on_the_case(town: Town) -> None:
    outcome = replay(town, decided(town))
    assert isinstance(outcome, Replayed)
    assert outcome.identical
    assert outcome.pack == town.law.sha256
    assert outcome.outcomes == ("may",)
    assert (town.ops()[-1], town.entries()[-1].res) == ("decision.replayed", "allow")


@pytest.fixture
def refused(town: Town, last_detail: Callable[[str], Mapping[str, Any]]) -> str:
    """The id of a refusal by the law, as its entry in the log tells it."""
    case = town.case()
    note = town.note(case)
    outcome = town.disclose(town.order(note, answers={RISK: "no"}, about=town.subject_of(case)))
    assert isinstance(outcome, NotDisclosed)
    return str(last_detail(case)["refusal"])


def test_a_refusal_is_decided_again_to_the_same_bytes(town: Town, refused: str) -> None:
    outcome = replay(town, refused)
    assert isinstance(outcome, Replayed)
    assert (outcome.identical, outcome.outcomes) == (True, ("needs",))
    assert (town.ops()[-1], town.entries()[-1].res) == ("decision.replayed", "allow")


@pytest.mark.parametrize("column", ["facts", "decision"])
def test_what_a_refusal_rests_on_is_sealed_for_it_alone(
    town: Town, refused: str, column: str
) -> None:
    """Facts and answer moved from a disclosure in the same case open nowhere else."""
    with town.store.engine.begin() as connection:
        row = connection.execute(sqlalchemy.select(refusal)).one()
        for word in (b"Vera", RISK.encode(), b"needs"):
            assert word not in row.facts + row.decision
    note, case = row.note_id, row.case_id
    town.later(seconds=1)
    assert isinstance(town.disclose(town.assessed(case, note)), Disclosed)
    with town.store.engine.begin() as connection:
        other = connection.execute(sqlalchemy.select(disclosure)).one()
        connection.execute(sqlalchemy.update(refusal).values({column: getattr(other, column)}))
    with pytest.raises(SealBroken):
        replay(town, refused)


def test_nothing_is_kept_of_a_refusal_that_never_reached_the_law(town: Town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case), version=2)
    outcome = town.disclose(order)
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "newer_version"
    with town.store.engine.begin() as connection:
        assert connection.execute(sqlalchemy.select(refusal)).all() == []


def test_a_pack_is_kept_once(town: Town) -> None:
    assert not keep_pack(town.law, pack_contents(), operator(town), at=town.at, store=town.store), (
        "the installation began with it"
    )


def test_it_is_the_pack_of_its_day_that_decides_and_not_the_one_in_use(
    town: Town, tmp_path: Path
) -> None:
    """The note is decided by a pack that has since become another."""
    for name, data in pack_contents().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    manifest = tmp_path / "pack.toml"
    manifest.write_text(manifest.read_text() + "\n# A later day.\n")
    first = decided(town)
    older = town.take_in_use(tmp_path)
    decision = decided(town, "SN 2026/0002")
    assert older.sha256 != load().sha256
    outcome = replay(town, decision)
    assert isinstance(outcome, Replayed)
    assert (outcome.identical, outcome.pack) == (True, older.sha256)
    outcome = replay(town, first)
    assert isinstance(outcome, Replayed)
    assert (outcome.identical, outcome.pack) == (True, load().sha256)


def test_a_pack_that_is_not_kept_is_told(town: Town) -> None:
    decision = decided(town)
    with town.store.engine.begin() as connection:
        for table in (pack_in_use, pack_activation, rule_pack):
            connection.execute(sqlalchemy.delete(table))
    assert replay(town, decision) == NotReplayed("pack_missing", town.law.sha256)
    assert town.entries()[-1].res == "deny"


@pytest.mark.parametrize("kept", [b"", b"no pack", zlib.compress(b"[1, 2]"), zlib.compress(b"{}")])
def test_what_is_no_pack_at_all_is_told(town: Town, kept: bytes) -> None:
    decision = decided(town)
    with town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.update(rule_pack).values(content=kept))
    assert replay(town, decision) == NotReplayed("pack_damaged", town.law.sha256)


def test_a_kept_pack_that_has_been_changed_is_told(town: Town) -> None:
    decision = decided(town)
    files = pack_contents()
    files["roles.toml"] += b"\n# Changed in the database.\n"
    with town.store.engine.begin() as connection:
        text = json.dumps({name: data.decode() for name, data in files.items()})
        connection.execute(
            sqlalchemy.update(rule_pack).values(content=zlib.compress(text.encode()))
        )
    assert replay(town, decision) == NotReplayed("pack_damaged", town.law.sha256)


def test_what_differs_is_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    decision = decided(town)
    monkeypatch.setattr(
        module, "decide", lambda law, facts: replaced(decide(law, facts), outcome="none")
    )
    outcome = replay(town, decision)
    assert isinstance(outcome, Replayed)
    assert outcome.differences == ("person 1: outcome",)


def replaced(decision, **changes: object):  # type: ignore[no-untyped-def]
    return msgspec.structs.replace(decision, **changes)


def test_a_decision_that_never_was_is_told(town: Town) -> None:
    assert replay(town, NEVER) == NotReplayed("unknown")


def test_replaying_again_gives_the_same_because_it_changes_nothing(town: Town) -> None:
    decision = decided(town)
    first = replay(town, decision)
    second = replay(town, decision)
    assert first == second
