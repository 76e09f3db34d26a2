"""The pack in use: found by every process from the next request on, and vouched for by its hash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy

import policies
from app.flows.active_law import TRIED_AGAIN_AFTER, ActiveLaw, LawInUse
from app.flows.disclose_note import Disclosed, NotDisclosed
from app.flows.happened import happened
from app.flows.install import Operator
from app.flows.keep_pack import activate_first_pack
from app.flows.restore_pack import NotRestored, Restored, restore_pack
from app.keys import event_sealer
from app.records.pack_activation import pack_activation, pack_in_use
from app.records.rule_pack import rule_pack
from policies import load, pack_contents
from tests.flows.town import Town, operator_of


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The same rules under another hash."""
    folder = tmp_path / "other"
    shutil.copytree(Path(policies.__file__).parent, folder)
    manifest = folder / "pack.toml"
    manifest.write_text(manifest.read_text() + "\n# A later day.\n")
    return folder


def damage(town: Town) -> None:
    with town.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.update(rule_pack)
            .where(rule_pack.c.sha256 != load().sha256)
            .values(content=b"not a pack")
        )


def test_the_installation_begins_with_an_activation_that_is_in_the_log(town: Town) -> None:
    assert town.ops("installation").count("pack.first_activated") == 1
    operator = Operator(name="tester", ring=town.rings.current("installation"))
    assert not activate_first_pack(
        town.law, pack_contents(), operator, at=town.at, store=town.store
    ), "it begins once"


def test_a_pack_activated_elsewhere_is_the_law_from_the_next_request_on(
    town: Town, other: Path
) -> None:
    mine = ActiveLaw(town.store, town.law)
    assert mine.now(town.at) == LawInUse(town.law)
    activated = town.take_in_use(other)
    found = mine.now(town.at)
    assert found.usable
    assert found.law.sha256 == activated.sha256
    assert mine.now(town.at).law is found.law, "and it is loaded once"


def test_what_is_prepared_is_prepared_anew_for_each_pack(town: Town, other: Path) -> None:
    seen: list[str] = []

    def prepare(law: policies.Law) -> policies.Law:
        seen.append(law.sha256)
        return law

    mine = ActiveLaw(town.store, town.law, prepare=prepare)
    mine.now(town.at)
    activated = town.take_in_use(other)
    mine.now(town.at)
    assert seen == [load().sha256, activated.sha256]


def test_a_damaged_pack_is_no_law_and_is_told(town: Town, other: Path) -> None:
    told: list[str] = []
    activated = town.take_in_use(other)
    damage(town)
    found = ActiveLaw(town.store, load(), tell=told.append).now(town.at)
    assert (found.why, found.law.sha256) == ("damaged", load().sha256)
    assert len(told) == 1
    assert activated.sha256 in told[0]


def test_a_kept_pack_with_one_byte_more_is_no_law(town: Town, other: Path) -> None:
    from app.flows.keep_pack import keep_pack

    activated = town.take_in_use(other)
    operator = Operator(name="tester", ring=town.rings.current("installation"))
    with town.store.engine.begin() as connection:
        kept = connection.execute(
            sqlalchemy.select(rule_pack.c.content).where(rule_pack.c.sha256 == load().sha256)
        ).scalar_one()
        connection.execute(
            sqlalchemy.update(rule_pack)
            .where(rule_pack.c.sha256 == activated.sha256)
            .values(content=kept)
        )
    assert ActiveLaw(town.store, load()).now(town.at).why == "damaged"
    assert not keep_pack(activated, pack_contents(other), operator, at=town.at, store=town.store), (
        "what is kept under a hash is not written over by a start"
    )


def test_a_pack_that_is_brought_back_is_the_law_again_after_a_while(
    town: Town, other: Path
) -> None:
    town.take_in_use(other)
    with town.store.engine.begin() as connection:
        kept = connection.execute(
            sqlalchemy.select(rule_pack.c.content).where(rule_pack.c.sha256 == town.law.sha256)
        ).scalar_one()
    damage(town)
    mine = ActiveLaw(town.store, load())
    assert not mine.now(town.at).usable
    with town.store.engine.begin() as connection:
        connection.execute(
            sqlalchemy.update(rule_pack)
            .where(rule_pack.c.sha256 == town.law.sha256)
            .values(content=kept)
        )
    assert not mine.now(town.at).usable, "it is not tried again at every request"
    assert mine.now(town.at + TRIED_AGAIN_AFTER).usable


def test_where_no_pack_is_activated_there_is_no_law(town: Town) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    with town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.delete(pack_in_use))
        connection.execute(sqlalchemy.delete(pack_activation))
    assert ActiveLaw(town.store, town.law).now(town.at).why == "none"
    outcome = town.disclose(order)
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "pack_not_in_use"


def test_a_process_that_still_has_the_pack_before_discloses_nothing(
    town: Town, other: Path
) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    before = town.law
    activated = town.take_in_use(other)
    town.law = before
    outcome = town.disclose(order)
    assert isinstance(outcome, NotDisclosed)
    assert (outcome.reason, town.entries()[-1].res) == ("pack_not_in_use", "deny")
    town.law = activated
    assert isinstance(town.disclose(order), Disclosed)


def test_notes_are_written_while_the_law_cannot_be_asked(town: Town, other: Path) -> None:
    town.take_in_use(other)
    damage(town)
    town.law = ActiveLaw(town.store, load()).now(town.at).law
    case = town.case()
    note = town.note(case)
    outcome = town.disclose(town.assessed(case, note))
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "pack_not_in_use"


def test_a_pack_put_in_place_without_an_entry_is_no_law(town: Town, other: Path) -> None:
    """Its files are whole, and nobody has activated it."""
    case = town.case()
    order = town.assessed(case, town.note(case))
    first = town.law
    town.take_in_use(other)
    told: list[str] = []
    with town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.update(pack_in_use).values(sha256=first.sha256))
    found = ActiveLaw(town.store, load(), tell=told.append).now(town.at)
    assert found.why == "untold"
    assert "the log does not tell" in told[0]
    town.law = first
    outcome = town.disclose(order)
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "pack_not_in_use"


@pytest.mark.parametrize("op", ["note.written", "pack.proposed"])
def test_an_entry_of_another_kind_vouches_for_no_pack(town: Town, op: str) -> None:
    case = town.case()
    order = town.assessed(case, town.note(case))
    event = happened(op, "allow", town.karin, at=town.at, pack=town.law.sha256)
    with town.store.begin(at=town.at) as tx:
        tx.record(event, sealer=event_sealer(town.rings.current("soc"), None))
    with town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.update(pack_in_use).values(audit_id=event.id))
    outcome = town.disclose(order)
    assert isinstance(outcome, NotDisclosed)
    assert outcome.reason == "pack_not_in_use"


def test_a_damaged_pack_is_put_back_by_files_that_have_its_hash(town: Town, other: Path) -> None:
    activated = town.take_in_use(other)
    damage(town)
    mine = ActiveLaw(town.store, load())
    assert not mine.now(town.at).usable
    operator = operator_of(town)
    outcome = restore_pack(pack_contents(other), operator, at=town.at, store=town.store)
    assert outcome == Restored(activated.sha256)
    assert mine.now(town.at + TRIED_AGAIN_AFTER).law.sha256 == activated.sha256
    assert town.entries("installation")[-1].op == "pack.restored"


def test_no_other_files_can_be_put_in_its_place(town: Town, other: Path) -> None:
    town.take_in_use(other)
    damage(town)
    contents = pack_contents(other)
    contents["roles.toml"] += b"\n"
    outcome = restore_pack(contents, operator_of(town), at=town.at, store=town.store)
    assert isinstance(outcome, NotRestored)
    assert town.entries("installation")[-1].res == "deny"
    assert not ActiveLaw(town.store, load()).now(town.at).usable
