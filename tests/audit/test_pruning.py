"""Entries pruned below a minimum index: what remains is proved as before, and nothing else is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import stretch
from audit.__main__ import main
from audit.checkpoint import SigningKey
from audit.errors import EntryError, ExportError
from audit.export import write_export
from audit.log import stored_nodes
from audit.manifest import Manifest, parse_manifest
from audit.merkle import consistency_proof, inclusion_proof, root_at, verify_consistency
from audit.merkle import verify_inclusion as included
from audit.pruning import (
    CASE_GONE_OP,
    PRUNED,
    PRUNING_OP,
    Prunings,
    gone_detail,
    pruning_detail,
    read_gone,
    read_pruning,
)
from audit.receipt import make_receipt
from audit.report import Report
from audit.signer import (
    Refused,
    Signed,
    SignerState,
    create_signer,
    load_signing_key,
    sign_once,
)
from audit.verify import verify_export

ORGANISATIONS = ("org-sunne", "org-torsby")
KEPT = (7, 290)
"""Entries that tell of rules: they outlive every period, and are on no case."""
UNDER_NO_CASE: dict[int, Any] = {n: {"case": None} for n in KEPT}


def op_of(number: int) -> str:
    return "pack.activated" if number in KEPT else "note.read"


def prune(log: Any, kit: Any, below: int, *, say: int | None = None) -> list[int]:
    """Say that entries below the index go (or below another one: a lie), and let them go."""
    gone = [n for n in range(below) if n not in KEPT]
    told = {}
    for n in gone:
        about = kit.open(log.detail_rows[n, "object"]).value()
        if "case" in about:
            told[about["case"]] = (json.loads(log.leaf_rows[n].entry)["org"], about["k"])
    for place, org in enumerate(ORGANISATIONS):
        had = sum(
            json.loads(row.entry)["org"] == org for row in log.leaf_rows.values() if row.n < below
        )
        detail = pruning_detail(say or below, had, [n for n in gone if n < (say or below)])
        kit.write(log, 90_000 + place, op=PRUNING_OP, org=org, case=None, object={}, detail=detail)
    for place, (case, (org, counter)) in enumerate(sorted(told.items())):
        detail = gone_detail(counter)
        number = 91_000 + place
        kit.write(log, number, op=CASE_GONE_OP, org=org, case=case, object={}, detail=detail)
    for n in gone:
        log.leaf_rows[n] = replace(log.leaf_rows[n], entry=PRUNED)
        for name in ("actor", "object", "detail"):
            log.detail_rows.pop((n, name), None)
    log.pruned_below = below
    return gone


@pytest.fixture
def log(kit: Any, key: SigningKey) -> Any:
    """Six hundred entries of two organisations, sealed at three sizes."""
    made = kit.log()
    for number in range(600):
        org = ORGANISATIONS[number % 3 == 0]
        ours = number % 5 and number not in KEPT
        case = f"case-of-{org}-{number % 2}" if ours else None
        kit.write(made, number, org=org, case=case, op=op_of(number))
        if number in (99, 299, 599):
            kit.seal(made, key)
    return made


@pytest.fixture
def export(tmp_path: Path, kit: Any, key: SigningKey) -> Callable[..., Path]:
    def written(log: Any, name: str = "export", **options: Any) -> Path:
        kit.seal(log, key)
        given = {"opener": kit.open, "keys": [key.verifier]} | options
        write_export(log, tmp_path / name, **given)
        return tmp_path / name

    return written


def verify(folder: Path, key: SigningKey, **options: Any) -> Report:
    return verify_export(folder, [key.verifier], unvouched=True, **options)


def found(report: Report) -> set[tuple[str, int | None]]:
    return {(finding.kind, finding.index) for finding in report.findings}


def resealed(folder: Path, **changes: Any) -> None:
    """Write the manifest anew over what now lies in the folder: a forger who knows the format."""
    old = parse_manifest((folder / "manifest.json").read_bytes())
    parts = {name: getattr(old, name) for name in old.__dataclass_fields__} | changes
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"]
    parts["files"] = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }
    (folder / "manifest.json").write_bytes(Manifest(**parts).to_bytes())


def drop_lines(folder: Path, gone: set[int]) -> None:
    for name in ("entries.jsonl", "details.jsonl"):
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(x for x in lines if json.loads(x)["n"] not in gone))
    left = (folder / "entries.jsonl").read_bytes().splitlines()
    held = parse_manifest((folder / "manifest.json").read_bytes()).supporting
    resealed(folder, entries=len(left), supporting=tuple(n for n in held if n not in gone))


def test_roots_and_the_proofs_of_what_remains_are_as_before(log: Any, kit: Any) -> None:
    sizes = (1, 99, 100, 257, 300, 511, 600)
    roots = {size: root_at(size, stored_nodes(log)) for size in sizes}
    before = {n: inclusion_proof(n, 600, stored_nodes(log)) for n in (7, 300, 301, 599)}
    leaves = {n: log.leaf_rows[n].leaf_hash for n in before}
    prune(log, kit, 300)
    fetch = stored_nodes(log)
    assert {size: root_at(size, fetch) for size in sizes} == roots
    for n, path in before.items():
        assert inclusion_proof(n, 600, fetch) == path
        assert included(leaves[n], n, 600, path, roots[600])
    now = log.head().n
    for size in sizes:
        path = consistency_proof(size, now, fetch)
        assert verify_consistency(size, now, roots[size], root_at(now, fetch), path)


def test_the_whole_log_verifies_and_says_below_what_and_by_whom(
    log: Any, kit: Any, export: Any, key: SigningKey
) -> None:
    gone = prune(log, kit, 300)
    folder = export(log)
    report = verify(folder, key)
    assert report.findings == ()
    assert (report.minimum, report.pruned_by) == (300, 600)
    assert (report.counts.pruned, report.counts.entries) == (len(gone), 606 - len(gone))
    assert "pruned:   below 300, by entry 600: 298 entries" in report.words()
    assert (folder / "tile/entries/000").exists(), "entry 7 is kept, and so is its bundle"


def test_a_bundle_of_nothing_but_pruned_entries_is_left_out(
    kit: Any, export: Any, key: SigningKey
) -> None:
    made = kit.log()
    for number in range(1100):
        kit.write(made, number, op=op_of(number), **UNDER_NO_CASE.get(number, {}))
    prune(made, kit, 900)
    folder = export(made)
    assert sorted(path.name for path in (folder / "tile/entries").iterdir()) == [
        "000",
        "001",
        "003",
        "004.p",
    ]
    assert verify(folder, key).findings == ()


def test_several_processes_find_the_same(
    kit: Any, export: Any, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretch, "STRETCH", 256)
    monkeypatch.setattr("audit.verify.LEAST", 256)
    made = kit.log()
    for number in range(1100):
        kit.write(made, number, op=op_of(number), **UNDER_NO_CASE.get(number, {}))
    prune(made, kit, 900)
    folder = export(made)
    one, more = verify(folder, key), verify(folder, key, processes=2)
    assert one == more
    assert one.findings == ()
    assert one.minimum == 900
    resealed(folder, minimum=901)
    assert found(verify(folder, key, processes=2)) == {("edited", 900)}
    kit.write(made, 95_000, op=CASE_GONE_OP, object={}, detail=gone_detail(950))
    again = export(made, "again")
    one, more = verify(again, key), verify(again, key, processes=2)
    assert one == more
    assert found(more) == {("edited", made.head().n - 1)}


@pytest.mark.parametrize("of", ORGANISATIONS)
@pytest.mark.parametrize("scope", [{}, {"start": 50}, {"start": 310, "stop": 500}, {"stop": 200}])
def test_an_organisations_part_accounts_for_itself(
    log: Any, kit: Any, export: Any, key: SigningKey, of: str, scope: dict[str, int]
) -> None:
    prune(log, kit, 300)
    report = verify(export(log, kind="organisation", of=of, **scope), key)
    assert report.findings == ()
    needed = scope.get("start", 0) < 300
    assert report.minimum == (300 if needed else 0) or scope == {}


def test_a_cases_part_and_a_part_of_the_whole_account_for_themselves(
    log: Any, kit: Any, export: Any, key: SigningKey
) -> None:
    prune(log, kit, 300)
    case = export(log, "case", kind="case", of="case-of-org-sunne-1")
    assert verify(case, key).findings == ()
    assert verify(case, key).minimum == 300
    report = verify(export(log, "part", start=200, stop=400), key)
    assert report.findings == ()
    assert report.counts.pruned == 99


def test_nothing_from_the_minimum_on_can_be_left_out_as_if_it_had_been_pruned(
    log: Any, kit: Any, export: Any, key: SigningKey
) -> None:
    prune(log, kit, 300)
    folder = export(log, kind="organisation", of="org-sunne")
    entries = [json.loads(line) for line in (folder / "entries.jsonl").read_bytes().splitlines()]
    first = min(one["n"] for one in entries if one["n"] >= 300)
    drop_lines(folder, {first})
    assert ("missing", 291) in found(verify(folder, key)), "between 290, which is kept, and 302"


@pytest.mark.parametrize("last", [1, 2, 40])
def test_nor_can_the_first_entries_of_a_case_be_left_out_of_its_own_export(
    last: int, log: Any, kit: Any, export: Any, key: SigningKey
) -> None:
    prune(log, kit, 300)
    folder = export(log, kind="case", of="case-of-org-sunne-1")
    entries = [
        json.loads(line)["n"] for line in (folder / "entries.jsonl").read_bytes().splitlines()
    ]
    ours = [
        n
        for n in entries
        if n not in parse_manifest((folder / "manifest.json").read_bytes()).supporting
    ]
    drop_lines(folder, set(ours[:last]))
    assert found(verify(folder, key)) == {("missing", 0)}


def test_nor_can_what_the_case_says_of_itself_be_left_out(
    log: Any, kit: Any, export: Any, key: SigningKey
) -> None:
    prune(log, kit, 300)
    kit.write(log, 95_000, org="org-sunne", case="case-of-org-sunne-1")
    folder = export(log, kind="case", of="case-of-org-sunne-1", stop=500)
    assert verify(folder, key).findings == ()
    at = [
        n for n in range(602, 606) if f'"n":{n}'.encode() in (folder / "entries.jsonl").read_bytes()
    ]
    assert len(at) == 1, "after the scope, and there to prove something"
    drop_lines(folder, set(at))
    assert ("missing", 0) in found(verify(folder, key))


def test_a_case_that_says_more_is_gone_than_is_gone_is_found_where_it_is_still_there(
    log: Any, kit: Any, export: Any, key: SigningKey
) -> None:
    """Whoever writes to the log to hide entries of a case is seen by all who have those."""
    prune(log, kit, 300)
    told = {"op": CASE_GONE_OP, "object": {}, "detail": gone_detail(90)}
    lie = kit.write(log, 95_000, org="org-sunne", case="case-of-org-sunne-1", **told).n
    for name, scope in (
        ("whole", {}),
        ("organisation", {"kind": "organisation", "of": "org-sunne"}),
        ("case", {"kind": "case", "of": "case-of-org-sunne-1"}),
    ):
        assert ("edited", lie) in found(verify(export(log, name, **scope), key)), name


def test_a_later_period_needs_no_neighbour_that_was_pruned(
    kit: Any, export: Any, key: SigningKey
) -> None:
    made = kit.log()
    for number in range(60):
        late = number in (2, 4, 50)
        org, case = ("org-torsby", "case-2") if late else ("org-sunne", "case-1")
        kit.write(made, number, org=org, case=case)
    prune(made, kit, 30)
    for name, of in (("organisation", "org-torsby"), ("case", "case-2")):
        folder = export(made, name, kind=name, of=of, start=40, stop=60)
        assert verify(folder, key).findings == (), name


@pytest.mark.parametrize("detail", [{}, {"counter": "3"}, {"counter": -1}, {"counter": True}])
def test_what_a_case_says_of_itself_must_be_a_number(detail: dict[str, Any]) -> None:
    with pytest.raises(EntryError, match="needs a counter"):
        read_gone(5, detail)
    assert read_gone(5, gone_detail(9)) == 4, "it speaks of nothing from itself on"


def test_a_kept_entry_that_is_gone_is_missing(
    log: Any, kit: Any, export: Any, key: SigningKey
) -> None:
    prune(log, kit, 300)
    log.leaf_rows[290] = replace(log.leaf_rows[290], entry=PRUNED)
    report = verify(export(log), key)
    assert ("missing", 290) in found(report)
    assert "no pruning entry accounts for it" in report.words()


def test_an_entry_gone_without_any_pruning_is_missing(
    log: Any, export: Any, key: SigningKey
) -> None:
    log.leaf_rows[12] = replace(log.leaf_rows[12], entry=PRUNED)
    assert ("missing", 12) in found(verify(export(log), key))


def test_a_minimum_index_above_the_one_in_the_log_is_found(
    log: Any, kit: Any, export: Any, key: SigningKey
) -> None:
    prune(log, kit, 310, say=300)
    report = verify(export(log), key)
    assert {("edited", 300), ("missing", 300)} <= found(report)
    assert "entries below 310 were pruned, but the log says so below 300" in report.words()


def test_a_forged_minimum_index_in_an_export_is_found(
    log: Any, kit: Any, export: Any, key: SigningKey
) -> None:
    prune(log, kit, 300)
    folder = export(log, kind="organisation", of="org-torsby")
    resealed(folder, minimum=400)
    assert ("edited", 300) in found(verify(folder, key))


def test_a_pruning_entry_speaks_of_nothing_after_itself() -> None:
    one = read_pruning(20, "org", {"below": 90, "counter": 3, "pruned": [{"from": 0, "to": 80}]})
    assert (one.below, one.runs) == (20, ((0, 19),))


def test_what_several_pruning_entries_say_is_joined() -> None:
    prunings = Prunings()
    for at, below, runs in ((30, 20, range(10)), (40, 30, range(12, 25)), (50, 30, (10, 11))):
        prunings.add(read_pruning(at, "org", pruning_detail(below, below, runs)))
    assert (prunings.below, prunings.by, prunings.counter("org")) == (30, 40, 30)
    assert prunings.count(0, 100) == 25
    assert list(prunings.untold(5, 40)) == [(25, 40)]
    assert list(Prunings().untold(3, 5)) == [(3, 5)]


def test_the_signer_goes_on_and_one_that_begins_anew_does_too(
    log: Any, kit: Any, tmp_path: Path
) -> None:
    names = ("old", "new")
    for name in names:
        create_signer(tmp_path / name, tmp_path / f"{name}.state", name=f"{name}/l", at=kit.start)
    states = {name: SignerState(tmp_path / f"{name}.state") for name in names}
    keys = {name: load_signing_key(tmp_path / name) for name in names}
    assert isinstance(sign_once(log, states["old"], keys["old"], kit.start), Signed)
    prune(log, kit, 300)
    later = sign_once(log, states["old"], keys["old"], kit.start)
    anew = sign_once(log, states["new"], keys["new"], kit.start)
    assert isinstance(later, Signed)
    assert isinstance(anew, Signed)
    assert later.checkpoint.root == anew.checkpoint.root
    kit.write(log, 99_000)
    last = log.head().n - 1
    log.leaf_rows[last] = replace(log.leaf_rows[last], entry=PRUNED)
    log.pruned_below = 700
    refused = sign_once(log, states["old"], keys["old"], kit.start)
    assert isinstance(refused, Refused), "what was never signed is not pruned"
    assert (refused.reason, refused.index) == ("leaf-edited", last)


def test_no_receipt_is_made_of_a_pruned_entry(log: Any, kit: Any) -> None:
    before = make_receipt(log, 5, log.latest_checkpoint())
    prune(log, kit, 300)
    with pytest.raises(ExportError, match="entry 5 was pruned by decision"):
        make_receipt(log, 5, log.latest_checkpoint())
    assert make_receipt(log, 7, log.latest_checkpoint()).index == 7
    assert before.index == 5


def test_the_command_says_it(
    log: Any, kit: Any, export: Any, key: SigningKey, capsys: pytest.CaptureFixture[str]
) -> None:
    prune(log, kit, 300)
    folder = export(log)
    assert main(["verify", str(folder), "--key", key.verifier.text()]) == 0
    assert "pruned:   below 300, by entry 600" in capsys.readouterr().out
    assert main(["verify", str(folder), "--key", key.verifier.text(), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["minimum"], told["pruned_by"], told["counts"]["pruned"]) == (300, 600, 298)
