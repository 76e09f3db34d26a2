"""A compliance export: two persons, one verified zip, nothing left out, nothing that may not be."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
import sqlalchemy
from sqlalchemy.exc import IntegrityError

from app.domain.actor import Actor
from app.domain.export_terms import ExportTerms
from app.domain.ids import new_id
from app.flows import work_export as working
from app.flows.export_orders import (
    Decided,
    ExportOrdered,
    ExportPage,
    NotDecided,
    NotOrdered,
    decide_export,
    list_exports,
    order_export,
    view_export,
)
from app.flows.fetch_export import Fetched, NotReady, fetch_export
from app.flows.not_found import NotFound
from app.flows.seal_log import seal_log
from app.flows.work_export import (
    WITNESS_SECONDS,
    ExportReady,
    Gathering,
    NothingToDo,
    WaitingForSeal,
    Worker,
    work_export,
)
from app.keys import event_sealer
from app.records.audit_log import erase_details
from app.records.export_job import export_job
from app.records.rule_pack import rule_pack
from app.web.told_sentences import told_sentence
from audit.canonical import canonical
from audit.cosignature import ED25519, new_cosigning_key
from audit.entry import ERASURE_OP, Event, erasure_detail
from audit.manifest import parse_manifest
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys
from audit.verify import verify_export
from audit.witnessing import WitnessAt, Witnesses
from audit.zipped import as_folder
from policies.reading import hash_of_files
from tests.flows.packs import reworded
from tests.flows.town import Town

WHOLE = ExportTerms(
    kind="organisation",
    case_id=None,
    day_from=None,
    day_until=None,
    recipient="Granskare AB",
    purpose="Årlig granskning",
)


@dataclass
class Desk:
    """Two people at the same office, and a worker in the cellar."""

    town: Town
    orders: Actor
    releases: Actor
    worker: Worker
    seal: Callable[[], None]

    def order(self, terms: ExportTerms = WHOLE, actor: Actor | None = None, token: str = "") -> str:
        made = order_export(terms, actor or self.orders, token=token, **self.town.hands)
        assert isinstance(made, ExportOrdered)
        return made.job_ids[0]

    def release(self, job: str, actor: Actor | None = None) -> object:
        return decide_export(job, "released", actor or self.releases, **self.town.hands)

    def step(self, job: str) -> object:
        return work_export("soc", job, self.worker, at=self.town.at)

    def make(self, terms: ExportTerms = WHOLE) -> str:
        return self.finish(self.order(terms))

    def finish(self, job: str) -> str:
        assert self.release(job) == Decided("released")
        while isinstance(self.step(job), Gathering):
            pass
        self.seal()
        assert isinstance(self.step(job), ExportReady)
        return job

    def fetch(self, job: str, actor: Actor | None = None) -> bytes:
        got = fetch_export(job, actor or self.orders, **self.town.hands)
        assert isinstance(got, Fetched)
        return got.data


@pytest.fixture
def desk(town: Town, tmp_path: Path) -> Desk:
    return a_desk(town, tmp_path)


def a_desk(town: Town, tmp_path: Path) -> Desk:
    """The desk of a town, with its signer's files and the worker's in the folder."""
    folder = tmp_path / "signer"
    folder.mkdir()
    public = create_signer_keys(
        folder / "key", folder / "state", name="test.example/log", at=town.at
    )
    files = SignerFiles(folder / "key", SignerState(folder / "state"))

    def seal() -> None:
        assert isinstance(seal_log(files, at=town.at, store=town.store), Signed)

    worker = Worker(
        actor={"operator": "tester"},
        store=town.store,
        rings=town.rings,
        law=town.law,
        tell=told_sentence,
        log_keys=public,
        state=tmp_path / "state",
        print_pdf=lambda page: b"%PDF stands in for " + page.encode(),
    )
    return Desk(town, town.chief, town.officer, worker, seal)


@pytest.fixture
def busy(town: Town) -> str:
    return a_busy_case(town)


def a_busy_case(town: Town) -> str:
    """A case with a note told to the police, a refusal and a consent; and another's case."""
    case = town.case()
    note = town.note(case, text="HEMLIG TEXT")
    town.disclose(town.order(note))
    town.disclose(town.assessed(case, note))
    town.consent(case, "school")
    town.case(town.sara, name="Någon Annanstans", reference="A 2026/1")
    return case


def verified(data: bytes, desk: Desk, tmp_path: Path) -> Any:
    path = tmp_path / "got.zip"
    path.write_bytes(data)
    with as_folder(path) as folder:
        report = verify_export(folder, desk.worker.log_keys)
    assert report.verified, report.words()
    return report


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[f"contents/{name}.jsonl"].splitlines()]


def decided(files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """The one disclosure and the one refusal."""
    found = rows(files, "decisions")
    assert len(found) == 2
    return {row["decision"]: row for row in found}


def test_an_export_of_the_organisation_verifies_and_leaves_nothing_out(
    desk: Desk, busy: str, tmp_path: Path
) -> None:
    data = desk.fetch(desk.make())
    report = verified(data, desk, tmp_path)
    assert (report.scope.kind, report.scope.of) == ("organisation", "soc")
    files = unzipped(data)
    before = [one for one in desk.town.entries() if one.n < report.scope.stop]
    assert [row["n"] for row in rows(files, "entries")] == [one.n for one in before]
    assert files["contents/report.pdf"].startswith(b"%PDF")


def test_an_export_of_a_case_verifies_and_holds_only_the_case(
    desk: Desk, busy: str, tmp_path: Path
) -> None:
    desk.town.note(desk.town.case(reference="SN 2026/0002"))
    data = desk.fetch(desk.make(replace(WHOLE, kind="case", case_id=busy)))
    assert verified(data, desk, tmp_path).scope.of == busy
    assert {row["case"] for row in rows(unzipped(data), "entries")} == {"SN 2026/0001"}


def test_an_order_for_a_subject_becomes_one_export_for_each_case(
    desk: Desk, busy: str, tmp_path: Path
) -> None:
    """Each case has a row of its own for the person, and each export names all of them."""
    other = desk.town.case(name="vera  exempelsson", reference="SN 2026/0002")
    namesake = desk.town.case(born=date(2011, 1, 2), reference="SN 2026/0003")
    sister = desk.town.case(name="Maj Exempelsson", reference="SN 2026/0004")
    made = order_export(
        replace(WHOLE, kind="subject", case_id=busy), desk.orders, token="", **desk.town.hands
    )
    assert isinstance(made, ExportOrdered)
    assert len(made.job_ids) == 2
    for job, case in zip(made.job_ids, (busy, other), strict=True):
        data = desk.fetch(desk.finish(job))
        report = verified(data, desk, tmp_path)
        assert report.scope.of == case
        printed = unzipped(data)["contents/report.pdf"].decode()
        assert "En av 2 exporter av samma beställning" in printed
        assert report.order.cases == (busy, other)
        assert "together: one of 2 exports, a case each: " in report.words()
        assert not {namesake, sister} & set(report.order.cases)


def test_whoever_orders_is_told_that_a_name_alone_finds_no_other_case(desk: Desk) -> None:
    """A number or a day of birth is needed; what is about a namesake must not come along."""
    known = desk.town.case()
    unknown, other = (
        desk.town.case(name="Okänd Ung", born=None, reference=f"SN 2026/{n}") for n in (8, 9)
    )
    for case, only_named in ((known, False), (unknown, True), (other, True)):
        made = order_export(
            replace(WHOLE, kind="subject", case_id=case), desk.orders, token="", **desk.town.hands
        )
        assert isinstance(made, ExportOrdered)
        assert (len(made.job_ids), made.only_named) == (1, only_named)


def test_decisions_have_grounds_and_assessments(desk: Desk, busy: str) -> None:
    files = unzipped(desk.fetch(desk.make(replace(WHOLE, reasons_shown=True))))
    decision = decided(files)["disclosed"]
    assert decision["grounds"] == ["P-18a"]
    assert "10 kap. 18 a §" in decision["provisions"]
    assert decision["law_answered"][0]["outcome"] == "may"
    answers = [row for row in rows(files, "assessments") if row["kind"] == "assessment"]
    assert {row["reasons"] for row in answers} == {"Därför att."}
    assert [row["recipient"] for row in rows(files, "consents")] == ["school"]
    used = json.loads(files["contents/rules.json"])
    assert set(used["used"]) == {desk.town.law.sha256}
    assert f"contents/rules/{desk.town.law.sha256}/rules/permissions.toml" in files


def test_every_pack_that_decided_is_there_whole_and_not_the_one_that_comes_along(
    desk: Desk, busy: str, tmp_path: Path
) -> None:
    town, first = desk.town, desk.town.law
    (tmp_path / "other").mkdir()
    for name, data in reworded().items():
        (tmp_path / "other" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "other" / name).write_bytes(data)
    second = town.take_in_use(tmp_path / "other")
    case = town.case(reference="SN 2026/0777")
    town.disclose(town.assessed(case, town.note(case)))
    files = unzipped(desk.fetch(desk.make()))
    used = json.loads(files["contents/rules.json"])
    assert set(used["used"]) == {first.sha256, second.sha256}
    assert used["not_held"] == []
    for law in (first, second):
        under = f"contents/rules/{law.sha256}/"
        held = {name.removeprefix(under): data for name, data in files.items() if under in name}
        assert hash_of_files(held) == law.sha256


def test_a_pack_that_is_not_what_its_hash_says_is_not_handed_out(desk: Desk, busy: str) -> None:
    with desk.town.store.engine.begin() as connection:
        connection.execute(sqlalchemy.update(rule_pack).values(content=b"not a pack"))
    files = unzipped(desk.fetch(desk.make()))
    assert json.loads(files["contents/rules.json"])["not_held"] == [desk.town.law.sha256]
    assert not any(name.startswith("contents/rules/") for name in files)


@pytest.mark.parametrize("shown", [True, False])
def test_staff_and_reasons_are_shown_only_if_ordered(desk: Desk, busy: str, shown: bool) -> None:
    terms = replace(WHOLE, staff_named=shown, reasons_shown=shown)
    files = unzipped(desk.fetch(desk.make(terms)))
    told = b"".join(data for name, data in files.items() if name != "contents/about.json")
    assert (desk.town.karin.staff_id.encode() in told) is shown
    assert (b"Karin Holm" in told) is shown
    assert ("Därför att.".encode() in told) is shown


def test_no_note_no_name_and_nothing_of_another_organisation(desk: Desk, busy: str) -> None:
    told = b"".join(unzipped(desk.fetch(desk.make())).values())
    for word in ("HEMLIG TEXT", "Vera", "Exempelsson", "Hembesök", "Annanstans", "A 2026/1"):
        assert word.encode() not in told


def test_whoever_ordered_cannot_release(desk: Desk) -> None:
    job = desk.order(actor=desk.releases)
    assert desk.release(job, desk.releases) == NotDecided("own_order")
    assert isinstance(desk.step(job), NothingToDo)
    assert desk.town.ops()[-1] == "export.decision_refused"


def test_the_database_refuses_it_too(desk: Desk) -> None:
    job = desk.order()
    with pytest.raises(IntegrityError), desk.town.store.engine.begin() as connection:
        connection.execute(
            export_job.update()
            .where(export_job.c.id == job)
            .values(decided_by=desk.orders.staff_id, state="released")
        )


@pytest.mark.parametrize("who", ["karin", "sara"])
def test_others_neither_order_nor_see_nor_release(desk: Desk, who: str) -> None:
    actor = getattr(desk.town, who)
    job = desk.order()
    hands = desk.town.hands
    assert isinstance(order_export(WHOLE, actor, token="", **hands), NotFound)
    assert isinstance(list_exports(actor, **hands), NotFound)
    assert isinstance(view_export(job, actor, **hands), NotFound)
    assert isinstance(desk.release(job, actor), NotFound)
    assert isinstance(fetch_export(job, actor, **hands), NotFound)


def test_whoever_orders_without_releasing_cannot_release_another_ones(desk: Desk) -> None:
    assert isinstance(desk.release(desk.order(actor=desk.releases), desk.orders), NotFound)


def test_it_is_decided_once(desk: Desk) -> None:
    job = desk.order()
    assert decide_export(
        job, "refused", desk.releases, reason="För vitt", **desk.town.hands
    ) == Decided("refused")
    assert desk.release(job) == NotDecided("decided_already")
    assert isinstance(desk.step(job), NothingToDo)


def test_nothing_can_be_fetched_before_it_is_ready(desk: Desk) -> None:
    job = desk.order()
    desk.release(job)
    assert isinstance(fetch_export(job, desk.orders, **desk.town.hands), NotReady)
    assert desk.town.ops()[-1] == "export.fetch_refused"


def test_it_waits_half_a_minute_for_witnesses_and_no_longer(desk: Desk, busy: str) -> None:
    nobody = new_cosigning_key("karlstad.example/w", ED25519).verifier
    asked = Witnesses((WitnessAt("http://127.0.0.1:9", nobody),), 1)
    desk.worker = replace(desk.worker, witnesses=asked)
    job = desk.order()
    desk.release(job)
    while isinstance(desk.step(job), Gathering):
        pass
    desk.seal()
    assert isinstance(desk.step(job), WaitingForSeal)
    later = desk.town.at + timedelta(seconds=WITNESS_SECONDS)
    assert isinstance(work_export("soc", job, desk.worker, at=later), ExportReady)


def test_it_waits_for_the_signer(desk: Desk, busy: str) -> None:
    job = desk.order()
    desk.release(job)
    while isinstance(desk.step(job), Gathering):
        pass
    assert isinstance(desk.step(job), WaitingForSeal)
    desk.seal()
    assert isinstance(desk.step(job), ExportReady)
    assert isinstance(desk.step(job), NothingToDo)


def test_what_was_broken_off_goes_on_where_it_was(
    desk: Desk, busy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "STRETCH", 3)
    job = desk.order()
    desk.release(job)
    first = desk.step(job)
    assert isinstance(first, Gathering)
    page = view_export(job, desk.orders, **desk.town.hands)
    assert isinstance(page, ExportPage)
    assert (page.done, page.total) == (3, first.total)
    with monkeypatch.context() as broken:
        broken.setattr(working, "packed", lambda rows: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            desk.step(job)
    while isinstance(desk.step(job), Gathering):
        pass
    desk.seal()
    desk.step(job)
    data = desk.fetch(job)
    report = verified(data, desk, tmp_path)
    assert len(rows(unzipped(data), "entries")) == first.total
    assert report.scope.stop > first.total


def test_what_was_erased_meanwhile_is_gathered_and_vouched_for_anew(
    desk: Desk, busy: str, tmp_path: Path
) -> None:
    job = desk.order()
    desk.release(job)
    while isinstance(desk.step(job), Gathering):
        pass
    gone = next(one for one in desk.town.entries() if one.op == "note.written")
    erase(desk, gone.n)
    desk.seal()
    begun = desk.step(job)
    assert isinstance(begun, Gathering)
    assert (begun.done, begun.total > 0) == (0, True)
    assert desk.town.ops()[-1] == "export.begun_again"
    while isinstance(desk.step(job), Gathering):
        pass
    desk.seal()
    assert isinstance(desk.step(job), ExportReady)
    report = verified(desk.fetch(job), desk, tmp_path)
    assert report.counts.erased == 1


def erase(desk: Desk, n: int) -> None:
    """As a purge does, with the entry that accounts for it."""
    town = desk.town
    with town.store.begin(at=town.at) as tx:
        erase_details(tx, [n], ["detail"])
        event = Event(
            id=new_id(town.at),
            op=ERASURE_OP,
            res="allow",
            org="soc",
            actor={"operator": "tester"},
            object={},
            detail=erasure_detail({n: ("detail",)}),
        )
        tx.record(event, sealer=event_sealer(town.rings.current("soc"), None))


def test_details_withheld_and_tables_taken_away_afterwards_are_seen(
    desk: Desk, busy: str, tmp_path: Path
) -> None:
    """What somebody does who passes the zip on; the forgeries one by one are in tests/audit."""
    whole = unzipped(desk.fetch(desk.make()))
    for name, forged in _forgeries(whole).items():
        folder = tmp_path / name
        for path, data in forged.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        report = verify_export(folder, desk.worker.log_keys)
        assert not report.verified, name


def _forgeries(whole: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    manifest = parse_manifest(whole["manifest.json"])
    lines = [json.loads(line) for line in whole["details.jsonl"].splitlines()]
    shown = next(n for n, line in enumerate(lines) if line["f"] == "detail" and "d" in line)
    hidden = {"f": "detail", "n": lines[shown]["n"], "why": "withheld"}
    withheld = b"".join(
        canonical(hidden if n == shown else line, limit=100_000) + b"\n"
        for n, line in enumerate(lines)
    )
    last = manifest.supporting[-1]
    without: dict[str, bytes] = {
        name: data for name, data in whole.items() if not name.startswith("contents")
    }
    for name in ("entries.jsonl", "details.jsonl"):
        kept = [line for line in whole[name].splitlines(True) if json.loads(line)["n"] != last]
        without[name] = b"".join(kept)
    fewer = {"entries": manifest.entries - 1, "supporting": manifest.supporting[:-1]}
    return {
        "withheld": _anew({**whole, "details.jsonl": withheld}),
        "taken": _anew(without, **fewer),
    }


def _anew(files: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    """With a manifest that fits."""
    old = parse_manifest(files["manifest.json"])
    hashes = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in files.items()
        if name != "manifest.json"
    }
    changed: Any = {"files": hashes, **changes}
    return {**files, "manifest.json": replace(old, **changed).to_bytes()}


def test_nothing_is_left_in_clear_on_the_disk(desk: Desk, busy: str) -> None:
    desk.make()
    assert list((desk.worker.state / "exports").iterdir()) == []


def test_a_file_for_a_key_is_opened_by_that_key_alone(
    desk: Desk, busy: str, tmp_path: Path
) -> None:
    mine, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    data = desk.fetch(desk.make(replace(WHOLE, age_key=str(mine.to_public()))))
    assert not zipfile.is_zipfile(io.BytesIO(data))
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data, [other])
    verified(pyrage.decrypt(data, [mine]), desk, tmp_path)


def test_a_key_that_is_none_is_refused(desk: Desk) -> None:
    terms = replace(WHOLE, age_key="age1" + "q" * 58)
    assert isinstance(order_export(terms, desk.orders, token="", **desk.town.hands), NotOrdered)


def test_every_step_is_an_entry(desk: Desk) -> None:
    desk.fetch(desk.make())
    told = [op for op in desk.town.ops() if op.startswith("export.")]
    assert told == [
        "export.ordered",
        "export.released",
        "export.written",
        "export.finished",
        "export.fetched",
    ]


def test_a_form_sent_twice_orders_once(desk: Desk) -> None:
    assert desk.order(token="a" * 36) == desk.order(token="a" * 36)
    assert desk.town.ops()[-1] == "export.order_repeated"


def test_a_period_holds_its_days_and_proves_its_ends(desk: Desk, busy: str, tmp_path: Path) -> None:
    desk.town.later(days=3)
    desk.town.note(busy, title="Senare")
    day = desk.town.at.date()
    data = desk.fetch(desk.make(replace(WHOLE, day_from=day, day_until=day)))
    report = verified(data, desk, tmp_path)
    assert report.scope.start > 0
    found = rows(unzipped(data), "entries")
    assert {row["time"][:10] for row in found} == {day.isoformat()}
    assert "note.written" in {row["act"] for row in found}


def test_a_row_taken_out_of_a_table_is_seen(desk: Desk, busy: str, tmp_path: Path) -> None:
    files = unzipped(desk.fetch(desk.make()))
    lines = files["contents/entries.csv"].splitlines(keepends=True)
    files["contents/entries.csv"] = b"".join(lines[:2] + lines[3:])
    folder = tmp_path / "changed"
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    report = verify_export(folder, desk.worker.log_keys)
    assert not report.verified
    assert "contents/entries.csv" in {one.where for one in report.findings}


def test_tables_say_the_same_in_both_forms(desk: Desk, busy: str) -> None:
    files = unzipped(desk.fetch(desk.make()))
    text = files["contents/entries.csv"].decode("utf-8-sig")
    as_csv = list(csv.DictReader(io.StringIO(text)))
    assert [row["n"] for row in as_csv] == [str(row["n"]) for row in rows(files, "entries")]
